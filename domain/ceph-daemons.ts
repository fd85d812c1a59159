import type { NooutScope } from './ceph-commands.js';
import type { RestartTicket } from './rollout.js';

/** Ceph's own daemons, by catalogue id. */
export type CephDaemon = 'ceph-mon' | 'ceph-osd';

/** Whether a target of the catalogue is one of them. */
export const isCephDaemon = (target: string): target is CephDaemon => target === 'ceph-mon' || target === 'ceph-osd';

/** What a host of Ceph must still look like for its daemons to be restarted, recorded in history before anything is done. */
export interface CephTicket {
  /** The unit that holds the host's daemons. */
  restart: RestartTicket;
  /** On a host of OSDs: who is to come back, and the flag that holds their places meanwhile. */
  osds?: OsdTicket;
  /** On a host of a monitor: its name. */
  monitor?: string;
}

/** The OSDs of a host as they were before anything was done. */
export interface OsdTicket {
  /** What Ceph calls the host. */
  host: string;
  /** Its OSDs by name, each with the epoch in which it came up. */
  upFrom: Record<string, number>;
  noout: NooutScope;
  /** Where the flag is set from, and in which boot: a command that is late is refused there. */
  from: { node: string; bootId: string };
}

/** The flag that a run sets, in the words of what it owes, with the command that unsets it. */
export const nooutOwed = (node: string, scope: NooutScope): string =>
  scope.kind === 'host'
    ? `${node}: noout of its OSDs; \`ceph osd unset-group noout ${scope.host}\``
    : 'noout of all of Ceph; `ceph osd unset noout`';

/** Whether a line was made by {@link nooutOwed}: whether it is still true, Ceph can tell. */
export const isNoout = (line: string): boolean => /noout of (?:its OSDs|all of Ceph); `ceph osd unset/.test(line);
