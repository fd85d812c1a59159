import type { ClusterNode, ClusterResource, ClusterView, ControllerAnswer } from '../../domain/cluster.js';

export const names = ['c1', 'c2', 'c3'];

export const aMember = (name: string, more: Partial<ClusterNode> = {}): ClusterNode => ({
  name,
  online: true,
  standby: false,
  standbyOnFail: false,
  maintenance: false,
  pending: false,
  unclean: false,
  shutdown: false,
  isDc: name.startsWith('c1'),
  isRemote: false,
  ...more,
});

export const aResource = (id: string, more: Partial<ClusterResource> = {}): ClusterResource => ({
  id,
  kind: 'primitive',
  agent: 'ocf:pacemaker:Dummy',
  role: 'Started',
  managed: true,
  failed: false,
  blocked: false,
  disabled: false,
  nodes: ['c1'],
  ...more,
});

export const aVip = (more: Partial<ClusterResource> = {}): ClusterResource =>
  aResource('vip', { agent: 'ocf:heartbeat:IPaddr2', ...more });

/** One instance of clone_p on each of the nodes. */
export const aClone = (nodes: readonly string[], more: Partial<ClusterResource> = {}): ClusterResource[] =>
  nodes.map((node) => aResource('p', { kind: 'clone-instance', parent: 'clone_p', nodes: [node], ...more }));

/** An instance that runs nowhere. */
export const stopped = (more: Partial<ClusterResource> = {}): ClusterResource =>
  aResource('p', { kind: 'clone-instance', parent: 'clone_p', role: 'Stopped', nodes: [], ...more });

/** A healthy cluster of three with an address and a clone. */
export const aView = (more: Partial<ClusterView> = {}): ClusterView => ({
  dialect: 'xml',
  quorum: true,
  dc: 'c1',
  nodes: names.map((name) => aMember(name)),
  resources: [aVip(), ...aClone(names)],
  constraints: [],
  failures: [],
  properties: { 'no-quorum-policy': 'stop' },
  ...more,
});

/** The view with one node otherwise. */
export const withNode = (name: string, states: Partial<ClusterNode>, more: Partial<ClusterView> = {}): ClusterView =>
  aView({ nodes: names.map((one) => aMember(one, one === name ? states : {})), ...more });

/** Every controller has the same view. */
export const allSee = (view: ClusterView): ControllerAnswer[] =>
  names.map((controller) => ({ controller, state: 'read', view }));

export const silence = (controller: string, state: 'stopped' | 'unread' = 'unread'): ControllerAnswer => ({
  controller,
  state,
  why: `${controller} did not answer`,
  next: 'look at it',
});
