import { type CatalogueEntry, candidateUnits, catalogue, isShared } from '../../../domain/catalogue.js';
import type { Distribution, Role } from '../../../domain/inventory.js';
import { shellWord } from '../../ssh/quote.js';
import { type Asked, type Said, type SaidBy, Unread } from './node-check.js';

/** What systemd says of one unit. */
export interface UnitState {
  /** Its own name, where it was asked for by an alias. */
  id: string;
  /** loaded, not-found, masked, bad-setting, ... */
  load: string;
  active: string;
  sub: string;
  /** Why it failed: exit-code, signal, timeout, ...; empty of what has none, such as a target. */
  result: string;
  /** enabled, disabled, static, masked, ...; empty where systemd does not know, as of what init scripts are made into. */
  file: string;
  /** It does its work and is gone, and is none the worse for it. */
  isFleeting: boolean;
  triggeredBy: readonly string[];
}

/** The states of a node's units, by the names that they were asked for. */
export interface UnitStates {
  /** The units of an entry that are there, each once, under the names that the catalogue has for this node. */
  of(entry: CatalogueEntry): UnitState[];
  /** True where a socket waits for the unit and starts it when it is needed. */
  isWaitedFor(unit: UnitState): boolean;
}

const PROPERTIES = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'UnitFileState',
  'Type',
  'RemainAfterExit',
  'TriggeredBy',
];

/** What may be on a node: the same for all of its roles and its distribution. */
interface Expected {
  /** Every entry that belongs there, with the names that it may have. */
  names: ReadonlyMap<CatalogueEntry, readonly string[]>;
  all: readonly string[];
  /** What asks for the states of all. */
  lines: string;
}

const SOCKETS = '-- active sockets --';

/** By the site's own unit names, which all of its nodes share, and what else they depend on. */
const expected = new WeakMap<Asked['settings']['units'], Map<string, Expected>>();

function expectedOn({ settings: { units, distribution, roles } }: Asked): Expected {
  const ofSite = expected.get(units) ?? new Map<string, Expected>();
  expected.set(units, ofSite);
  const kind = [distribution, ...roles].join(' ');
  const known = ofSite.get(kind) ?? unitsOf(roles, units, distribution);
  ofSite.set(kind, known);
  return known;
}

function unitsOf(roles: readonly Role[], units: Asked['settings']['units'], distribution?: Distribution): Expected {
  const entries = [...catalogue.values()].filter((entry) => entry.roles.some((role) => roles.includes(role)));
  const names = new Map(entries.map((entry) => [entry, candidateUnits(entry, units[entry.id] ?? [], distribution)]));
  const all = [...new Set([...names.values()].flat())];
  const lines = `at_most 8 systemctl show --no-pager -p ${PROPERTIES.join(',')} -- ${all.map(shellWord).join(' ')} || return
echo '${SOCKETS}'
at_most 4 systemctl list-units --type=socket --state=active --no-legend --no-pager --plain`;
  return { names, all, lines };
}

/** Every entry that belongs on a node of these roles. */
export const entriesOf = (asked: Asked): CatalogueEntry[] => [...expectedOn(asked).names.keys()];

export const unitStates = {
  name: 'unit_states',
  lines: (asked: Asked): string => expectedOn(asked).lines,
};

/** Most checks of a node look at its units: what systemd printed is read once. */
const known = new WeakMap<Said, UnitStates>();

/** What systemd printed, of any version from 219 on, which leaves out properties that are empty. */
export function readUnitStates(said: SaidBy, asked: Asked): UnitStates {
  const answer = said(unitStates);
  const states = known.get(answer) ?? statesIn(answer, asked);
  known.set(answer, states);
  return states;
}

function statesIn(answer: Said, asked: Asked): UnitStates {
  const { names, all } = expectedOn(asked);
  const { shown, sockets } = parsed(answer, asked.node);
  const blocks = shown.trim().split(/\n\n+/);
  if (blocks.length !== all.length) throw silent(asked.node);
  const there = new Map<string, UnitState>();
  for (const [index, name] of all.entries()) {
    const block = blocks[index] as string;
    if (!NOT_FOUND.test(block)) there.set(name, stateOf(block));
  }
  return {
    of: (entry) => {
      const ofEntry = (names.get(entry) ?? []).flatMap((name) => there.get(name) ?? []);
      return ofEntry.filter((one, index) => ofEntry.findIndex(({ id }) => id === one.id) === index);
    },
    isWaitedFor: ({ triggeredBy }) => triggeredBy.some((socket) => sockets.has(socket)),
  };
}

/** Most names are those of other distributions. */
const NOT_FOUND = /^LoadState=not-found$/m;

function parsed({ text, exitCode }: Said, node: string): { shown: string; sockets: Set<string | undefined> } {
  const [shown = '', list] = text.split(`${SOCKETS}\n`);
  if (list === undefined && (exitCode !== 0 || !text.endsWith(SOCKETS))) throw silent(node);
  // A dot stands before units that are not well, in versions that do not know --plain.
  const lines = (list ?? '').split('\n').map((line) => line.trim().replace(/^[^\w-]\s+/, ''));
  return { shown: shown.replace(SOCKETS, ''), sockets: new Set(lines.map((line) => line.split(/\s/)[0])) };
}

const silent = (node: string): Unread =>
  new Unread(
    `systemd on ${node} did not tell the states of its units`,
    'systemctl list-units',
    `log in to ${node} and see whether \`systemctl is-system-running\` answers`,
  );

function stateOf(block: string): UnitState {
  const lines = `\n${block}\n`;
  const text = (name: string): string => {
    const at = lines.indexOf(`\n${name}=`);
    if (at === -1) return '';
    const from = at + name.length + 2;
    return lines.slice(from, lines.indexOf('\n', from));
  };
  return {
    id: text('Id'),
    load: text('LoadState'),
    active: text('ActiveState'),
    sub: text('SubState'),
    result: text('Result'),
    file: text('UnitFileState'),
    isFleeting: text('Type') === 'oneshot' && text('RemainAfterExit') !== 'yes',
    triggeredBy: text('TriggeredBy').split(' ').filter(Boolean),
  };
}

export const isActive = ({ active }: UnitState): boolean => active === 'active' || active === 'reloading';

/**
 * The unit of an entry that is in use: one that is up, else on its way or failed, else enabled, else the first that is there. One that it shares
 * with other services comes after its own: a web server goes on running when the API beside it has stopped.
 */
export const inUse = (units: readonly UnitState[]): UnitState | undefined =>
  liveliest(units.filter(({ id }) => !isShared(id))) ??
  liveliest(units) ??
  units.find(({ load }) => load === 'loaded') ??
  units[0];

const liveliest = (units: readonly UnitState[]): UnitState | undefined =>
  units.find(isActive) ??
  units.find(({ active }) => active !== 'inactive') ??
  units.find(({ file }) => file === 'enabled');

/** True where a module's own unit, or what else stands for it in the catalogue, runs on the node. */
export const runs = (states: UnitStates, id: string): boolean => {
  const entry = catalogue.get(id);
  return entry !== undefined && states.of(entry).some(isActive);
};
