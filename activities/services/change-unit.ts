import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogueEntry } from '../../domain/catalogue.js';
import { LOOK_AGAIN } from '../../domain/progress.js';
import type { ActResult, BatchKey } from '../../domain/rollout.js';
import {
  type ChangeVerdict,
  isRunning,
  resolveChange,
  type UnitReading,
  type UnitTicket,
  type UnitVerb,
} from '../../domain/unit-change.js';
import { isPassing, type RunOnHost } from '../hosts.js';
import { type Keeper, lostLease } from '../keeper.js';
import { lastLines } from '../systemd/journal.js';
import type { Observer } from '../systemd/observe.js';
import {
  kept,
  pauseMs,
  type Refusal,
  restartOnce,
  send,
  UNDER_WAY,
  UNREACHABLE_AFTER_MS,
  unheard,
} from '../systemd/restart.js';
import { changeScript } from './change-script.js';
import type { ServiceReader } from './reader.js';

export interface ChangeDeps {
  run: RunOnHost;
  reader: ServiceReader;
  observer: Observer;
  keeper: Keeper;
}

/** One unit of one host, to be changed at most once for its intent. */
export interface UnitOrder {
  node: string;
  verb: UnitVerb;
  ticket: UnitTicket;
  intent: string;
  lease: BatchKey;
  deadlineMs: number;
}

interface Attempt {
  /** An earlier attempt may have sent the intent. */
  maybeSent: boolean;
  signal: AbortSignal;
}

/**
 * Brings one change of one unit to a known outcome. Whoever runs this, however often, changes it at most once (design, rules 1 and 2). A start
 * is that of a restart's second try: the same fence, and nothing happens to a unit that has come up meanwhile.
 */
export async function changeUnitOnce(
  deps: ChangeDeps,
  entry: CatalogueEntry,
  { verb, ticket, ...order }: UnitOrder,
  attempt: Attempt,
): Promise<ActResult> {
  if (verb !== 'start') return changeOnce(deps, entry, { ...order, verb, ticket }, attempt);
  const { fence, failedNeeds } = ticket;
  const asRestart = { ...order, ticket: { verb, fence, failedNeeds }, target: entry.id, maybeSent: attempt.maybeSent };
  const result = await restartOnce(deps, entry, asRestart, attempt);
  return result.state === 'skipped' ? { state: 'failed', note: NOT_STARTED } : result;
}

/** A restart leaves alone what is down; a start that leaves it down has not done what was asked. */
const NOT_STARTED = {
  why: 'it does not run after its start: somebody has stopped it since, or a condition in its unit file is not met',
  next: '`systemctl status` on the host tells which; then `ostler retry` tries it again',
};

async function changeOnce(
  { run, reader, keeper }: ChangeDeps,
  entry: CatalogueEntry,
  { node, verb, ticket, intent, lease, deadlineMs }: UnitOrder & { verb: Exclude<UnitVerb, 'start'> },
  { maybeSent, signal }: Attempt,
): Promise<ActResult> {
  const startedAt = Date.now();
  const deadline = startedAt + deadlineMs;
  let sent = maybeSent;
  let refusal: Refusal | undefined;
  let endSeen = false;
  for (let round = 0; ; round++) {
    try {
      const { unit, intent: ours } = await reader.readOne(node, entry, { intent, signal });
      if (!unit) return kept(`${entry.id} is not installed any more`, sent);
      const verdict = resolveChange(verb, ticket, unit, ours);
      // systemctl asks PID 1 for the unit first and for the intent last: one that ended in between is seen beside a unit as it was before.
      if (!endSeen && (verdict.kind === 'undone' || verdict.kind === 'failed')) {
        endSeen = true;
        continue;
      }
      const result = settled(verb, verdict, { unit, refusal, sent });
      if (result?.state === 'failed') result.note.journal = await lastLines(run, node, unit.unit);
      if (result) return result;
      if (Date.now() > deadline) return openAtDeadline(verb, verdict, { unit, refusal, sent });
      if (verdict.kind === 'never-arrived') {
        const lost = await lostLease(keeper, lease);
        if (lost && sent) return { state: 'unknown', note: { why: `${UNDER_WAY}; ${lost}`, next: LOOK_AGAIN } };
        if (lost) return { state: 'lease-lost', note: { why: lost } };
        const answer = await send(run, node, changeScript({ unit: unit.unit, verb, ticket, intent }), signal);
        refusal = answer.answer === 'refused' ? answer.refusal : undefined;
        sent ||= answer.answer !== 'refused';
        // What was taken has an outcome soon.
        if (answer.answer === 'taken') round = 0;
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const until = sent ? deadline : Math.min(deadline, startedAt + UNREACHABLE_AFTER_MS);
      if (!isPassing(error) || Date.now() > until) return unheard(error, sent);
    }
    await sleep(pauseMs(round), undefined, { signal });
  }
}

interface Seen {
  unit: UnitReading;
  refusal: Refusal | undefined;
  sent: boolean;
}

/** What a verdict means for the unit, or undefined while it is still open. */
function settled(verb: UnitVerb, verdict: ChangeVerdict, { unit, refusal, sent }: Seen): ActResult | undefined {
  switch (verdict.kind) {
    case 'reached': {
      const why = verdict.byUs ? afterwards(verb, unit) : `it was ${wanted[verb]} by another hand, not by us`;
      return { state: 'acted', byUs: true, ...(why !== undefined && { note: { why } }) };
    }
    case 'still-running':
      return undefined;
    case 'failed':
      return {
        state: 'failed',
        note: {
          why: `systemctl ${verb} ${unit.unit} ended with exit ${verdict.exitStatus}; it is ${unit.active} (${unit.sub}), ${unit.fileState || 'without a unit file'}`,
          next: 'find the cause, then `ostler retry` tries it again',
        },
      };
    case 'undone':
      return {
        state: 'failed',
        note: {
          why: `${unit.unit} was ${wanted[verb]}, and is ${verb === 'stop' ? `${unit.active} again` : unit.fileState} since: somebody, or something that needs it, is at it too`,
          next: 'find out who, then `ostler retry` tries it again',
        },
      };
    case 'overtaken':
      // What was sent in another boot is gone with it.
      return kept(`${unit.unit}: ${verdict.why}; \`ostler retry\` looks at it anew`, sent && !verdict.isRebooted);
    case 'never-arrived':
      if (unit.load === 'masked') return kept(`${unit.unit} is masked`, sent);
      if (refusal?.kind !== 'sudo') return undefined;
      if (sent) return kept(refusal.said, sent);
      return {
        state: 'failed',
        note: {
          why: `sudo refused: ${refusal.said}`,
          next: 'install the rules that `ostler sudoers` prints, then `ostler retry`',
        },
      };
  }
}

const wanted: Record<UnitVerb, string> = {
  start: 'started',
  stop: 'stopped',
  enable: 'enabled',
  disable: 'disabled',
};

/** What is worth knowing of a stop that was done: that it did not go down in order. */
const afterwards = (verb: UnitVerb, { unit, result }: UnitReading): string | undefined =>
  verb === 'stop' && result !== 'success' ? `${unit} is down, and not in order: ${result}` : undefined;

function openAtDeadline(verb: UnitVerb, verdict: ChangeVerdict, { unit, refusal, sent }: Seen): ActResult {
  const still = `${unit.unit} is ${unit.active} (${unit.sub})${isRunning(unit) || verb !== 'stop' ? '' : ', still on its way down'}`;
  const why =
    verdict.kind === 'still-running'
      ? `systemctl ${verb} has not ended: ${still}`
      : `${sent ? UNDER_WAY : `the ${verb} never arrived`}${refusal ? `: ${refusal.said}` : ''}`;
  return { state: 'unknown', note: { why, next: LOOK_AGAIN } };
}
