import type { CliConstraint } from './cluster.js';
import { banId, preferId } from './controller-commands.js';
import type { Away, Trouble } from './controller-troubles.js';
import { controllerTroubles } from './controller-troubles.js';
import {
  marksOn,
  memberOf,
  quorumGroups,
  readings,
  type Survey,
  serversOf,
  strangersTo,
  viewOf,
  vipPlaces,
} from './controllers.js';
import { type HaproxyServer, type HaproxyView, isDrained, isTaking, isUp } from './haproxy.js';
import { sentenceOf, survives, withOneMoreGone } from './quorum.js';
import type { RestartTicket } from './rollout.js';

/** How long a controller stays out of service, and what ends that. Durations are milliseconds. */
export type Hold =
  /** It comes back when the time is over. */
  | { kind: 'for'; ms: number }
  /** A person says when; after this long they are asked. */
  | { kind: 'until-returned'; limitMs: number };

/** What an operation on controllers is asked for beside its target. */
export interface ControllerRequest {
  hold?: Hold;
  /** The controller died by itself: it is proven gone instead of being emptied. */
  dead?: { confirmed: boolean };
  /** Draw the addresses back to where they were before. */
  vipsHome?: boolean;
  /** Gates that a person goes past, with the run's reason as theirs. */
  force?: Gate[];
  /** Where an address is to go. */
  to?: string;
  /** What is restarted there: a module, or one service of the catalogue. */
  module?: string;
}

/** Gates that may be forced, because they are about what is past or a person can judge better. */
export const forceable = ['failure', 'cli-constraint', 'unlisted-backend'] as const;
export type Gate = (typeof forceable)[number];

export const isForceable = (gate: string): gate is Gate => (forceable as readonly string[]).includes(gate);

/** Why a controller may not be taken out of service. */
export interface GateRefusal {
  gate: Trouble['kind'] | 'member' | 'quorum' | 'backend' | 'unlisted-backend' | 'standby';
  why: string;
  /** What ends it, where one command does. */
  next?: string;
}

/** A refusal as it is said: `known` and `force` go by `why` alone. */
export const refusalSaid = ({ why, next }: GateRefusal): string => (next === undefined ? why : `${why}: ${next}`);

/** One server of one HAProxy, as it was before we came. */
export interface DrainedServer {
  /** The controller whose HAProxy it is. */
  on: string;
  proxy: string;
  server: string;
}

/** What there was before a controller was taken out of service: recorded in history before anything is changed. */
export interface Before {
  /** Pacemaker's name of the controller. */
  member: string;
  /** Boot ids of the controllers that answered. */
  bootIds: Record<string, string>;
  /** Where each address was. */
  vips: Record<string, string>;
  /** The servers that took connections, and so are ours to disable and enable again. */
  servers: DrainedServer[];
  /** The admin socket that answered, by controller. */
  sockets: Record<string, string>;
  /** What an earlier run, or a person, left on the controller. */
  left: Step[];
  /** The addresses that answered the other controllers. */
  answering: Record<string, string>;
  /** Constraints that moves and bans by others had left. */
  constraints: string[];
  /** Failures that Pacemaker had listed already, as `resource on node`. */
  failures: string[];
  /** Troubles that a person went past: these are there afterwards, too. */
  known: string[];
  /** What is to be restarted on the controller. */
  restarts?: Restarts;
}

/** What is restarted on one controller: what systemd runs in the order of their starts, and then what Pacemaker runs. */
export interface Restarts {
  /** By catalogue id, with the fence under which it may be done. */
  units: { target: string; ticket: RestartTicket }[];
  /** By the names by which they are banned and cleared. */
  resources: string[];
}

/** What is to be known about one quorum group before a controller goes. */
export interface QuorumForecast {
  group: string;
  /** `Galera: 2 of 3 up without controller-2, 2 needed: holds; ...`. */
  sentence: string;
  holds: boolean;
  /** Still holds when one more fails afterwards. */
  holdsWithOneMore: boolean;
}

/** One thing that Pacemaker would do without the node, by its own simulation. */
export interface SimulatedMove {
  action: 'move' | 'stop' | 'start' | 'restart' | 'recover' | 'promote' | 'demote';
  /** Without the number of a clone's instance. */
  resource: string;
  from?: string;
  to?: string;
}

/** The plan of an operation on controllers, beside its order: what is where, what will move, and who keeps a majority. */
export interface ControllerForecast {
  /** Resources on the node now. */
  runs: string[];
  /** `vip__public: controller-2 → controller-3`, by Pacemaker's own simulation. */
  moves: string[];
  quorum: QuorumForecast[];
  /** Backends that the node is taken out of, on every HAProxy. */
  backends: string[];
  /** Where the addresses are. */
  vips: Record<string, string>;
  /** What is restarted, in this order: catalogue ids, and resources of Pacemaker; with what else goes down with it. */
  restarts?: string[];
}

/** Every trouble as a gate that it shuts. */
export const troubleGates = (survey: Survey, away?: Away): GateRefusal[] =>
  controllerTroubles(survey, away).map(({ kind, what, next }) => ({ gate: kind, why: what, ...(next && { next }) }));

/**
 * Everything that stands in the way of taking a controller out of service (domain reference, C5: preconditions), checked when planning and
 * right before each change.
 * @param listed the backends that sudo may take a server out of
 * @param away where the node is away already: in our own hands, or dead
 */
export function gatesFor(
  survey: Survey,
  node: string,
  listed: readonly string[],
  { away, names }: { away?: Away; names: readonly string[] },
): GateRefusal[] {
  const refusals = troubleGates(survey, away);
  const member = memberOf(survey, node);
  if (member === undefined)
    refusals.push({ gate: 'member', why: `no controller knows ${node} as a node of the cluster` });
  else if (!names.includes(member))
    refusals.push({
      gate: 'member',
      why: `Pacemaker calls ${node} ${member}, and sudo permits only ${names.join(' and ')}: give it clusterName: ${member} in ostler.yaml, and install what \`ostler sudoers --role controller\` prints`,
    });
  for (const group of quorumGroups(survey)) {
    const { holds, up, needed, members } = survives(group, node, away?.isDead ? 'fails' : 'leaves');
    if (!holds)
      refusals.push({
        gate: 'quorum',
        why: `${group.name} would have ${up} of ${members} without ${node}, and needs ${needed}`,
      });
  }
  return [...refusals, ...(away?.isDead ? [] : backendGates(survey, node, listed, names))];
}

function backendGates(
  survey: Survey,
  node: string,
  listed: readonly string[],
  permitted: readonly string[],
): GateRefusal[] {
  const controllers = survey.map(({ controller }) => controller);
  const refusals: GateRefusal[] = [];
  const unlisted = new Set<string>();
  for (const [controller, view] of readings(survey, 'haproxy')) {
    for (const { proxy, servers } of strangersTo(view, node, controllers))
      refusals.push({
        gate: 'unlisted-backend',
        why: `nobody can tell whether ${servers.join(', ')} of ${proxy} on ${controller} is ${node}`,
      });
    for (const one of serversOf(view, node, controllers)) {
      if (isDrained(one)) continue;
      const others = view.servers.filter((other) => other.proxy === one.proxy && other !== one);
      const up = others.filter(isUp).length;
      if (isTaking(one) && up === 0)
        refusals.push({
          gate: 'backend',
          why: `${one.proxy} on ${controller} would have 0 of ${others.length} servers up without ${node}`,
        });
      if (!listed.includes(one.proxy)) unlisted.add(one.proxy);
      else if (!permitted.includes(one.server))
        refusals.push({
          gate: 'member',
          why: `HAProxy on ${controller} calls ${node} ${one.server} in ${one.proxy}, and sudo permits only ${permitted.join(' and ')}`,
        });
    }
  }
  if (unlisted.size > 0)
    refusals.push({
      gate: 'unlisted-backend',
      why: `HAProxy sends traffic to ${node} for ${[...unlisted].join(', ')}, which Ostler may not stop: list them under cluster.backends of ostler.yaml, and install what \`ostler sudoers --role controller\` prints`,
    });
  return refusals;
}

/** The refusals that stay when a person goes past some gates. */
export const unforced = (refusals: readonly GateRefusal[], force: readonly Gate[] = []): GateRefusal[] =>
  refusals.filter(({ gate }) => !(force as readonly string[]).includes(gate));

/** Which failure it is, whenever it came. */
export const failureName = ({ resource, node }: { resource: string; node: string }): string => `${resource} on ${node}`;

/** The steps of a failover that are found on a controller, whoever took them. */
export function leftOn(survey: Survey, node: string): Step[] {
  const member = memberOf(survey, node) ?? node;
  const controllers = survey.map(({ controller }) => controller);
  const mark = marksOn(survey, member)?.[0];
  const drained = readings(survey, 'haproxy').some(([, view]) => serversOf(view, node, controllers).some(isDrained));
  const view = viewOf(survey)?.view;
  const standby = view?.nodes.some((one) => one.name === member && one.standby);
  // Whose a ban is nobody can tell, but that of a run whose mark is there; and one that bans puts nothing into standby.
  const bans =
    mark === undefined || standby ? [] : (view?.constraints ?? []).filter((one) => isBan(one, one.resource, member));
  return [
    ...(mark === undefined ? [] : [{ kind: 'mark' as const, mark }]),
    ...(drained ? [{ kind: 'drain' as const }] : []),
    ...(standby ? [{ kind: 'standby' as const }] : []),
    ...bans.map(({ resource }) => ({ kind: 'ban' as const, resource, member })),
  ];
}

/** Whether a constraint is the one by which a resource is kept off a member, and nothing else. */
export const isBan = ({ id, node }: CliConstraint, resource: string, member: string): boolean =>
  node === member && id === banId(resource, member);

/** Everything that is left on the controllers, as {@link owedFor} says it. */
export function allLeft(survey: Survey): string[] {
  const constraints = viewOf(survey)?.view.constraints ?? [];
  const lines = [
    ...survey.flatMap(({ controller }) => leftOn(survey, controller).map((step) => owedFor(controller, step))),
    ...constraints
      .filter(({ id, resource }) => id === preferId(resource))
      .map(({ resource: vip, node: to = '' }) => owedFor('', { kind: 'prefer', vip, to })),
    ...constraints
      .filter((one) => one.node !== undefined && isBan(one, one.resource, one.node))
      .map(({ resource, node: member = '' }) => owedFor('', { kind: 'ban', resource, member })),
  ];
  return [...new Set(lines)];
}

/**
 * What is recorded before anything is changed.
 * @param drains whether the servers to note are those that take connections, or those that somebody took out of service
 */
export function recordBefore(
  survey: Survey,
  node: string,
  listed: readonly string[],
  { known, drains = true }: { known: readonly GateRefusal[]; drains?: boolean },
): Before {
  const controllers = survey.map(({ controller }) => controller);
  const best = viewOf(survey);
  return {
    member: memberOf(survey, node) ?? node,
    bootIds: Object.fromEntries(survey.flatMap(({ controller, bootId }) => (bootId ? [[controller, bootId]] : []))),
    vips: best ? vipPlaces(best) : {},
    servers: readings(survey, 'haproxy').flatMap(([on, view]) =>
      serversOf(view, node, controllers)
        .filter((one) => isDrained(one) !== drains && listed.includes(one.proxy))
        .map(({ proxy, server }) => ({ on, proxy, server })),
    ),
    sockets: Object.fromEntries(readings(survey, 'haproxy').map(([on, view]) => [on, view.socket])),
    answering: {},
    constraints: best ? best.view.constraints.map(({ id }) => id) : [],
    failures: best ? best.view.failures.map(failureName) : [],
    left: leftOn(survey, node),
    known: known.map(({ why }) => why),
  };
}

/** The servers that were to be drained and are not, or of which nobody knows. */
export function notDrained(survey: Survey, { servers }: Before): string[] {
  const views = new Map(readings(survey, 'haproxy'));
  return servers.flatMap((one) => {
    const now = serverIn(views.get(one.on), one);
    return now && isDrained(now)
      ? []
      : [`${one.proxy}/${one.server} is ${now?.status ?? 'not to be seen'} on ${one.on}`];
  });
}

/** One of the servers that were recorded, as its HAProxy has it now. */
export const serverIn = (view: HaproxyView | undefined, { proxy, server }: DrainedServer): HaproxyServer | undefined =>
  view?.servers.find((one) => one.proxy === proxy && one.server === server);

/** Who keeps a majority without the node, and with one more gone. */
export const quorumForecast = (survey: Survey, node: string, manner: 'leaves' | 'fails'): QuorumForecast[] =>
  quorumGroups(survey).map((group) => ({
    group: group.name,
    sentence: sentenceOf(group, node, manner),
    holds: survives(group, node, manner).holds,
    holdsWithOneMore: withOneMoreGone(group, node, manner).holds,
  }));

/** A change that an operation makes to take a controller out of service, and undoes afterwards. */
export type Step =
  /** The member carries the run's mark, so that anybody sees whose it is. */
  | { kind: 'mark'; mark: string }
  /** No HAProxy sends it new connections. */
  | { kind: 'drain' }
  /** Pacemaker moves everything off it. */
  | { kind: 'standby' }
  /** An address is drawn to another controller, or home. */
  | { kind: 'prefer'; vip: string; to: string }
  /** A resource is kept off the member. */
  | { kind: 'ban'; resource: string; member: string };

/** What is owed while a step is not undone: for people, and the same whoever says it. */
export function owedFor(node: string, step: Step): string {
  switch (step.kind) {
    case 'mark':
      return `${node}: the mark ${step.mark}`;
    case 'drain':
      return `${node}: its servers disabled in HAProxy`;
    case 'standby':
      return `${node}: standby`;
    case 'prefer':
      return `${step.vip}: the constraint ${preferId(step.vip)}`;
    case 'ban':
      return `${step.resource}: the constraint ${banId(step.resource, step.member)}`;
  }
}

/** Whether a line was made by {@link owedFor}, or says the same of a whole controller: whether it is still true, the cluster can tell. */
export const isAboutController = (line: string): boolean =>
  /^\S+: (?:the mark [0-9a-f]{16}|its servers disabled in HAProxy|standby|taken out of service|the constraint cli-(?:prefer|ban)-\S+)$/.test(
    line,
  );

/** One step to take or to undo, with everything that was decided before. */
export interface StepOrder {
  node: string;
  before: Before;
  step: Step;
  /** 16 hexadecimal digits that name this step for ever. */
  intent: string;
  controller: ControllerRequest;
  /** A controller whose being away is no trouble now: in our own hands already, or dead. */
  away?: Away;
}

/** How a step ended: what was wanted is seen, or why it was not done; `isUntouched` when nothing was sent. */
export type StepResult = { state: 'done' } | { state: 'refused'; why: string; isUntouched?: true };

/** What is still missing until the cluster is as wanted. */
export type Awaited =
  | { state: 'reached' }
  | { state: 'waiting'; missing: string[]; transferring: boolean; downSince?: number }
  /** The abort criteria of a failover: the controller comes back at once. */
  | { state: 'hopeless'; why: string };
