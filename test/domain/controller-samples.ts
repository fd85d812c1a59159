import type { CephMonView } from '../../domain/ceph-mon.js';
import type { ClusterView, ControllerAnswer } from '../../domain/cluster.js';
import type { ControllerFacts, Reading } from '../../domain/controllers.js';
import type { GaleraView } from '../../domain/galera.js';
import type { HaproxyServer, HaproxyView } from '../../domain/haproxy.js';
import type { Node } from '../../domain/inventory.js';
import type { RabbitmqView } from '../../domain/rabbitmq.js';
import { aView, names } from './cluster-samples.js';
import { aNode } from './samples.js';

export const controllerNodes: Node[] = names.map((name) => aNode(name, { roles: ['controller'] }));

export const read = <View>(view: View): Reading<View> => ({ state: 'read', view });
export const silent = (why = 'no answer in time') => ({ state: 'silent', why }) as const;
export const absent = { state: 'absent' } as const;
export const sees = (controller: string, view: ClusterView): ControllerAnswer => ({ controller, state: 'read', view });

export const aGalera = (more: Partial<GaleraView> = {}): GaleraView => ({
  size: 3,
  status: 'Primary',
  stateUuid: 'u1',
  ready: true,
  connected: true,
  state: 'Synced',
  isSynced: true,
  ...more,
});

/** A RabbitMQ of these hosts; a domain makes their names long ones. */
export const aRabbit = (running: readonly string[] = names, more: Partial<RabbitmqView> = {}): RabbitmqView => ({
  members: names.map((name) => `rabbit@${name}`),
  running: running.map((name) => `rabbit@${name}`),
  partitions: [],
  alarms: [],
  ...more,
});

export const someMons = (quorum: readonly string[] = names): CephMonView => ({ monitors: names, quorum: [...quorum] });

export const aServer = (proxy: string, server: string, more: Partial<HaproxyServer> = {}): HaproxyServer => ({
  proxy,
  server,
  status: 'UP',
  isBackup: proxy === 'mysqld' && server !== 'c1',
  sessions: 0,
  ...more,
});

/** keystone-1 and mysqld on all three, the writer on c1; `otherwise` says the status of a server, as `keystone-1/c2`. */
export const aHaproxy = (
  otherwise: Record<string, string> = {},
  more: Partial<HaproxyView & { socket: string }> = {},
): HaproxyView & { socket: string } => ({
  socket: '/run/haproxy/admin.sock',
  frontends: ['keystone-1', 'mysqld'].map((proxy) => ({ proxy, status: 'OPEN' })),
  backends: ['keystone-1', 'mysqld'].map((proxy) => ({ proxy, status: 'UP' })),
  servers: ['keystone-1', 'mysqld'].flatMap((proxy) =>
    names.map((name) => {
      const status = otherwise[`${proxy}/${name}`];
      return aServer(proxy, name, status === undefined ? {} : { status });
    }),
  ),
  ...more,
});

/** What one controller of a healthy cloud says. */
export const facts = (controller: string, more: Partial<ControllerFacts> = {}): ControllerFacts => ({
  controller,
  bootId: `boot-of-${controller}`,
  cluster: sees(controller, aView()),
  fsa: controller === 'c1' ? 'S_IDLE' : 'S_NOT_DC',
  attributes: {},
  galera: read(aGalera()),
  rabbitmq: read(aRabbit()),
  haproxy: read(aHaproxy()),
  cephMon: read(someMons()),
  ...more,
});

/** A survey of three: what all say otherwise, and what one of them does. */
export const aSurvey = (
  all: Partial<ControllerFacts> = {},
  ofOne: Record<string, Partial<ControllerFacts>> = {},
): ControllerFacts[] => names.map((name) => facts(name, { ...all, ...ofOne[name] }));

/** Every controller has the same view of the cluster. */
export const seeing = (view: ClusterView, ofOne: Record<string, Partial<ControllerFacts>> = {}): ControllerFacts[] =>
  aSurvey({}, Object.fromEntries(names.map((name) => [name, { cluster: sees(name, view), ...ofOne[name] }])));

/** A controller that does not answer over SSH. */
export const unheard = (controller: string): Partial<ControllerFacts> => ({
  cluster: { controller, state: 'unread', why: `${controller} did not answer`, next: 'look at it' },
  galera: silent(),
  rabbitmq: silent(),
  haproxy: silent(),
  cephMon: silent(),
});
