/** Pacemaker as ONE controller sees it. Names of nodes are Pacemaker's own, which may be longer or shorter than the inventory's. */
export interface ClusterView {
  /**
   * What the controller was asked by: XML of Pacemaker 2.0.3 and later, XML of an older one, or the text of an old pcs. Only the first surely
   * comes with pcs 0.10 or later; before, some commands had other names.
   */
  dialect: ClusterDialect;
  /** This controller counts itself to the majority; missing where its tools do not say, as while there is no DC. */
  quorum?: boolean;
  /** The node that decides for the cluster; missing while there is none, as during an election. */
  dc?: string;
  nodes: ClusterNode[];
  /** Every resource, flat: a clone is its instances, a group its members. */
  resources: ClusterResource[];
  /** Constraints that `pcs resource move` or `ban` left: those whose id begins with `cli-`, and no others. */
  constraints: CliConstraint[];
  /** Failed operations that Pacemaker has not been told to forget. */
  failures: ClusterFailure[];
  /** Cluster properties that somebody set (`maintenance-mode`, `no-quorum-policy`, ...); what is not there has Pacemaker's default. */
  properties: Record<string, string>;
}

export type ClusterDialect = 'xml' | 'old-xml' | 'text';

export interface ClusterNode {
  name: string;
  online: boolean;
  standby: boolean;
  /** In standby because an operation with `on-fail=standby` failed there, and not by a person. */
  standbyOnFail: boolean;
  maintenance: boolean;
  /** On its way in. */
  pending: boolean;
  /** Lost, and nobody has proven that it is off. */
  unclean: boolean;
  /** On its way out. */
  shutdown: boolean;
  isDc: boolean;
  /** A Pacemaker Remote node: it runs resources and has no vote. */
  isRemote: boolean;
}

export interface ClusterResource {
  /** As configured; an instance of a clone has that of its primitive. */
  id: string;
  kind: 'primitive' | 'clone-instance' | 'group-member';
  /** The clone, or the group. */
  parent?: string;
  /** `ocf:heartbeat:IPaddr2`. */
  agent?: string;
  /** `Started`, `Stopped`, `Master`, `Promoted`, ...; `Unknown` where only a failure is told. */
  role: string;
  managed: boolean;
  failed: boolean;
  blocked: boolean;
  /** Somebody told it to be stopped. */
  disabled: boolean;
  /** Where it runs. An old pcs may say `Started` and no node. */
  nodes: string[];
}

export interface CliConstraint {
  id: string;
  resource: string;
  node?: string;
  /** `-INFINITY` keeps the resource away from the node, `INFINITY` draws it there. */
  score: string;
  /** The only role it is about, as of a ban of the master; missing where it is about all. */
  role?: string;
  /** When it ends by itself, where it was made with a lifetime. */
  until?: string;
}

export interface ClusterFailure {
  resource: string;
  /** `start`, `monitor`, ... */
  task: string;
  node: string;
  /** What Pacemaker calls the result: `not running`, `unknown error`. */
  result: string;
  /** What the resource's agent said, where it said something. */
  reason?: string;
  /** When, as Pacemaker writes it. */
  at?: string;
}

/** What a controller answered, or why it did not. */
export type ControllerAnswer = { controller: string } & (
  | { state: 'read'; view: ClusterView }
  /** `stopped`: it was reached, and no cluster runs there. `unread`: it could not be reached, or not be asked. */
  | { state: 'stopped' | 'unread'; why: string; next: string }
);

/** Whether a view has quorum, in words. */
export const quorumOf = ({ quorum }: Pick<ClusterView, 'quorum'>): string =>
  quorum === undefined ? 'quorum not known' : quorum ? 'quorum' : 'no quorum';

/** How Pacemaker reads what somebody set to yes or no. */
export const isTrue = (value: string | undefined): boolean => /^(?:true|on|yes|y|1)$/i.test(value ?? '');

/** Roles in which a resource does its work; a promotable one has two of them, with two generations of names. */
const RUNNING = ['Started', 'Master', 'Slave', 'Promoted', 'Unpromoted'];

export const isRunning = ({ role }: Pick<ClusterResource, 'role'>): boolean => RUNNING.includes(role);

/** True for an address that moves between controllers: `IPaddr2`, its ancestor `IPaddr`, and Fuel's `ns_IPaddr2` in a namespace. */
export const isVip = ({ agent = '' }: Pick<ClusterResource, 'agent'>): boolean => /:(?:ns_)?IPaddr2?$/.test(agent);
