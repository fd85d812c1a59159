/** One thing that is not as it should be in a cluster, and what to do about it. */
export interface ClusterFinding {
  kind: FindingKind;
  severity: 'warn' | 'error';
  /** The controller, resource or constraint it is about; missing when it is the cluster as a whole. */
  about?: string;
  what: string;
  /** What was seen that says so. */
  evidence: string;
  next: string;
  /** The controllers that say so. */
  seenBy: string[];
}

export type FindingKind =
  | 'unread'
  | 'cluster-stopped'
  | 'split'
  | 'no-quorum'
  | 'no-dc'
  | 'maintenance-mode'
  | 'no-member'
  | 'not-in-inventory'
  | 'offline'
  | 'unclean'
  | 'pending'
  | 'shutting-down'
  | 'standby'
  | 'standby-on-fail'
  | 'node-maintenance'
  | 'stopped'
  | 'clone-incomplete'
  | 'not-promoted'
  | 'twice'
  | 'no-place'
  | 'blocked'
  | 'failed'
  | 'unmanaged'
  | 'failure'
  | 'cli-constraint';
