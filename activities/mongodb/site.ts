import { limitsOf } from '../../domain/audit/check.js';
import { mongodbLag } from '../../domain/audit/mongodb-checks.js';
import { type MongoView, selfOf } from '../../domain/mongodb.js';
import { type MongoSeen, mongoGates, type Silence } from '../../domain/mongodb-gates.js';
import type { Refusal } from '../../domain/refusal.js';
import { whyNot } from '../hosts.js';
import { settled } from '../settled.js';
import type { TurnSite } from '../turns.js';
import { askMongo, type MongoAnswer } from './ask.js';
import { loginOf } from './login.js';

/** The replica set as it is right now, and all that speaks against taking down a member. */
export interface MongoLook {
  seen: MongoSeen;
  refusals: Refusal[];
}

/** How far a secondary may be behind, in seconds: from where on an audit warns (`mongodb-lag`). */
const lagAt = ({ inventory }: Pick<TurnSite, 'inventory'>): number =>
  limitsOf(mongodbLag, inventory.audit.thresholds).warn as number;

/**
 * Asks every mongo node for the replica set, all at the same time. Changes nothing.
 * @throws only the reason of `signal`
 */
export async function readSet({ inventory, run }: Pick<TurnSite, 'inventory' | 'run'>, signal: AbortSignal) {
  const { mongodb } = inventory.audit;
  const nodes = inventory.nodes.filter(({ roles }) => roles.includes('mongo')).map(({ name }) => name);
  const said = new Map<string, MongoView | 'alone'>();
  const silent = new Map<string, Silence>();
  const seen: MongoSeen = { said, silent };
  const login = mongodb && (await loginOf(mongodb).catch((error: unknown) => new Error(whyNot(error))));
  if (login instanceof Error) {
    for (const node of nodes) silent.set(node, { why: login.message });
    return seen;
  }
  const answers = await Promise.all(
    nodes.map(async (node) => ({ node, is: await askMember(run, node, login, signal) })),
  );
  for (const { node, is } of answers) {
    if (is.state === 'read') said.set(node, is.view);
    else if (is.state === 'not-replicated') said.set(node, 'alone');
    else silent.set(node, silence(node, is));
  }
  return seen;
}

/** An arbiter holds no accounts: it tells nobody who logs in, and everybody on its own host who does not. */
async function askMember(...[run, node, login, signal]: Parameters<typeof askMongo>): Promise<MongoAnswer> {
  const answer = await askMongo(run, node, login, signal);
  if (answer.state !== 'denied' || !login) return answer;
  const again = await askMongo(run, node, undefined, signal);
  return again.state === 'read' && selfOf(again.view)?.state === 'ARBITER' ? again : answer;
}

function silence(node: string, answer: Exclude<MongoAnswer, { state: 'read' | 'not-replicated' }>): Silence {
  switch (answer.state) {
    case 'not-listening':
      return { why: `no mongod listens on ${node}`, passes: true, isDown: true };
    case 'not-initiated':
      return { why: `mongod on ${node} is meant for a replica set that was never initiated`, passes: true };
    case 'denied':
      return { why: `${answer.why}: name an account with the role clusterMonitor in audit.mongodb of ostler.yaml` };
    case 'unread':
      return { why: answer.why, passes: true };
  }
}

/** Reads the replica set and tries the gates. @param isStart a member that is down is to be started */
export async function lookAt(site: TurnSite, signal: AbortSignal, isStart = false): Promise<MongoLook> {
  const seen = await readSet(site, signal);
  return { seen, refusals: mongoGates(seen, { lagS: lagAt(site), isStart }) };
}

/** {@link lookAt}, while all that speaks against it may pass by itself. */
export const settledLook = (
  site: TurnSite,
  { patienceMs, isStart, signal }: { patienceMs: number; isStart: boolean; signal: AbortSignal },
): Promise<MongoLook> => settled(() => lookAt(site, signal, isStart), { patienceMs, signal });
