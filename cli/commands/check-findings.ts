import { type CatalogueEntry, candidateUnits, catalogue } from '../../domain/catalogue.js';
import { CEPH_ASKED } from '../../domain/ceph-commands.js';
import type { Distribution, Inventory, Node, Role } from '../../domain/inventory.js';
import { PACEMAKER_UNIT } from '../../domain/pacemaker-commands.js';
import { type Severity, worst } from '../../domain/severity.js';
import type { HostAnswer, UnitAnswer } from './check-script.js';

/** One thing that is not as it should be, and what to do about it. */
export interface CheckFinding {
  severity: 'warn' | 'error';
  what: string;
  next: string;
}

/** One catalogue entry on one host, or its Pacemaker. */
export interface CheckedUnit {
  id: string;
  /** The unit's name on this host; missing when none of its names is installed. */
  unit?: string;
  /** Whose name that is; `site` for one of the inventory's own. */
  distribution?: Distribution | 'site';
  active?: string;
  permitted?: boolean;
}

/** The result for one host; see docs/json.md. */
export interface CheckedNode {
  node: string;
  address: string;
  severity: Severity;
  systemd?: number;
  journal?: boolean;
  units: CheckedUnit[];
  findings: CheckFinding[];
}

/** The oldest systemd that Ostler knows the answers of: EL7's. */
const OLDEST_SYSTEMD = 219;

/** The catalogue entries that Ostler may act on, of those that a node may have. */
export const entriesOn = (node: Pick<Node, 'roles'>): CatalogueEntry[] =>
  [...catalogue.values()].filter((entry) => entry.never === undefined && roleOn(node, entry) !== undefined);

/** The role that a node has an entry in. */
const roleOn = (node: Pick<Node, 'roles'>, { roles }: CatalogueEntry): Role | undefined =>
  roles.find((role) => node.roles.includes(role));

/** Every name that an entry's unit can have on a node. */
export const namesOn = (
  inventory: Pick<Inventory, 'units' | 'distribution'>,
  node: Node,
  entry: CatalogueEntry,
): string[] => candidateUnits(entry, inventory.units[entry.id] ?? [], hintFor(inventory, node));

const hintFor = ({ distribution }: Pick<Inventory, 'distribution'>, node: Node): Distribution | undefined =>
  node.distribution ?? (distribution === 'auto' ? undefined : distribution);

/** Judges what a host answered. @param user the account that was logged in with */
export function judge(inventory: Inventory, node: Node, user: string, answer: HostAnswer): CheckedNode {
  const findings: CheckFinding[] = [];
  const units = entriesOn(node).flatMap((entry) => {
    const checked = checkedUnit(inventory, node, entry, answer);
    // A cloud does without most of what there is.
    if (checked.unit === undefined && !entry.everywhere) return [];
    findings.push(...unitFindings(checked, roleOn(node, entry) as Role, user, answer));
    return [checked];
  });
  const cluster = node.roles.includes('controller') ? clusterUnit(answer) : undefined;
  if (cluster) units.push(cluster);
  if (cluster?.permitted === false) findings.push(clusterFinding(user, answer));
  if (answer.ceph && answer.ceph.length > 0) findings.push(cephFinding(node, user, answer.ceph));
  if (answer.audit && answer.audit.length > 0) findings.push(auditFinding(node, user, answer.audit));
  return {
    node: node.name,
    address: node.address,
    severity: worst([...hostFindings(node, user, answer), ...findings]),
    ...(answer.systemd !== undefined && { systemd: answer.systemd }),
    journal: answer.journal,
    units,
    // Services that share a unit share what is wrong with it.
    findings: [...hostFindings(node, user, answer), ...findings].filter(
      ({ what }, index, all) => all.findIndex((one) => one.what === what) === index,
    ),
  };
}

/** The result for an array of disks, which is no host: it has a command line of its own and neither systemd nor sudo. */
export const notAsked = ({ name: node, address }: Node): CheckedNode => ({
  node,
  address,
  severity: 'ok',
  units: [],
  findings: [],
});

/** The result for a host that could not be asked. */
export const unreached = (node: Node, what: string, next: string): CheckedNode => ({
  node: node.name,
  address: node.address,
  severity: 'error',
  units: [],
  findings: [{ severity: 'error', what, next }],
});

function hostFindings(node: Node, user: string, { systemd, journal }: HostAnswer): CheckFinding[] {
  if (systemd === undefined)
    return [{ severity: 'error', what: 'systemd does not answer', next: `log in and try \`systemctl --version\`` }];
  const findings: CheckFinding[] = [];
  if (systemd < OLDEST_SYSTEMD) {
    const what = `systemd ${systemd} is older than ${OLDEST_SYSTEMD}, the oldest that Ostler has been tried with`;
    findings.push({ severity: 'warn', what, next: `try one host first: --on ${node.name}` });
  }
  if (!journal) {
    const what = `${user} cannot read the journal, so failures will be shown without their last lines`;
    findings.push({ severity: 'warn', what, next: `usermod -a -G systemd-journal ${user}` });
  }
  return findings;
}

function checkedUnit(inventory: Inventory, node: Node, entry: CatalogueEntry, answer: HostAnswer): CheckedUnit {
  const names = namesOn(inventory, node, entry);
  const inState = (load: string): string | undefined => names.find((name) => answer.units.get(name)?.load === load);
  const unit = inState('loaded') ?? inState('masked');
  if (unit === undefined) return { id: entry.id };
  const { active, load, refusals } = answer.units.get(unit) as UnitAnswer;
  const own = inventory.units[entry.id]?.includes(unit);
  return {
    id: entry.id,
    unit,
    distribution: own ? 'site' : distributionOf(entry, unit, hintFor(inventory, node)),
    active: load === 'masked' ? 'masked' : active,
    ...(load === 'loaded' && { permitted: refusals.length === 0 }),
  };
}

/** Pacemaker, on a controller that has it; others may do without. */
function clusterUnit({ units }: HostAnswer): CheckedUnit | undefined {
  const { load, active = '', refusals = [] } = units.get(PACEMAKER_UNIT) ?? {};
  if (load !== 'loaded') return undefined;
  return { id: 'pacemaker', unit: PACEMAKER_UNIT, active, permitted: refusals.length === 0 };
}

function clusterFinding(user: string, { units }: HostAnswer): CheckFinding {
  const said = units.get(PACEMAKER_UNIT)?.refusals.find((refusal) => refusal !== '');
  return {
    severity: 'error',
    what: `sudo does not let ${user} do all that Ostler does with the cluster${said ? ` (${said})` : ''}`,
    next: `install what \`ostler sudoers --role controller --user ${user}\` prints`,
  };
}

function cephFinding({ roles }: Node, user: string, refusals: readonly string[]): CheckFinding {
  const said = refusals.find((refusal) => refusal !== '');
  return {
    severity: 'error',
    what: `sudo does not let ${user} do all that Ostler does with Ceph${said ? ` (${said})` : ''}`,
    next: `install what \`ostler sudoers --role ${CEPH_ASKED.find((role) => roles.includes(role))} --user ${user}\` prints`,
  };
}

function auditFinding({ roles }: Node, user: string, refusals: readonly string[]): CheckFinding {
  const said = refusals.find((refusal) => refusal !== '');
  const fragments = roles.map((role) => `\`ostler sudoers --role ${role} --user ${user}\``);
  return {
    severity: 'warn',
    what: `sudo does not let ${user} read all that an audit asks${said ? ` (${said})` : ''}: those checks will be unknown`,
    next: `install what ${fragments.join(' and ')} prints`,
  };
}

/** libvirtd has one name on several distributions; the hint, where there is one, says which it is. */
function distributionOf({ units }: CatalogueEntry, unit: string, hint?: Distribution): Distribution {
  const known = (Object.keys(units) as Distribution[]).filter((distribution) => units[distribution].includes(unit));
  return known.find((distribution) => distribution === hint) ?? (known[0] as Distribution);
}

function unitFindings(checked: CheckedUnit, role: Role, user: string, answer: HostAnswer): CheckFinding[] {
  if (answer.systemd === undefined) return [];
  const { id, unit } = checked;
  if (unit === undefined) {
    const next = `if it has another name here, list it under \`units: { ${id}: [NAME.service] }\` of ostler.yaml`;
    return [{ severity: 'warn', what: `${id} is not installed under any name that is known`, next }];
  }
  if (checked.active === 'masked') {
    const what = `${unit} is masked, so it will be left out of every plan`;
    return [{ severity: 'warn', what, next: `systemctl unmask ${unit}, if it should run` }];
  }
  if (checked.permitted) return [];
  const said = answer.units.get(unit)?.refusals.find((refusal) => refusal !== '');
  return [
    {
      severity: 'error',
      what: `sudo does not let ${user} restart ${unit}${said ? ` (${said})` : ''}`,
      next: `install what \`ostler sudoers --role ${role} --user ${user}\` prints`,
    },
  ];
}
