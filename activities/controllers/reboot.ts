import { setTimeout as sleep } from 'node:timers/promises';
import type { Before } from '../../domain/failover.js';
import type { ActResult } from '../../domain/rollout.js';
import { type RunOnHost, whyNot } from '../hosts.js';
import { BOOT_ID } from '../systemd/probe.js';
import { changeOnce } from './change.js';

/** How often a host that boots is asked. */
const LOOK_AGAIN_MS = 1_000;

const SUDO_SAYS_NO = /^sudo: |not allowed|may not run/m;

export interface RebootOrder {
  node: string;
  /** The boot that is to end is in it. */
  before: Before;
  intent: string;
  deadlineMs: number;
}

/** Boots a host anew, at most once for the intent, and waits until it answers with another boot id: that is the proof. */
export async function rebootOnce(
  run: RunOnHost,
  { node, before, intent, deadlineMs }: RebootOrder,
  signal: AbortSignal,
): Promise<ActResult> {
  const bootId = before.bootIds[node];
  if (!bootId) return { state: 'unreachable', note: { why: `${node} did not say which boot it is in` } };
  const deadline = Date.now() + deadlineMs;
  let why = 'it still runs in the same boot';
  let sent = false;
  for (;;) {
    try {
      const { stdout } = await run(node, 'cat /proc/sys/kernel/random/boot_id', { limitMs: 10_000, signal });
      const now = stdout.trim();
      if (BOOT_ID.test(now) && now !== bootId) return { state: 'acted', byUs: true };
      if (!sent) {
        const changed = await changeOnce(run, node, { intent, change: { kind: 'reboot' }, bootId }, signal);
        sent = changed.state === 'ran';
        // Whatever else it says while it goes down, or comes up, is not a no.
        if (changed.state === 'refused' && SUDO_SAYS_NO.test(changed.why))
          return { state: 'failed', note: { why: `it was not rebooted: ${changed.why}` } };
      }
    } catch (error) {
      if (signal.aborted) throw error;
      why = whyNot(error);
    }
    if (Date.now() > deadline) return { state: 'unknown', note: { why, next: `look at the console of ${node}` } };
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}
