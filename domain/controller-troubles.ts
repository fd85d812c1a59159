import type { ClusterFinding } from './cluster-finding.js';
import { clusterFindings } from './cluster-findings.js';
import { readings, type Survey, serversOf, viewOf } from './controllers.js';
import { isUp } from './haproxy.js';
import { pairNames } from './node-names.js';
import { hostOf } from './rabbitmq.js';

/** One thing that is not as it should be on the controllers, and whom it is about. */
export interface Trouble {
  /** A finding's kind, or the service. */
  kind: ClusterFinding['kind'] | 'transition' | 'mark' | 'galera' | 'rabbitmq' | 'ceph-mon' | 'haproxy';
  /** A node, resource or constraint, as the inventory or Pacemaker calls it. */
  about?: string;
  /** One sentence with what was seen. */
  what: string;
  /** The command that ends it, of what a person may have left on purpose. */
  next?: string;
}

/** A controller that is out of service on purpose: what follows from that is no trouble. */
export interface Away {
  node: string;
  /** It is off, and not only in standby. */
  isDead?: boolean;
}

/** The states in which Pacemaker's controller has nothing to do: of the node that decides, and of the others. */
const AT_REST = ['S_IDLE', 'S_NOT_DC'];

/**
 * Everything that keeps the controllers from being healthy: the findings of the cluster, and of Galera, RabbitMQ, ceph-mon and HAProxy
 * on every controller that has them (domain reference, B2 to B6).
 * @param away the controller that is out of service on purpose
 * @param drained whose servers are disabled on purpose
 */
export function controllerTroubles(survey: Survey, away?: Away, drained = away?.node): Trouble[] {
  return [
    ...clusterFindings(survey.map(({ cluster }) => cluster))
      .filter((finding) => !follows(finding, away))
      .map(({ kind, about, what, evidence, next }) => ({
        kind,
        ...(about && { about }),
        what: `${what} (${evidence})`,
        ...(kind === 'cli-constraint' && { next }),
      })),
    ...transitionTroubles(survey, away),
    ...galeraTroubles(survey, away),
    ...rabbitmqTroubles(survey, away),
    ...cephMonTroubles(survey, away),
    ...haproxyTroubles(survey, away, drained),
  ];
}

/** A node in standby says so, and one that is dead says nothing. */
const follows = ({ kind, about }: ClusterFinding, away?: Away): boolean =>
  away !== undefined &&
  about === away.node &&
  (kind === 'standby' ||
    (away.isDead === true && ['offline', 'unclean', 'unread', 'cluster-stopped', 'pending'].includes(kind)));

/** Readings of the controllers that should answer. */
const inService = (survey: Survey, away?: Away): Survey =>
  survey.filter(({ controller }) => !(away?.isDead && controller === away.node));

/** Nobody who says anything has a transition or an election going on. */
export const isAtRest = (survey: Survey): boolean => transitionTroubles(survey).length === 0;

function transitionTroubles(survey: Survey, away?: Away): Trouble[] {
  return inService(survey, away).flatMap(({ controller, fsa, cluster }) =>
    cluster.state === 'read' && !AT_REST.includes(fsa ?? '')
      ? [
          {
            kind: 'transition' as const,
            about: controller,
            what: `Pacemaker on ${controller} is at work (${fsa ?? 'its state is not known'}), and not at rest (${AT_REST.join(' or ')})`,
          },
        ]
      : [],
  );
}

function galeraTroubles(survey: Survey, away?: Away): Trouble[] {
  const wanted = survey.filter(({ galera }) => galera.state !== 'absent').length;
  const [first] = readings(survey, 'galera').filter(([controller]) => controller !== away?.node);
  const uuid = first?.[1].stateUuid;
  return survey.flatMap(({ controller, galera }) => {
    const trouble = (what: string): Trouble[] => [{ kind: 'galera', about: controller, what }];
    if (galera.state === 'absent' || controller === away?.node) return [];
    if (galera.state === 'silent') return trouble(`Galera on ${controller} does not answer: ${galera.why}`);
    const { status, state, size, ready, connected, isSynced, stateUuid } = galera.view;
    if (status !== 'Primary') return trouble(`Galera on ${controller} is ${status}, not Primary`);
    if (!isSynced) return trouble(`Galera on ${controller} is ${state}, not Synced`);
    if (!ready || !connected)
      return trouble(`Galera on ${controller} is ${state}, but not ${ready ? 'connected' : 'ready'}`);
    if (stateUuid !== uuid) return trouble(`Galera on ${controller} has another state (${stateUuid}) than ${uuid}`);
    const least = away ? wanted - 1 : wanted;
    if (size < least) return trouble(`Galera on ${controller} counts ${size} of ${least} members`);
    return [];
  });
}

function rabbitmqTroubles(survey: Survey, away?: Away): Trouble[] {
  const controllers = survey.map(({ controller }) => controller);
  return survey.flatMap(({ controller, rabbitmq }) => {
    const trouble = (what: string): Trouble => ({ kind: 'rabbitmq', about: controller, what });
    if (rabbitmq.state === 'absent' || controller === away?.node) return [];
    if (rabbitmq.state === 'silent')
      return [trouble(`RabbitMQ on ${controller} does not answer, as one that is paused does: ${rabbitmq.why}`)];
    const { members, running, partitions, alarms } = rabbitmq.view;
    const theirs = away && pairNames(controllers, members.map(hostOf)).get(away.node);
    const missing = members.filter((node) => !running.includes(node) && hostOf(node) !== theirs);
    return [
      ...(missing.length > 0
        ? [
            trouble(
              `RabbitMQ on ${controller} sees ${running.length} of ${members.length} running; missing: ${missing.join(', ')}`,
            ),
          ]
        : []),
      ...(partitions.length > 0
        ? [trouble(`RabbitMQ on ${controller} sees a partition: ${partitions.join('; ')}`)]
        : []),
      ...(alarms.length > 0 ? [trouble(`RabbitMQ on ${controller} has an alarm: ${alarms.join('; ')}`)] : []),
    ];
  });
}

function cephMonTroubles(survey: Survey, away?: Away): Trouble[] {
  return inService(survey, away).flatMap(({ controller, cephMon }) => {
    const trouble = (what: string): Trouble[] => [{ kind: 'ceph-mon', about: controller, what }];
    if (cephMon.state === 'absent' || controller === away?.node) return [];
    if (cephMon.state === 'silent') return trouble(`Ceph does not answer ${controller}: ${cephMon.why}`);
    const { monitors, quorum } = cephMon.view;
    const least = monitors.length - (away?.isDead ? 1 : 0);
    return quorum.length < least
      ? trouble(`Ceph on ${controller} has ${quorum.length} of ${monitors.length} monitors in quorum`)
      : [];
  });
}

/**
 * Every frontend open, every backend up, and every server that is not the away one's up: as each HAProxy sees it for itself. A controller in
 * standby runs none.
 */
function haproxyTroubles(survey: Survey, away?: Away, drained?: string): Trouble[] {
  const controllers = survey.map(({ controller }) => controller);
  return survey.flatMap(({ controller, haproxy }) => {
    const trouble = (what: string): Trouble => ({ kind: 'haproxy', about: controller, what });
    if (haproxy.state === 'absent' || controller === away?.node) return [];
    if (haproxy.state === 'silent') return [trouble(`HAProxy on ${controller} does not answer: ${haproxy.why}`)];
    const { frontends, backends, servers } = haproxy.view;
    const theirs = drained === undefined ? [] : serversOf(haproxy.view, drained, controllers);
    // What only a dead controller served is down already, whatever is done.
    const isOnlyTheirs = (proxy: string): boolean =>
      servers.every((one) => one.proxy !== proxy || theirs.includes(one));
    return [
      ...frontends
        .filter(({ status }) => status !== 'OPEN')
        .map(({ proxy, status }) => trouble(`HAProxy on ${controller} has ${proxy} ${status}, not OPEN`)),
      ...backends
        .filter(({ proxy, status }) => status !== 'UP' && !(away?.isDead && isOnlyTheirs(proxy)))
        .map(({ proxy, status }) => trouble(`HAProxy on ${controller} has the backend ${proxy} ${status}, not UP`)),
      ...servers
        .filter((one) => !theirs.includes(one) && !isUp(one))
        .map(({ proxy, server, status }) =>
          trouble(`HAProxy on ${controller} has ${proxy}/${server} ${status}, not UP`),
        ),
    ];
  });
}

/** What is still missing until a controller is out of service: everything of C5 step 4 of the domain reference. */
export function notYetAway(survey: Survey, away: Away, member: string): string[] {
  const best = viewOf(survey);
  if (!best) return ['no controller says how it sees the cluster'];
  const { view } = best;
  const itself = view.nodes.find(({ name }) => name === member);
  const left = view.resources.filter(({ nodes }) => nodes.includes(member)).map(({ id }) => id);
  return [
    ...(itself?.standby ? [] : [`${away.node} is not in standby`]),
    ...(left.length > 0 ? [`${[...new Set(left)].join(', ')} still on ${away.node}`] : []),
    ...controllerTroubles(survey, away).map(({ what }) => what),
  ];
}
