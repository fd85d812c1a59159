import { setTimeout as sleep } from 'node:timers/promises';
import type { CephDaemon, CephTicket } from '../../domain/ceph-daemons.js';
import { hopeless, osdsMissing, othersMissing } from '../../domain/ceph-gates.js';
import { formatDuration } from '../../domain/duration.js';
import { goesOnPast, LOOK_AGAIN } from '../../domain/progress.js';
import type { ActOrder, ActResult, Verdicts } from '../../domain/rollout.js';
import { lastLines } from '../systemd/journal.js';
import { type InProof, restartInTurn, type TurnSite } from '../turns.js';
import { readCeph } from './ask.js';
import { settledLook } from './site.js';

/** What may pass by itself right before a restart is given this long. */
const GATE_PATIENCE_MS = 30_000;

/** An OSD that is not up by then is for a person (domain reference, C9: abort). */
const OSD_UP_WITHIN_MS = 600_000;

/** Placement groups that are lost and monitors that are gone are believed when they have been so for this long: an election takes seconds. */
const HOPELESS_AFTER_MS = 60_000;

/** OSDs report every five seconds (mgr_stats_period, osd_mon_report_interval): until two reports have come, what is told of their groups may be old. */
const REPORTED_WITHIN_MS = 10_000;

const LOOK_AGAIN_MS = 2_000;

/** Restarts the daemons of one host, and asks Ceph for leave right before that: the gates, and its own `ok-to-stop`. */
export function restartDaemons(site: TurnSite, order: ActOrder<CephTicket>): Promise<ActResult> {
  const { node, target, ticket } = order;
  const own = ticket.osds && { own: ticket.osds.noout };
  return restartInTurn(site, order, async (signal) => {
    const options = { patienceMs: GATE_PATIENCE_MS, ...own, signal };
    return (await settledLook(site, target as CephDaemon, node, options)).refusals;
  });
}

/**
 * Proves by Ceph's own word that a host's daemons are back: its OSDs up in a new life, every placement group active and clean, every monitor in
 * quorum, and all that for the soak. Changes nothing.
 * @returns undefined when all is well
 */
export async function provenBack(
  site: TurnSite,
  { node, ticket, soakMs, deadlineMs, since }: InProof<CephTicket>,
  signal: AbortSignal,
): Promise<Verdicts[string] | undefined> {
  const steadyMs = Math.max(soakMs, REPORTED_WITHIN_MS);
  let steady: { since: number; lives: string } | undefined;
  let hopelessSince: number | undefined;
  for (;;) {
    const seen = await readCeph(site, signal);
    const now = Date.now();
    const facts = seen.asked === undefined ? undefined : seen.facts;
    const away = facts && ticket.osds ? osdsMissing(facts, ticket.osds) : [];
    const missing = facts ? [...away, ...othersMissing(facts)] : [seen.asked === undefined ? seen.why : ''];
    const lost = facts && hopeless(facts, ticket.monitor);
    hopelessSince = lost === undefined ? undefined : (hopelessSince ?? now);
    if (missing.length === 0 && facts) {
      const lives = Object.keys(ticket.osds?.upFrom ?? {})
        .map((name) => facts.map.upFrom[name])
        .join();
      if (steady?.lives !== lives) steady = { since: now, lives };
      if (now - steady.since >= steadyMs) return undefined;
    } else steady = undefined;
    const isOver = now - since > deadlineMs;
    if (away.length > 0 && now - since > Math.min(OSD_UP_WITHIN_MS, deadlineMs))
      return downVerdict(site, { node, ticket }, away);
    if (lost !== undefined && hopelessSince !== undefined && now - hopelessSince > HOPELESS_AFTER_MS)
      return {
        state: 'failed',
        note: { why: `for ${formatDuration(HOPELESS_AFTER_MS)} ${lost}`, next: watch(ticket) },
      };
    if (isOver && facts === undefined)
      return { state: 'unknown', note: { why: `it is not proven: ${missing.join('; ')}`, next: LOOK_AGAIN } };
    if (isOver) {
      const why = missing.length > 0 ? missing.join('; ') : 'its OSDs come up again and again';
      return { state: 'failed', note: { why: `after ${formatDuration(deadlineMs)}: ${why}`, next: watch(ticket) } };
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}

const goesOn = ({ osds }: Pick<CephTicket, 'osds'>): string => goesOnPast(osds ? 'ceph-osd' : 'ceph-mon');

const watch = (ticket: CephTicket): string =>
  `\`ceph health detail\` names what it is about; restart nothing else of Ceph until all is active+clean, then ${goesOn(ticket)}`;

async function downVerdict(
  { run }: TurnSite,
  { node, ticket }: Pick<InProof<CephTicket>, 'node' | 'ticket'>,
  away: readonly string[],
): Promise<Verdicts[string]> {
  const [, id] = /\bosd\.(\d+)\b/.exec(away[0] ?? '') ?? [];
  const journal = id === undefined ? [] : await lastLines(run, node, `ceph-osd@${id}.service`);
  return {
    state: 'failed',
    note: {
      why: `after ${formatDuration(OSD_UP_WITHIN_MS)}: ${away.join('; ')}`,
      next: `look at the disk on ${node}, then there: systemctl reset-failed ceph-osd@${id ?? 'ID'}; systemctl start ceph-osd@${id ?? 'ID'}; when it is up, ${goesOn(ticket)}`,
      ...(journal.length > 0 && { journal }),
    },
  };
}
