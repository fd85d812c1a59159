import { setTimeout as sleep } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import { broughtBy, type CatalogueEntry } from '../../domain/catalogue.js';
import { isMissing } from '../../domain/plan.js';
import type { HostNote } from '../../domain/progress.js';
import type {
  ActResult,
  Admission,
  AdmitRequest,
  RestartOrder,
  RestartTicket,
  Verdicts,
  VerifyRequest,
} from '../../domain/rollout.js';
import type { SiteInventory } from '../../inventory/load.js';
import { admit } from '../admit.js';
import { beating } from '../beat.js';
import { entryOf } from '../catalogue.js';
import type { RunOnHost } from '../hosts.js';
import type { Keeper } from '../keeper.js';
import type { ComputeServices } from '../openstack/compute-services.js';
import { inspect, isMoving } from './inspect.js';
import { conditionOf, type Observation, type Observer } from './observe.js';
import { bringing, restartWithBrought, verifyWithBrought } from './restart-brought.js';
import type { Verdict } from './verify.js';

/**
 * For how long a read of a host outside the batch is believed: as long as a run waits between two looks, so that batches that follow
 * each other at once need not read the whole role anew; and longer in roles of which a read takes longer.
 */
const believedMs = (hosts: number): number => (hosts <= 200 ? 2_000 : 60_000);

/** Of those no longer believed so many are read again for a batch: all of ten thousand take longer than they are believed. */
const READ_AGAIN = 500;

/** A unit on its way up or down, as after a boot, is given this long to arrive before its host is passed over. */
const SETTLE_MS = 60_000;
const LOOK_AGAIN_MS = 1_000;

/** Journals in one batch's verdicts: 20 lines each, and a run keeps no more. */
const MOST_JOURNALS = 20;

export interface SystemdDeps {
  inventory: SiteInventory;
  run: RunOnHost;
  observer: Observer;
  keeper: Keeper;
  computeServices?: ComputeServices;
}

/** What the rolling restart of a systemd unit does to hosts and asks of them. */
export function createSystemdActivities(deps: SystemdDeps) {
  const { inventory, observer, keeper } = deps;
  const lastRead = new Map<string, { at: number; missing: boolean }>();

  /** Of the role's hosts outside the batch those to be read now: all whose state is not known, then those read longest ago. */
  function toRead(entry: CatalogueEntry, others: string[], now: number): string[] {
    const readAt = new Map(others.map((node) => [node, lastRead.get(`${entry.id} ${node}`)?.at ?? 0]));
    const stale = [...readAt].filter(([, at]) => now - at >= believedMs(others.length)).sort(([, a], [, b]) => a - b);
    const unread = stale.filter(([, at]) => at === 0).length;
    return stale.slice(0, Math.max(unread, READ_AGAIN)).map(([node]) => node);
  }

  /** What is known of these hosts' units is no longer true, or will not be. */
  function forget(entry: CatalogueEntry, nodes: readonly string[]): void {
    for (const node of nodes) lastRead.delete(`${entry.id} ${node}`);
  }

  /**
   * Reads the hosts of a batch and, before them, those of the role of which nothing new enough is known; again while a unit of the batch is
   * on its way somewhere. The batch comes last: its fences are of this moment, and its connections still there when its hosts are acted on.
   */
  async function read(
    entry: CatalogueEntry,
    batch: string[],
    others: string[],
    settleUntil: number,
    signal: AbortSignal,
  ) {
    for (;;) {
      const now = Date.now();
      const seen = await observer.sweep([...toRead(entry, others, now), ...batch], entry, { signal });
      for (const [node, one] of seen)
        lastRead.set(`${entry.id} ${node}`, { at: now, missing: isMissing(conditionOf(one)) });
      const settled = !batch.some((node) => isMoving(seen.get(node) as Observation));
      if (settled || Date.now() > settleUntil) return seen;
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
    }
  }

  /** What is restarted after an entry on the hosts of a batch, as it is now. */
  const readBrought = (entry: CatalogueEntry, nodes: string[], signal: AbortSignal) =>
    Promise.all(
      broughtBy(entry).map(
        async (one): Promise<[CatalogueEntry, Map<string, Observation>]> => [
          one,
          await observer.sweep(nodes, one, { signal }),
        ],
      ),
    );

  return {
    /**
     * Waits for room in the cloud's budget for one batch, and reads the fences of its hosts at that moment. Changes nothing on any
     * host; takes a lease of the keeper, which asking again takes again.
     */
    async admitRestart(request: AdmitRequest): Promise<Admission<RestartTicket>> {
      const entry = entryOf(request.target);
      const role = inventory.nodes.filter((node) => node.roles.includes(request.role)).map(({ name }) => name);
      const batch = new Set(request.nodes);
      const others = role.filter((node) => !batch.has(node));
      forget(entry, request.unwell ?? []);
      const settleUntil = Date.now() + Math.min(SETTLE_MS, request.deadlineMs);
      const admission = await admit(keeper, request, async (signal) => {
        const seen = await read(entry, request.nodes, others, settleUntil, signal);
        const brought = await readBrought(entry, request.nodes, signal);
        return {
          missing: others.filter((node) => lastRead.get(`${entry.id} ${node}`)?.missing),
          hosts: Object.fromEntries(
            request.nodes.map((node) => [
              node,
              bringing(
                inspect(entry, seen.get(node) as Observation, request.again.includes(node)),
                brought.map(([one, on]) => [one, on.get(node) as Observation]),
                request.again.includes(node),
              ),
            ]),
          ),
        };
      });
      forget(entry, request.nodes);
      const asked = { target: request.target, owner: request.owner, batch: request.batch, hosts: request.nodes.length };
      if (admission.admitted) log.info('batch admitted', asked);
      else log.warn('batch not admitted', { ...asked, why: admission.why });
      return admission;
    },

    /**
     * Restarts one host's unit at most once for its intent. Safe to retry at any point: PID 1 refuses a second transient unit of
     * the same name, and an outcome that was not heard is read back from it. A failed start is left as it is and reported.
     */
    async restartUnit(order: RestartOrder): Promise<ActResult> {
      const maybeSent = order.maybeSent || Context.current().info.attempt > 1;
      const { node, target, intent } = order;
      log.info('restarting', { node, target, intent, maybeSent });
      const result = await beating((signal) => restartWithBrought(deps, order, { maybeSent, signal }));
      log.info('restart resolved', { node, target, intent, ...spoken(result) });
      return result;
    },

    /** Proves the restarted hosts of a batch well, or says which are not. Changes nothing. A retry goes on with the hosts that are still open. */
    verifyRestart({ target, hosts, ...limits }: VerifyRequest): Promise<Verdicts> {
      const entry = entryOf(target);
      const settled: Record<string, Verdict | null> = {
        ...(Context.current().info.heartbeatDetails as object | undefined),
      };
      return beating(
        async (signal) => {
          const open = hosts.filter(({ node }) => !(node in settled));
          await Promise.all(
            open.map(async (host) => {
              const verdict = await verifyWithBrought(deps, entry, host, { ...limits, signal });
              log.info('verified', { node: host.node, target, ...spoken(verdict ?? { state: 'ok' }) });
              settled[host.node] = verdict ? withinPayload(verdict, settled) : null;
            }),
          );
          return verdictsOf(settled);
        },
        () => settled,
      );
    },
  };
}

export type SystemdActivities = ReturnType<typeof createSystemdActivities>;

const verdictsOf = (settled: Record<string, Verdict | null>): Verdicts =>
  Object.fromEntries(Object.entries(settled).filter((pair): pair is [string, Verdict] => pair[1] !== null));

/** A result as a line of the log has it: without the journal, which the host keeps. */
const spoken = (result: { state: string; note?: HostNote }) => ({ state: result.state, why: result.note?.why });

/** A batch of hundreds that fails as one has one cause: the first journals tell it, and all would not fit (design, rule 10). */
function withinPayload(verdict: Verdict, settled: Record<string, Verdict | null>): Verdict {
  const journals = Object.values(settled).filter((one) => one?.note.journal).length;
  if (journals < MOST_JOURNALS) return verdict;
  const { journal: _left, ...note } = verdict.note;
  return { ...verdict, note };
}
