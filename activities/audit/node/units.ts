import { units as unitsCheckData } from '../../../domain/audit/host-checks.js';
import { type CatalogueEntry, sharersOf } from '../../../domain/catalogue.js';
import type { ClusterResource } from '../../../domain/cluster.js';
import { resourceFor } from '../../../domain/pacemaker-resources.js';
import { clusterResources, readClusterResources } from './cluster-resources.js';
import type { Asked, Found, NodeCheck } from './node-check.js';
import { refusal } from './refusal.js';
import {
  entriesOf,
  inUse,
  isActive,
  readUnitStates,
  runs,
  type UnitState,
  type UnitStates,
  unitStates,
} from './unit-states.js';

/** The time service has a check of its own. */
const ELSEWHERE: readonly string[] = ['ntp'];

/** What systemd is not to start at boot although it may be asked to. `static`, `indirect` and `generated` ones cannot be enabled. */
const NOT_ENABLED = ['disabled', 'enabled-runtime', 'linked', 'linked-runtime', 'masked', 'masked-runtime'];

const ENABLED = ['enabled', 'enabled-runtime'];

export const unitsCheck: NodeCheck = {
  check: unitsCheckData,
  reads: [unitStates, clusterResources],
  judge(said, asked) {
    const states = readUnitStates(said, asked);
    const cluster = asked.settings.roles.includes('controller')
      ? readClusterResources(said(clusterResources))
      : ({ state: 'none' } as const);
    const resources = cluster.state === 'read' ? cluster.resources : [];
    // While Pacemaker does not run, or does not tell, what it may run is neither well nor ill, unless systemd is to start it.
    const isUndecided = cluster.state === 'unread' || (cluster.state === 'none' && isDown(states, asked));
    const found = new Map<string, Found>();
    for (const entry of entriesOf(asked)) {
      if (ELSEWHERE.includes(entry.id)) continue;
      const units = states.of(entry);
      const resource = cluster.state === 'read' ? resourceFor(cluster, entry) : undefined;
      const troubles =
        resource !== undefined
          ? units.flatMap((unit) => ofPacemaker(unit, resource, agentOf(resources, resource), asked))
          : isUndecided && entry.resource !== undefined && !units.some(({ file }) => file === 'enabled')
            ? []
            : ofSystemd(entry, units, states, asked);
      // A web server carries several services, and what is wrong with it is wrong once.
      for (const one of troubles) if (!found.has(one.about ?? '')) found.set(one.about ?? '', one);
    }
    return [...(cluster.state === 'unread' ? [unreadCluster(cluster.why, asked)] : []), ...found.values()];
  },
};

/** Pacemaker is there as a unit and does not run: that is the finding, and what it would run follows from it. */
const isDown = (states: UnitStates, asked: Asked): boolean => {
  const pacemaker = entriesOf(asked).find(({ id }) => id === 'pacemaker');
  return (
    pacemaker !== undefined && states.of(pacemaker).some(({ load }) => load === 'loaded') && !runs(states, 'pacemaker')
  );
};

const agentOf = (resources: readonly ClusterResource[], name: string): string =>
  resources.find(({ id, parent }) => id === name || parent === name)?.agent ?? '';

function ofPacemaker(unit: UnitState, resource: string, agent: string, { node }: Asked): Found[] {
  const found: Found[] = [];
  if (ENABLED.includes(unit.file)) {
    found.push({
      about: unit.id,
      severity: 'warn',
      what: `systemd on ${node} starts ${unit.id} at boot, which Pacemaker runs as ${resource}`,
      evidence: [{ value: unit.file, threshold: 'disabled', command: `systemctl is-enabled ${unit.id}` }],
      next: `\`systemctl disable ${unit.id}\` on ${node}, which leaves what runs alone`,
    });
  } else if (isActive(unit) && agent.startsWith('ocf:')) {
    // An agent of OCF starts the daemon itself; one of systemd or of init scripts is seen by systemd.
    found.push({
      about: unit.id,
      severity: 'warn',
      what: `systemd on ${node} runs ${unit.id} beside Pacemaker, which runs it as ${resource}`,
      evidence: [{ value: stateOf(unit), threshold: 'inactive', command: `systemctl status ${unit.id}` }],
      next: `see which of the two does the work; when it is Pacemaker's, \`systemctl stop ${unit.id}\` on ${node}`,
    });
  }
  return found;
}

function ofSystemd(entry: CatalogueEntry, units: readonly UnitState[], states: UnitStates, asked: Asked): Found[] {
  const chosen = inUse(units);
  if (!chosen) return entry.everywhere ? [notInstalled(entry, asked)] : [];
  const others = units.filter((unit) => unit !== chosen && sharersOf(entry, unit.id).length === 0);
  return [
    ...judged(entry, chosen, states, asked),
    // Left behind by another distribution, unless somebody means it to run.
    ...others.flatMap((unit) =>
      unit.active === 'failed' || (unit.file === 'enabled' && !isActive(unit))
        ? judged(entry, unit, states, asked)
        : [],
    ),
  ];
}

function judged(entry: CatalogueEntry, unit: UnitState, states: UnitStates, { node }: Asked): Found[] {
  const { id, file } = unit;
  const state = stateOf(unit);
  const next = `read \`journalctl -u ${id} -n 100\` on ${node}, mend the cause, then \`systemctl start ${id}\``;
  const finding = (severity: Found['severity'], what: string, threshold: string, then = next): Found[] => [
    {
      about: id,
      severity,
      what,
      evidence: [{ value: state, threshold, command: `systemctl status ${id}` }],
      next: then,
    },
  ];
  if (unit.active === 'failed') {
    const why = unit.result && unit.result !== 'success' ? ` (${unit.result})` : '';
    return finding('error', `${id} on ${node} has failed${why}`, 'active');
  }
  if (entry.onDemand) {
    if (!isActive(unit)) return [];
    const what = `${id} runs on ${node}, and should only while there is work for it`;
    const then = `when nobody makes or restores a backup, \`systemctl stop ${id}\` on ${node}`;
    return finding('warn', what, 'inactive unless in use', then);
  }
  if (states.isWaitedFor(unit) || (unit.isFleeting && unit.active === 'inactive')) return [];
  const isEnabled = !NOT_ENABLED.includes(file) && unit.load !== 'masked';
  const enable = file.startsWith('masked') || unit.load === 'masked' ? ['unmask', 'enable'] : ['enable'];
  const commands = enable.map((verb) => `\`systemctl ${verb} ${id}\``).join(' and ');
  if (!isActive(unit)) {
    if (isEnabled) return finding('error', `${id} on ${node} is not active: it is ${state}`, 'active');
    // That nobody starts it at boot says that somebody may do without it: packages bring more than a site uses.
    const what = `${id} is installed on ${node}, and neither runs nor is started at boot: it is ${state} and ${file || unit.load}`;
    const then = `if ${node} needs it: ${commands} there, and start it; if not, remove it`;
    return finding(entry.everywhere ? 'error' : 'warn', what, 'active and enabled', then);
  }
  if (isEnabled) return [];
  return [
    {
      about: id,
      severity: 'warn',
      what: `${id} runs on ${node}, and will not after its next boot: it is ${file || unit.load}`,
      evidence: [{ value: file || unit.load, threshold: 'enabled', command: `systemctl is-enabled ${id}` }],
      next: `${commands} on ${node}`,
    },
  ];
}

const stateOf = ({ active, sub }: UnitState): string => (sub ? `${active} (${sub})` : active);

const notInstalled = ({ id, units }: CatalogueEntry, { node }: Asked): Found => ({
  about: id,
  severity: 'error',
  what: `${id} is not installed on ${node}, and no node of its roles does without it`,
  evidence: [
    {
      value: 'not found',
      threshold: `one of ${[...new Set(Object.values(units).flat())].join(', ')}`,
      command: 'systemctl list-unit-files',
    },
  ],
  next: `install it on ${node}, name its unit under units: in ostler.yaml, or take the node out of the role`,
});

function unreadCluster(why: string, asked: Asked): Found {
  const { what, next } = refusal(why, asked.settings.roles) ?? {
    what: `Pacemaker did not say what it runs: ${why}`,
    next: `log in to ${asked.node} and try \`crm_mon -1\``,
  };
  return {
    about: 'pacemaker',
    severity: 'unknown',
    what: `what Pacemaker may run on ${asked.node} is not judged: ${what}`,
    evidence: [{ value: 'not read', command: 'crm_mon -1' }],
    next,
  };
}
