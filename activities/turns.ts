import { Context, log } from '@temporalio/activity';
import { type Refusal, sentenceOf } from '../domain/refusal.js';
import type {
  ActOrder,
  ActResult,
  AdmitRequest,
  Inspection,
  RestartTicket,
  Verdicts,
  VerifyRequest,
} from '../domain/rollout.js';
import type { SiteInventory } from '../inventory/load.js';
import type { Look } from './admit.js';
import { beating } from './beat.js';
import { entryOf } from './catalogue.js';
import type { RunOnHost } from './hosts.js';
import type { Keeper } from './keeper.js';
import { SETTLE_MS } from './settled.js';
import { inspect } from './systemd/inspect.js';
import type { Observation, Observer } from './systemd/observe.js';
import { restartOnce } from './systemd/restart.js';

/** What daemons are reached by whose hosts take their turns by what their own system says. */
export interface TurnSite {
  inventory: SiteInventory;
  run: RunOnHost;
  observer: Observer;
  keeper: Keeper;
}

/** How long a look may wait for what passes by itself. */
export interface Patience {
  patienceMs: number;
  signal: AbortSignal;
}

/**
 * Looks at the hosts of a batch: whether the daemon on each may be restarted, and what is there before anything is done.
 * @param ticketFor asks the system itself, and adds what it says to the ticket of the unit
 */
export async function inspectInTurn<Ticket>(
  { observer }: Pick<TurnSite, 'observer'>,
  { target, nodes, again, deadlineMs }: AdmitRequest,
  ticketFor: (node: string, restart: RestartTicket, patience: Patience) => Promise<Inspection<Ticket>>,
  signal: AbortSignal,
): Promise<Look<Ticket>> {
  const hosts: Record<string, Inspection<Ticket>> = {};
  for (const node of nodes) {
    const seen = (await observer.sweep([node], entryOf(target), { signal })).get(node) as Observation;
    const restart = inspect(entryOf(target), seen, again.includes(node));
    hosts[node] =
      'ticket' in restart
        ? await ticketFor(node, restart.ticket, { patienceMs: Math.min(SETTLE_MS, deadlineMs), signal })
        : restart;
  }
  // Who is down, the system has said.
  return { hosts, missing: [] };
}

/**
 * Restarts the daemon of one host at most once for its intent, when nothing speaks against it right before that. Safe to retry at any point, as the
 * restart of any unit is.
 */
export function restartInTurn(
  site: TurnSite,
  order: ActOrder<{ restart: RestartTicket }>,
  refusalsNow: (signal: AbortSignal) => Promise<readonly Refusal[]>,
): Promise<ActResult> {
  const { node, target, ticket, intent } = order;
  const maybeSent = order.maybeSent || Context.current().info.attempt > 1;
  return beating(async (signal) => {
    const gate = async (): Promise<string | undefined> => {
      const refusals = await refusalsNow(signal);
      return refusals.length > 0 ? sentenceOf(refusals) : undefined;
    };
    const unit = { ...order, ticket: ticket.restart };
    const result = await restartOnce(site, entryOf(target), unit, { maybeSent, gate, signal });
    log.info('restarted in turn', { node, target, intent, state: result.state });
    return result;
  });
}

/** One host that is to be proven back, and how long that may take. */
export interface InProof<Ticket> {
  node: string;
  target: string;
  ticket: Ticket;
  soakMs: number;
  deadlineMs: number;
  /** When the proof began, in milliseconds since 1970. */
  since: number;
}

/**
 * Proves the hosts of a batch back, one after the other. A retry goes on with the time that is left.
 * @param prove undefined when all is well
 */
export function proveInTurn<Ticket>(
  { target, hosts, soakMs, deadlineMs }: VerifyRequest<Ticket>,
  prove: (host: InProof<Ticket>, signal: AbortSignal) => Promise<Verdicts[string] | undefined>,
): Promise<Verdicts> {
  const { since = Date.now() } = { ...(Context.current().info.heartbeatDetails as { since?: number } | undefined) };
  return beating(
    async (signal) => {
      const verdicts: Verdicts = {};
      for (const { node, ticket } of hosts) {
        const verdict = await prove({ node, target, ticket, soakMs, deadlineMs, since }, signal);
        if (verdict) verdicts[node] = verdict;
      }
      return verdicts;
    },
    () => ({ since }),
  );
}
