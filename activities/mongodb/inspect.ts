import { electionOf, isToStepDown, type MongoTicket } from '../../domain/mongodb-gates.js';
import { sentenceOf } from '../../domain/refusal.js';
import type { AdmitRequest, Inspection } from '../../domain/rollout.js';
import type { Look } from '../admit.js';
import { vetoed } from '../systemd/inspect.js';
import { inspectInTurn, type Patience, type TurnSite } from '../turns.js';
import { settledLook } from './site.js';

/** Looks at the hosts of a batch: whether the member on each may be restarted, and what is there before anything is done. */
export const inspectReplicaSet = (
  site: TurnSite,
  request: AdmitRequest,
  signal: AbortSignal,
): Promise<Look<MongoTicket>> => inspectInTurn(site, request, (...asked) => ticketFor(site, ...asked), signal);

async function ticketFor(
  site: TurnSite,
  node: string,
  restart: MongoTicket['restart'],
  { patienceMs, signal }: Patience,
): Promise<Inspection<MongoTicket>> {
  const { seen, refusals } = await settledLook(site, { patienceMs, signal, isStart: restart.verb === 'start' });
  const leads = isToStepDown(seen, node);
  const electedMs = electionOf(seen, node);
  // Without that nobody could tell one step down from the next.
  if (leads && electedMs === undefined)
    refusals.push({ why: `the primary on ${node} does not say when it was elected` });
  if (refusals.length > 0) return vetoed(sentenceOf(refusals));
  return { ticket: { restart, ...(leads && electedMs !== undefined && { electedMs }) } };
}
