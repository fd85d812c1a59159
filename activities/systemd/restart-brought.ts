import type { CatalogueEntry } from '../../domain/catalogue.js';
import type { ActResult, Inspection, RestartOrder, RestartTicket } from '../../domain/rollout.js';
import { entryOf } from '../catalogue.js';
import { intentFor } from '../controllers/change.js';
import { inspect } from './inspect.js';
import type { Observation } from './observe.js';
import { type RestartDeps, restartOnce } from './restart.js';
import { type Verdict, type VerifyDeps, verifyRestarted } from './verify.js';

/**
 * A host's inspection, with what is restarted after the unit where that runs; what keeps us off one of them keeps us off the host.
 * @param again the host has failed before, maybe with what is brought: one that failed is started then
 */
export function bringing(
  inspection: Inspection<RestartTicket>,
  brought: readonly (readonly [CatalogueEntry, Observation])[],
  again: boolean,
): Inspection<RestartTicket> {
  if (!('ticket' in inspection)) return inspection;
  const brings: NonNullable<RestartTicket['brings']> = [];
  for (const [entry, seen] of brought) {
    const hasFailed = 'probe' in seen && seen.probe.unit?.active === 'failed';
    const own = inspect({ ...entry, needs: [] }, seen, again && hasFailed);
    if ('ticket' in own) brings.push({ target: entry.id, ticket: own.ticket });
    // Stopped by somebody, or not there, it stays as it is.
    else if (own.state !== 'skipped') return own;
  }
  return brings.length > 0 ? { ticket: { ...inspection.ticket, brings } } : inspection;
}

/**
 * Restarts a unit and then, under intents of their own, what does not find it again by itself. A retry goes through all of them again, and finds
 * out what became of those that were sent.
 */
export async function restartWithBrought(
  deps: RestartDeps,
  order: RestartOrder,
  attempt: { maybeSent: boolean; signal: AbortSignal },
): Promise<ActResult> {
  const result = await restartOnce(deps, entryOf(order.target), order, attempt);
  if (result.state !== 'acted') return result;
  for (const { target, ticket } of order.ticket.brings ?? []) {
    const entry = entryOf(target);
    const intent = intentFor(order.intent, target);
    const after = await restartOnce(
      deps,
      entry,
      { ...order, target, ticket, intent, deadlineMs: entry.startDeadlineMs },
      attempt,
    );
    // Somebody has stopped it meanwhile, and it stays so.
    if (after.state === 'acted' || after.state === 'skipped') continue;
    return { ...after, note: { ...after.note, why: `${target}, after ${order.target}: ${after.note.why}` } };
  }
  return result;
}

/** Proves the unit well, and what was restarted after it. */
export async function verifyWithBrought(
  deps: VerifyDeps,
  entry: CatalogueEntry,
  host: { node: string; ticket: RestartTicket; byUs: boolean },
  limits: { soakMs: number; deadlineMs: number; signal: AbortSignal },
): Promise<Verdict | undefined> {
  const verdicts = await Promise.all([
    verifyRestarted(deps, entry, host, limits),
    ...(host.ticket.brings ?? []).map(async ({ target, ticket }) => {
      // What somebody has stopped since stays so, and the unit itself is judged all the same.
      const verdict = await verifyRestarted(deps, entryOf(target), { ...host, ticket, byUs: false }, limits);
      if (!verdict || verdict.state === 'skipped') return undefined;
      return { ...verdict, note: { ...verdict.note, why: `${target}: ${verdict.note.why}` } };
    }),
  ]);
  const bad = verdicts.filter((verdict) => verdict !== undefined);
  return bad.find(({ state }) => state === 'failed') ?? bad[0];
}
