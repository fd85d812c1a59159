import { setTimeout as sleep } from 'node:timers/promises';
import { log } from '@temporalio/activity';
import { formatDuration } from '../../domain/duration.js';
import type { StepResult } from '../../domain/failover.js';
import { selfOf } from '../../domain/mongodb.js';
import {
  electionOf,
  hasMajority,
  isToStepDown,
  type MongoSeen,
  type MongoTicket,
  memberOn,
  primariesSeen,
  rollingBack,
} from '../../domain/mongodb-gates.js';
import { listed } from '../../domain/names.js';
import { goesOnPast, LOOK_AGAIN } from '../../domain/progress.js';
import { sentenceOf } from '../../domain/refusal.js';
import type { ActOrder, ActResult, BatchKey, Verdicts } from '../../domain/rollout.js';
import { entryOf } from '../catalogue.js';
import { lostLease } from '../keeper.js';
import { SETTLE_MS, settled } from '../settled.js';
import { lastLines } from '../systemd/journal.js';
import { type InProof, restartInTurn, type TurnSite } from '../turns.js';
import { tellToStepDown } from './ask.js';
import { loginOf } from './login.js';
import { lookAt, readSet } from './site.js';

/** Without a primary for that long something else is wrong than an election (domain reference, C10: abort). */
const NO_PRIMARY_MS = 60_000;

/** Members ask each other every two seconds, and believe for ten that all is well (electionTimeoutMillis): what is told sooner may be old. */
const HEARD_WITHIN_MS = 10_000;

const LOOK_AGAIN_MS = 1_000;

/** One primary that is to step down from the election that it has won. */
export interface StepDownOrder {
  node: string;
  /** When it was elected, in milliseconds since 1970. */
  electedMs: number;
  lease: BatchKey;
}

/**
 * Has the primary step down, once all gates are open, and waits until another one is elected. It does so from that one election: who comes late
 * with it finds it over. Idempotent.
 */
export async function stepDownOnce(
  site: TurnSite,
  { node, electedMs, lease }: StepDownOrder,
  signal: AbortSignal,
): Promise<StepResult> {
  // One that was elected anew has another election to step down from: right before a restart that is seen.
  const isOver = (now: MongoSeen): boolean => {
    const view = memberOn(now, node);
    if (!view) return now.silent.get(node)?.isDown === true;
    return selfOf(view)?.state !== 'PRIMARY' || electionOf(now, node) !== electedMs;
  };
  const { seen, refusals } = await settled(
    async () => {
      const look = await lookAt(site, signal);
      // An earlier attempt may have done it, and what is wrong then is looked at before the restart.
      return isOver(look.seen) ? { ...look, refusals: [] } : look;
    },
    { patienceMs: SETTLE_MS, signal },
  );
  if (refusals.length > 0) return { state: 'refused', why: sentenceOf(refusals) };
  if (isOver(seen)) return { state: 'done' };
  const view = memberOn(seen, node);
  const own = view && selfOf(view)?.name;
  const lost = await lostLease(site.keeper, lease);
  if (lost) return { state: 'refused', why: lost };
  const { mongodb } = site.inventory.audit;
  const login = mongodb && (await loginOf(mongodb));
  const told = await tellToStepDown(site.run, node, { login, electedMs }, signal);
  log.info('primary told to step down', { node, electedMs, ...told });
  if (told.state === 'refused') return told;
  const deadline = Date.now() + NO_PRIMARY_MS;
  for (;;) {
    const primaries = primariesSeen(await readSet(site, signal));
    if (primaries.some((name) => name !== own)) return { state: 'done' };
    if (Date.now() > deadline)
      return {
        state: 'refused',
        why: `${formatDuration(NO_PRIMARY_MS)} after it was told to step down ${primaries.length > 0 ? `${node} is the primary` : 'no other member is'}`,
      };
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}

/** Restarts the mongod of one host, when all gates are open right before that and another member is the primary. */
export const restartMember = (site: TurnSite, order: ActOrder<MongoTicket>): Promise<ActResult> =>
  restartInTurn(site, order, async (signal) => {
    const { node, ticket } = order;
    const { refusals } = await settled(
      async () => {
        const look = await lookAt(site, signal, ticket.restart.verb === 'start');
        const why = `${node} is the primary, and has not stepped down in this turn`;
        return isToStepDown(look.seen, node) ? { ...look, refusals: [...look.refusals, { why }] } : look;
      },
      { patienceMs: NO_PRIMARY_MS, signal },
    );
    return refusals;
  });

/**
 * Proves by the members' own word that one is back: it and all others in order behind one primary, and all that in one life of its process for the
 * soak. Changes nothing.
 * @returns undefined when all is well
 */
export async function provenBack(
  site: TurnSite,
  { node, target, soakMs, deadlineMs, since }: InProof<MongoTicket>,
  signal: AbortSignal,
): Promise<Verdicts[string] | undefined> {
  const steadyMs = Math.max(soakMs, HEARD_WITHIN_MS);
  let steadySince: number | undefined;
  let uptimeS = 0;
  let noPrimarySince: number | undefined;
  const failed = async (why: string, next = WATCH): Promise<Verdicts[string]> => {
    const unit = site.observer.namesOn(node, entryOf(target))?.unit ?? target;
    const journal = await lastLines(site.run, node, unit);
    return { state: 'failed', note: { why, next, ...(journal.length > 0 && { journal }) } };
  };
  for (;;) {
    const { seen, refusals } = await lookAt(site, signal);
    const now = Date.now();
    const gone = seen.silent.get(node)?.isDown ? await whyGone(site, { node, target }, signal) : undefined;
    if (gone !== undefined) return failed(gone, MEND);
    const lost = rollingBack(seen);
    if (lost.length > 0) return failed(`${listed(lost)} is in ROLLBACK: keep its rollback directory`);
    const view = memberOn(seen, node);
    const self = view && selfOf(view);
    const isAnotherLife = (self?.uptimeS ?? uptimeS) < uptimeS;
    uptimeS = self?.uptimeS ?? uptimeS;
    if (refusals.length > 0 || isAnotherLife) steadySince = undefined;
    else {
      steadySince ??= now;
      if (now - steadySince >= steadyMs) return undefined;
    }
    const isHeadless = hasMajority(seen) && primariesSeen(seen).length === 0;
    noPrimarySince = isHeadless ? (noPrimarySince ?? now) : undefined;
    if (noPrimarySince !== undefined && now - noPrimarySince > NO_PRIMARY_MS)
      return failed(`for ${formatDuration(NO_PRIMARY_MS)} the replica set has no primary`);
    if (now - since > deadlineMs) {
      const why = refusals.length > 0 ? sentenceOf(refusals) : 'its mongod starts again and again';
      if (seen.said.size === 0)
        return { state: 'unknown', note: { why: `it is not proven: ${why}`, next: LOOK_AGAIN } };
      return failed(`after ${formatDuration(deadlineMs)}: ${why}`);
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}

/** What systemd says of a mongod that does not listen, where that does not pass by itself. */
async function whyGone(
  { observer }: TurnSite,
  { node, target }: Pick<InProof<MongoTicket>, 'node' | 'target'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const seen = (await observer.sweep([node], entryOf(target), { signal })).get(node);
  const unit = seen && 'probe' in seen ? seen.probe.unit : undefined;
  return unit && !unit.jobQueued && ['failed', 'inactive'].includes(unit.active)
    ? `${unit.unit} is ${unit.active}`
    : undefined;
}

/** A part of a larger run has ended, and another one would not begin while a member is down. */
const MEND = `mend what its journal says, then \`ostler retry\` starts it, or in a part of a larger run \`ostler service start mongod\`; or ${goesOnPast('mongod')}`;

const WATCH = `\`ostler audit --check mongodb,mongodb-lag\` says what is wrong; restart no other member until it finds nothing, then ${goesOnPast('mongod')}`;
