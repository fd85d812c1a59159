import { type CatalogueEntry, candidateUnits, catalogue, isShared } from '../../../domain/catalogue.js';
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

/** Every entry that belongs on a node of these roles. */
export const entriesOf = ({ settings: { roles } }: Asked): CatalogueEntry[] =>
  [...catalogue.values()].filter((entry) => entry.roles.some((role) => roles.includes(role)));

/** The names that an entry may have on this node. */
export const namesOf = (entry: CatalogueEntry, { settings: { units, distribution } }: Asked): string[] =>
  candidateUnits(entry, units[entry.id] ?? [], distribution);

const allNames = (asked: Asked): string[] => [...new Set(entriesOf(asked).flatMap((entry) => namesOf(entry, asked)))];

const SOCKETS = '-- active sockets --';

export const unitStates = {
  name: 'unit_states',
  lines: (asked: Asked): string =>
    `at_most 8 systemctl show --no-pager -p ${PROPERTIES.join(',')} -- ${allNames(asked).map(shellWord).join(' ')} || return
echo '${SOCKETS}'
at_most 4 systemctl list-units --type=socket --state=active --no-legend --no-pager --plain`,
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
  const names = allNames(asked);
  const { shown, sockets } = parsed(answer, asked.node);
  const blocks = shown.trim().split(/\n\n+/).map(stateOf);
  if (blocks.length !== names.length) throw silent(asked.node);
  const states = new Map(names.map((name, index) => [name, blocks[index] as UnitState]));
  return {
    of: (entry) => {
      const there = namesOf(entry, asked)
        .map((name) => states.get(name))
        .filter((state) => state !== undefined && state.load !== 'not-found') as UnitState[];
      return there.filter((one, index) => there.findIndex(({ id }) => id === one.id) === index);
    },
    isWaitedFor: ({ triggeredBy }) => triggeredBy.some((socket) => sockets.has(socket)),
  };
}

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
