/**
 * What identifies one life of a unit on one boot of its host. Two equal fences with the unit active mean that nothing was
 * restarted between them (design, rule 1).
 */
export interface Fence {
  bootId: string;
  /** Since systemd 232; absent on older hosts. */
  invocationId?: string;
  /** ExecMainStartTimestampMonotonic, in microseconds since boot. */
  startedUs: number;
  mainPid: number;
}

/** What one read of a host told about a unit. */
export interface UnitFacts {
  unit: string;
  fence: Fence;
  /** LoadState: loaded, not-found, masked, ... */
  load: string;
  /** ActiveState: active, inactive, failed, activating, deactivating, reloading. */
  active: string;
  sub: string;
  /** Result: success, exit-code, start-limit-hit, ... */
  result: string;
  /** A job is queued or running for the unit. */
  jobQueued: boolean;
  /** For how long the unit has been active, by the host's own clock, in milliseconds; 0 when it is not. */
  activeForMs: number;
  /** NRestarts, since systemd 235. */
  restarts?: number;
  /** Units in Requires= and BindsTo= that are failed now. */
  failedNeeds: string[];
}

/** What became of an intent's transient unit `ostler-<intent>` on the host; undefined when there is none. */
export interface IntentFacts {
  /** ActiveState and SubState: `active (running)` until `systemctl try-restart` is done, then `exited` or `failed`. */
  active: string;
  sub: string;
  exitStatus: number;
}

/** What an intent came to, read from the host alone (design, rule 2). */
export type IntentVerdict =
  | { kind: 'restarted' }
  | { kind: 'still-running' }
  | { kind: 'failed'; exitStatus: number }
  | { kind: 'stopped-before' }
  | { kind: 'never-arrived' }
  | { kind: 'not-by-us' };

/** True when both fences are of the same life of the unit. */
export const sameFence = (a: Fence, b: Fence): boolean =>
  a.bootId === b.bootId && a.invocationId === b.invocationId && a.startedUs === b.startedUs && a.mainPid === b.mainPid;

/**
 * Decides what became of an intent. It is a function of what the host says now and of the fence that was recorded before
 * anything was sent, so whoever asks, however late and however often, gets the same answer.
 */
export function resolveIntent(before: Fence, now: Fence, intent: IntentFacts | undefined): IntentVerdict {
  if (now.bootId !== before.bootId) return { kind: 'not-by-us' };
  if (!intent) return sameFence(before, now) ? { kind: 'never-arrived' } : { kind: 'not-by-us' };
  if (intent.active === 'failed') return { kind: 'failed', exitStatus: intent.exitStatus };
  if (intent.sub !== 'exited') return { kind: 'still-running' };
  return startedSince(before, now) ? { kind: 'restarted' } : { kind: 'stopped-before' };
}

/**
 * A new process was started. A unit that was only stopped has no main process any more, but the same start, or none at all once
 * systemd has forgotten it.
 */
const startedSince = (before: Fence, now: Fence): boolean =>
  now.startedUs > 0 && (now.startedUs !== before.startedUs || now.invocationId !== before.invocationId);
