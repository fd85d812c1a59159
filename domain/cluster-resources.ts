import { serviceOf } from './catalogue.js';
import { type CliConstraint, type ClusterFailure, type ClusterResource, isRunning, isTrue } from './cluster.js';
import type { ClusterFinding } from './cluster-finding.js';
import type { Seen, Vantage } from './cluster-vantage.js';
import { banId } from './controller-commands.js';

/** What is wrong with what runs: resources, failures and constraints, as one controller sees them. */
export function resourceFindings(from: Vantage): Seen[] {
  const { resources } = from.view;
  const isInstance = ({ kind }: ClusterResource): boolean => kind === 'clone-instance';
  const broken = [
    ...resources.filter((one) => !isInstance(one)).flatMap((one) => singleFindings(from, one)),
    ...grouped(resources.filter(isInstance), ({ id, parent }) => `${parent} ${id}`).flatMap((instances) =>
      cloneFindings(from, instances),
    ),
  ];
  return [...broken, ...unmanagedFindings(from), ...failureFindings(from, broken), ...constraintFindings(from)];
}

/** What `pcs` calls it: the clone that an instance belongs to, else the resource itself. */
export const pcsName = ({ id, kind, parent }: ClusterResource): string =>
  kind === 'clone-instance' && parent ? parent : id;

/** The resources put together by the name that `pcs` has for them. */
export const groupsOf = (resources: readonly ClusterResource[]): ClusterResource[][] => grouped(resources, pcsName);

function grouped(resources: readonly ClusterResource[], keyOf: (one: ClusterResource) => string): ClusterResource[][] {
  const groups = new Map<string, ClusterResource[]>();
  for (const one of resources) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()];
}

const TWO_OF_ONE = 'look at both by hand before anything else: two of one address, or of one writer, do damage';

/** A primitive, or a member of a group: it must run exactly once. */
function singleFindings(from: Vantage, one: ClusterResource): Seen[] {
  const places = one.nodes.map(from.nameOf).join(' and ');
  if (one.blocked || one.failed) return [brokenFinding(from, one)];
  if (!isRunning(one)) return isExplained(from) ? [] : [stoppedFinding(from, one)];
  if (one.nodes.length === 1) return [];
  if (one.nodes.length > 1)
    return [
      {
        kind: 'twice',
        severity: 'error',
        about: one.id,
        what: `${one.id} runs more than once`,
        evidence: `it is ${one.role} on ${places}`,
        next: TWO_OF_ONE,
      },
    ];
  return [
    {
      kind: 'no-place',
      severity: 'warn',
      about: one.id,
      what: `${one.id} runs, and it is not said where`,
      evidence: `${one.role}, without a node`,
      next: `\`crm_resource --locate -r ${one.id}\` finds it`,
    },
  ];
}

/**
 * What runs once in each half of a split cluster, and so twice: addresses and singletons of a minority that ignores its quorum (domain
 * reference, D 5). No single view can show it.
 */
export function runningInBothHalves(vantages: readonly Vantage[]): ClusterFinding[] {
  const places = new Map<string, Map<string, string[]>>();
  for (const { controller, view, nameOf } of vantages) {
    for (const one of view.resources.filter((one) => one.kind !== 'clone-instance' && isRunning(one))) {
      const place = one.nodes.map(nameOf).join(' and ');
      const said = places.get(one.id) ?? new Map<string, string[]>();
      places.set(one.id, said.set(place, [...(said.get(place) ?? []), controller]));
    }
  }
  return [...places]
    .filter(([, said]) => said.size > 1)
    .map(([id, said]) => ({
      kind: 'twice',
      severity: 'error',
      about: id,
      what: `${id} runs in both halves of the cluster`,
      evidence: [...said].map(([place, by]) => `on ${place}, says ${by.join(' and ')}`).join('; '),
      next: TWO_OF_ONE,
      seenBy: [...said.values()].flat(),
    }));
}

/** The instances of one primitive: there must be one on every controller that can run one and is not told to keep it away. */
function cloneFindings(from: Vantage, instances: readonly ClusterResource[]): Seen[] {
  const [first] = instances;
  if (!first) return [];
  const broken = instances.filter(({ blocked, failed }) => blocked || failed);
  const trouble = broken.find(({ blocked }) => blocked) ?? broken[0];
  const placed = new Set([...instances.filter(isRunning), ...broken].flatMap(({ nodes }) => nodes));
  const missing = ableControllers(from).filter((node) => !placed.has(node) && !isBanned(from, first, node));
  const findings = trouble ? [brokenFinding(from, trouble)] : [];
  if (missing.length > 0 && !isExplained(from)) findings.push(missingFinding(from, first, missing, placed.size));
  const roles = new Set(instances.filter(isRunning).map(({ role }) => role));
  if (roles.size === 1 && (roles.has('Slave') || roles.has('Unpromoted')))
    findings.push({
      kind: 'not-promoted',
      severity: 'error',
      about: pcsName(first),
      what: `no instance of ${pcsName(first)} is promoted`,
      evidence: `all that run are ${[...roles].join()}`,
      next: `\`crm_mon -1Af\` shows the scores and failures that keep ${pcsName(first)} from it`,
    });
  return findings;
}

function missingFinding(from: Vantage, one: ClusterResource, missing: readonly string[], running: number): Seen {
  if (running === 0) return stoppedFinding(from, one);
  const places = missing.map(from.nameOf).join(', ');
  return {
    kind: 'clone-incomplete',
    severity: 'error',
    about: pcsName(one),
    what: `${pcsName(one)} does not run on ${places}`,
    ...whyNot(from, one, `no instance is ${one.role === 'Stopped' ? 'running' : one.role} there`),
  };
}

const stoppedFinding = (from: Vantage, one: ClusterResource): Seen => ({
  kind: 'stopped',
  severity: 'error',
  about: pcsName(one),
  what: `${pcsName(one)} runs nowhere`,
  ...whyNot(from, one, `it is ${one.role}`),
});

function brokenFinding(from: Vantage, one: ClusterResource): Seen {
  const places = one.nodes.map(from.nameOf).join(' and ');
  const kind = one.blocked ? 'blocked' : 'failed';
  const what = one.blocked
    ? `${pcsName(one)} is blocked: Pacemaker does nothing more for it`
    : `${pcsName(one)} has failed`;
  const seen = `it is ${one.role}${places && ` on ${places}`}`;
  return { kind, severity: 'error', about: pcsName(one), what, ...whyNot(from, one, seen) };
}

/** What a resource in trouble shows beside its state, and what to do by that. */
function whyNot({ view, nameOf: ours }: Vantage, one: ClusterResource, seen: string) {
  const name = pcsName(one);
  const failures = view.failures.filter(({ resource }) => resource === one.id);
  const bans = view.constraints.filter(({ resource, score }) => isAbout(one, resource) && score.startsWith('-'));
  const evidence = [
    `${seen}${one.disabled ? ', and told to be' : ''}`,
    ...failures.map((failure) => failureText(failure, ours)),
    ...bans.map(({ id }) => `constraint ${id}`),
  ].join('; ');
  if (one.disabled) return { evidence, next: `if it should run: \`pcs resource enable ${name}\`` };
  if (failures.length > 0 || one.failed || one.blocked)
    return { evidence, next: `mend that, then \`pcs resource cleanup ${name}\`` };
  const [ban] = bans;
  if (ban) return { evidence, next: `\`${endOf({ node: undefined, ...ban }, ours)}\`` };
  return { evidence, next: `look again; if it stays so, \`crm_simulate -sL\` shows what keeps ${name} from running` };
}

/** Nobody watches what is unmanaged. In maintenance, of the cluster or of a node, everything is, and so is what is blocked. */
function unmanagedFindings({ view, nameOf: ours }: Vantage): Seen[] {
  if (isTrue(view.properties['maintenance-mode'])) return [];
  const inMaintenance = new Set(view.nodes.filter(({ maintenance }) => maintenance).map(({ name }) => name));
  const left = view.resources.filter(
    ({ managed, blocked, nodes }) =>
      !managed && !blocked && !(nodes.length > 0 && nodes.every((node) => inMaintenance.has(node))),
  );
  return groupsOf(left).map((resources) => {
    const name = pcsName(resources[0] as ClusterResource);
    const places = resources.flatMap(({ nodes }) => nodes.map(ours));
    return {
      kind: 'unmanaged',
      severity: 'warn',
      about: name,
      what: `${name} is unmanaged: it is not restarted and does not fail over`,
      evidence: places.length > 0 ? `unmanaged on ${places.join(', ')}` : 'unmanaged, and it runs nowhere',
      next: `when that is over: \`pcs resource manage ${name}\``,
    };
  });
}

/** Failures of resources that run again; those of the broken ones stand there as evidence. */
function failureFindings({ view, nameOf: ours }: Vantage, broken: readonly Seen[]): Seen[] {
  const told = new Set(broken.map(({ about }) => about));
  const names = new Map(view.resources.map((one) => [one.id, pcsName(one)]));
  const open = view.failures.filter(({ resource }) => !told.has(names.get(resource) ?? resource));
  return [...new Set(open.map(({ resource }) => resource))].map((resource) => {
    const ofOne = open.filter((failure) => failure.resource === resource);
    const places = [...new Set(ofOne.map(({ node }) => ours(node)))].join(', ');
    return {
      kind: 'failure',
      severity: 'warn',
      about: resource,
      what: `${resource} failed on ${places}, and that is still counted against it`,
      evidence: ofOne.map((failure) => failureText(failure, ours)).join('; '),
      next: `when the cause is known: \`pcs resource cleanup ${resource}\``,
    };
  });
}

/** What `pcs resource move` and `ban` leave behind breaks the next failover (domain reference, D 1). */
const constraintFindings = ({ view, nameOf: ours }: Vantage): Seen[] =>
  view.constraints.map(({ id, resource, node, score, until }) => ({
    kind: 'cli-constraint',
    severity: 'warn',
    about: id,
    what: `${resource} is ${score.startsWith('-') ? 'kept away from' : 'bound to'} ${node ? ours(node) : 'a node'} by a constraint that a move or a ban left`,
    evidence: `${id} (${score})${until ? `, until ${until}` : ''}`,
    next: `when nobody needs it any more: \`${endOf({ id, resource, node }, ours)}\``,
  }));

/** The command that takes a constraint away: a ban of a service, by whom it may be, is ended by its start. */
export function endOf(
  { id, resource, node }: Pick<CliConstraint, 'id' | 'resource'> & { node: string | undefined },
  ours: (member: string) => string,
): string {
  const service = node !== undefined && id === banId(resource, node) ? serviceOf(resource) : undefined;
  return service && node !== undefined
    ? `ostler service start ${service} --on ${ours(node)}`
    : `pcs resource clear ${resource}`;
}

/** Controllers that may run something: those that are not, say so by a finding of their own. */
const ableControllers = ({ view, controllers }: Vantage): string[] =>
  view.nodes
    .filter(
      (node) =>
        controllers.has(node.name) &&
        node.online &&
        !(node.standby || node.standbyOnFail || node.maintenance || node.pending || node.unclean || node.shutdown),
    )
    .map(({ name }) => name);

/** Without quorum Pacemaker stops everything, unless it was told to ignore that. */
const isExplained = ({ view }: Vantage): boolean =>
  view.quorum === false && view.properties['no-quorum-policy']?.toLowerCase() !== 'ignore';

/** For as long as somebody lifts it: one with a lifetime may be over, and one of a role lets the others run. */
const isBanned = ({ view }: Vantage, one: ClusterResource, node: string): boolean =>
  view.constraints.some(
    ({ resource, node: place, score, role, until }) =>
      isAbout(one, resource) && place === node && score === '-INFINITY' && role === undefined && until === undefined,
  );

const isAbout = ({ id, parent }: ClusterResource, resource: string): boolean => resource === id || resource === parent;

const failureText = ({ task, node, result, reason, at }: ClusterFailure, ours: Vantage['nameOf']): string =>
  `${task} on ${ours(node)}: ${result}${reason ? ` (${reason})` : ''}${at ? `, ${at}` : ''}`;
