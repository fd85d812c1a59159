import { setTimeout as sleep } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import type { CephChange } from '../../domain/ceph-commands.js';
import type { OsdTicket } from '../../domain/ceph-daemons.js';
import { cephGates, isSet } from '../../domain/ceph-gates.js';
import type { StepResult } from '../../domain/failover.js';
import { type Refusal, sentenceOf } from '../../domain/refusal.js';
import type { BatchKey } from '../../domain/rollout.js';
import { changeOnce } from '../controllers/change.js';
import { whyNot } from '../hosts.js';
import { lostLease } from '../keeper.js';
import { SETTLE_MS, settled } from '../settled.js';
import { SshFailure } from '../ssh/types.js';
import type { TurnSite } from '../turns.js';
import { type CephReading, readCeph, readOsdMap } from './ask.js';
import { limitsAt } from './site.js';

/** How long a flag may take to be seen after its command has ended. */
const SEEN_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 500;

/** Monitors that elect a leader, or a host from which Ceph is asked that boots, answer again within this time. */
const ANSWERED_WITHIN_MS = 180_000;

/** One flag of one host, to be set or to be unset again. */
export interface NooutOrder {
  node: string;
  osds: OsdTicket;
  /** 16 hexadecimal digits that name this change for ever. */
  intent: string;
}

/**
 * Sets the flag, once all gates are open, from the one host that the ticket names and under the intent: whoever comes late with it is refused there
 * once it is void. What may pass by itself is waited for, such as a restart of the host's OSDs that an earlier turn has sent. Idempotent.
 */
export async function setNoout(
  site: TurnSite,
  { osds: { noout, from }, intent, lease }: NooutOrder & { lease: BatchKey },
  signal: AbortSignal,
): Promise<StepResult> {
  const isFirst = Context.current().info.attempt === 1;
  const untouched = isFirst ? { isUntouched: true as const } : {};
  const look = async (): Promise<{ seen: CephReading; refusals: Refusal[] }> => {
    const seen = await readCeph(site, signal);
    if (seen.asked === undefined) return { seen, refusals: [{ why: seen.why, passes: true }] };
    // What is set already is this run's own when an earlier attempt may have set it, and somebody else's when none has.
    return { seen, refusals: cephGates(seen.facts, limitsAt(site), isFirst ? undefined : noout) };
  };
  const { seen, refusals } = await settled(look, { patienceMs: SETTLE_MS, signal });
  if (refusals.length > 0 || seen.asked === undefined)
    return { state: 'refused', why: sentenceOf(refusals), ...untouched };
  if (isSet(seen.facts, noout)) return { state: 'done' };
  const lost = await lostLease(site.keeper, lease);
  if (lost) return { state: 'refused', why: lost, ...untouched };
  const changed = await changeOnce(
    site.run,
    from.node,
    { intent, change: { kind: 'noout', scope: noout }, bootId: from.bootId },
    signal,
  );
  log.info('noout', { from: from.node, intent, ...changed });
  return untilSeen(site, { kind: 'noout', scope: noout }, whyFailed(changed, from.node, intent), signal);
}

/**
 * Unsets the flag: makes the intent of the set void first, so that a worker which wakes up late can set it no more. Harmless when it was never set.
 * @param taken the intent under which it was set
 */
export async function unsetNoout(
  site: TurnSite,
  { osds: { noout, from }, intent, taken }: NooutOrder & { taken: string },
  signal: AbortSignal,
): Promise<StepResult> {
  try {
    await changeOnce(site.run, from.node, { intent: taken, change: { kind: 'void' }, bootId: from.bootId }, signal);
  } catch (error) {
    // One that does not answer takes nothing in another boot.
    if (signal.aborted || !(error instanceof SshFailure)) throw error;
    log.warn('intent not made void', { from: from.node, intent: taken, why: error.message });
  }
  const deadline = Date.now() + ANSWERED_WITHIN_MS;
  for (;;) {
    const seen = await readOsdMap(site, signal);
    if (seen.asked !== undefined) {
      if (!isSet(seen, noout)) return { state: 'done' };
      const change: CephChange = { kind: 'unset-noout', scope: noout };
      const why = await tried(site, seen.asked, { intent, change, bootId: seen.bootId }, signal);
      return untilSeen(site, change, why, signal);
    }
    if (Date.now() > deadline) return { state: 'refused', why: seen.why };
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}

async function tried(
  { run }: TurnSite,
  from: string,
  order: Parameters<typeof changeOnce>[2],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const changed = await changeOnce(run, from, order, signal);
    log.info('noout', { from, intent: order.intent, ...changed });
    return whyFailed(changed, from, order.intent);
  } catch (error) {
    // Whatever became of it is seen by looking.
    if (signal.aborted || !(error instanceof SshFailure)) throw error;
    return whyNot(error);
  }
}

function whyFailed(changed: Awaited<ReturnType<typeof changeOnce>>, from: string, intent: string): string | undefined {
  if (changed.state === 'refused') return `${from}: ${changed.why}`;
  return changed.exitStatus === 0
    ? undefined
    : `it ended with exit ${changed.exitStatus} on ${from} (journalctl -u ostler-${intent} there says more)`;
}

/** Looks until Ceph tells the flag as it is wanted. @param why what the command is known to have failed with */
async function untilSeen(
  site: TurnSite,
  { kind, scope }: CephChange,
  why: string | undefined,
  signal: AbortSignal,
): Promise<StepResult> {
  const deadline = Date.now() + SEEN_WITHIN_MS;
  for (;;) {
    const seen = await readOsdMap(site, signal);
    if (seen.asked !== undefined && isSet(seen, scope) === (kind === 'noout')) return { state: 'done' };
    if (why !== undefined || Date.now() > deadline) {
      const now = seen.asked === undefined ? seen.why : `Ceph does not tell it so`;
      return { state: 'refused', why: [why, now].filter(Boolean).join('; ') };
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}
