import { electionOf, isToStepDown, type MongoTicket } from '../../domain/mongodb-gates.js';
import { sentenceOf } from '../../domain/refusal.js';
import type { AdmitRequest, Inspection } from '../../domain/rollout.js';
import type { Look } from '../admit.js';
import { entryOf } from '../catalogue.js';
import { SETTLE_MS } from '../settled.js';
import { inspect } from '../systemd/inspect.js';
import type { Observation } from '../systemd/observe.js';
import { type MongoSite, settledLook } from './site.js';

/** Looks at the hosts of a batch: whether the member on each may be restarted, and what is there before anything is done. */
export async function inspectReplicaSet(
  site: MongoSite,
  { target, nodes, again, deadlineMs }: AdmitRequest,
  signal: AbortSignal,
): Promise<Look<MongoTicket>> {
  const hosts: Record<string, Inspection<MongoTicket>> = {};
  for (const node of nodes) {
    const seen = (await site.observer.sweep([node], entryOf(target), { signal })).get(node) as Observation;
    const restart = inspect(entryOf(target), seen, again.includes(node));
    hosts[node] =
      'ticket' in restart
        ? await ticketFor(site, node, restart.ticket, { patienceMs: Math.min(SETTLE_MS, deadlineMs), signal })
        : restart;
  }
  // Who is down, the gates have said.
  return { hosts, missing: [] };
}

async function ticketFor(
  site: MongoSite,
  node: string,
  restart: MongoTicket['restart'],
  { patienceMs, signal }: { patienceMs: number; signal: AbortSignal },
): Promise<Inspection<MongoTicket>> {
  const { seen, refusals } = await settledLook(site, { patienceMs, signal, isStart: restart.verb === 'start' });
  const leads = isToStepDown(seen, node);
  const electedMs = electionOf(seen, node);
  // Without that nobody could tell one step down from the next.
  if (leads && electedMs === undefined)
    refusals.push({ why: `the primary on ${node} does not say when it was elected` });
  if (refusals.length > 0)
    return {
      state: 'vetoed',
      note: {
        why: sentenceOf(refusals),
        next: 'mend that; `ostler retry` with its name gives it another turn while the run lasts',
      },
    };
  return { ticket: { restart, ...(leads && electedMs !== undefined && { electedMs }) } };
}
