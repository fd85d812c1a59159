import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogueEntry } from '../../domain/catalogue.js';
import { type IntentVerdict, resolveIntent, type UnitFacts } from '../../domain/intent.js';
import { type HostNote, LOOK_AGAIN } from '../../domain/progress.js';
import type { ActResult, RestartOrder } from '../../domain/rollout.js';
import { isPassing, nextStep, type RunOnHost, whyNot } from '../hosts.js';
import { type Keeper, lostLease } from '../keeper.js';
import { redact } from '../redact.js';
import { SshFailure } from '../ssh/types.js';
import { lastLines } from './journal.js';
import { isUp, namesOf, type Observer, type UnitNames } from './observe.js';
import type { Probe } from './probe.js';
import { NEEDS_NOT_ACTIVE, refusals, restartScript } from './restart-script.js';

/** How long one exec may take until its outcome is read from the host instead. */
const SEND_LIMIT_MS = 10_000;

/** A host to which nothing was sent yet gets this long to answer before its turn is given up. */
export const UNREACHABLE_AFTER_MS = 60_000;

/** A read waits on the host for the end of the restart (probe.ts); a host that is not done then needs no hurry. */
export const pauseMs = (round: number): number => Math.min(2_000, 100 * 2 ** round);

export interface RestartDeps {
  run: RunOnHost;
  observer: Observer;
  keeper: Keeper;
}

/** Why a send did nothing, where the host said so. */
export type Refusal = { kind: 'sudo' | 'needs' | 'other'; said: string };

/**
 * How one send ended. Without an answer it may still be under way on the host, behind a sudo that hangs, and act whenever that wakes up.
 */
type Sent = { answer: 'taken' | 'none' } | { answer: 'refused'; refusal: Refusal };

/**
 * Brings one restart to a known outcome: reads what the host says of the intent, sends it only where it provably never
 * arrived, and reads again (design, rules 1 and 2). Whoever runs this, however often, restarts the unit at most once.
 * @param maybeSent an earlier attempt may have sent the intent, so a silent host is `unknown` and not `unreachable`
 * @param gate asked before anything is sent, and before the lease is; why nothing must be
 */
export async function restartOnce(
  { run, observer, keeper }: RestartDeps,
  entry: CatalogueEntry,
  { node, ticket, intent, lease, deadlineMs }: RestartOrder,
  { maybeSent, gate, signal }: { maybeSent: boolean; gate?: () => Promise<string | undefined>; signal: AbortSignal },
): Promise<ActResult> {
  const startedAt = Date.now();
  const deadline = startedAt + deadlineMs;
  // Whether a send may still act, or has: then only a known outcome may lead to another intent for this host.
  let sent = maybeSent;
  let refusal: Refusal | undefined;
  let taken = false;

  /** Sends the intent while the lease covers it; what comes back is the end of the matter. */
  const trySend = async ({ unit, needs }: UnitNames): Promise<ActResult | undefined> => {
    const shut = await gate?.();
    if (shut !== undefined) return kept(shut, sent);
    // A gate may take its time; the lease is what must hold right then (design, rule 5).
    const lost = await lostLease(keeper, lease);
    if (lost && sent) return { state: 'unknown', note: { why: `${UNDER_WAY}; ${lost}`, next: LOOK_AGAIN } };
    if (lost) return { state: 'lease-lost', note: { why: lost } };
    const result = await send(run, node, restartScript({ ...ticket, unit, intent, needs }), signal);
    refusal = result.answer === 'refused' ? result.refusal : undefined;
    taken = result.answer === 'taken';
    sent ||= result.answer !== 'refused';
    return undefined;
  };

  let rounds = 0;
  const pause = () => sleep(pauseMs(rounds++), undefined, { signal });
  // What was never sent needs no look before: the script itself sees whether the host is still as it was.
  const known = observer.namesOn(node, entry);
  let over = known && !sent ? await trySend(known) : undefined;
  let endSeen = false;
  while (!over) {
    let probe: Probe;
    try {
      probe = await observer.probe(node, entry, { intent, stayWith: known?.unit, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      const givenUp =
        !isPassing(error) || Date.now() > (sent ? deadline : Math.min(deadline, startedAt + UNREACHABLE_AFTER_MS));
      if (givenUp) return unheard(error, sent);
      await pause();
      continue;
    }
    const { unit } = probe;
    if (!unit) return kept(`${entry.id} is not installed any more`, sent);
    const verdict = resolveIntent(ticket.fence, unit.fence, probe.intent);
    // systemctl asks PID 1 for the unit first and for the intent last: an intent that ended in between is seen beside a unit that
    // was still being restarted. What it did to the unit is told by a read that began after its end.
    if (!endSeen && (verdict.kind === 'failed' || verdict.kind === 'stopped-before')) {
      endSeen = true;
      continue;
    }
    const result = settled(verdict, { unit, rebooted: unit.fence.bootId !== ticket.fence.bootId, refusal, sent });
    if (result?.state === 'failed') result.note.journal = await lastLines(run, node, unit.unit);
    if (result) return result;
    if (Date.now() > deadline) return { state: 'unknown', note: openAtDeadline(verdict, unit, refusal, sent) };
    if (verdict.kind === 'never-arrived' && !unit.jobQueued) {
      over = await trySend(namesOf(unit, probe.needs));
      // What was taken has an outcome soon; at a refusal, or silence, nobody knocks without a pause.
      if (taken) {
        rounds = 0;
        continue;
      }
    }
    await pause();
  }
  return over;
}

export const UNDER_WAY = 'an earlier send got no answer and may still be under way';

/** Kept off a host by what was found there; while an earlier send may still act, that is no known outcome. */
export const kept = (why: string, sent: boolean): ActResult =>
  sent
    ? { state: 'unknown', note: { why: `${UNDER_WAY}; now: ${why}`, next: LOOK_AGAIN } }
    : { state: 'vetoed', note: { why } };

interface Seen {
  unit: UnitFacts;
  rebooted: boolean;
  refusal: Refusal | undefined;
  sent: boolean;
}

/** What a verdict means for the host, or undefined while it is still open. */
function settled(verdict: IntentVerdict, { unit, rebooted, refusal, sent }: Seen): ActResult | undefined {
  switch (verdict.kind) {
    case 'restarted':
      return { state: 'acted', byUs: true };
    case 'failed':
      return { state: 'failed', note: startFailed(unit, verdict.exitStatus) };
    case 'stopped-before':
      if (unit.load === 'masked') return { state: 'vetoed', note: { why: `${unit.unit} is masked` } };
      return {
        state: 'skipped',
        note: { why: 'somebody had stopped it before our restart arrived; it stays stopped' },
      };
    case 'not-by-us':
      return restartedByAnotherHand(unit, rebooted);
    case 'never-arrived':
      if (unit.load === 'masked') return kept(`${unit.unit} is masked`, sent);
      if (refusal?.kind === 'needs' || (refusal?.kind === 'sudo' && sent)) return kept(refusal.said, sent);
      if (refusal?.kind === 'sudo')
        return {
          state: 'failed',
          note: {
            why: `sudo refused: ${refusal.said}`,
            next: 'install the rules that `ostler sudoers` prints, then `ostler retry`',
          },
        };
      return undefined;
    case 'still-running':
      return undefined;
  }
}

function restartedByAnotherHand(unit: UnitFacts, rebooted: boolean): ActResult | undefined {
  if (unit.jobQueued || unit.active.endsWith('ating')) return undefined;
  if (isUp(unit)) return { state: 'acted', byUs: false };
  if (unit.active === 'failed')
    return {
      state: 'failed',
      note: { why: `it failed (${unit.result}) before we touched it, after it was seen active` },
    };
  const why = rebooted
    ? `the host was rebooted, and ${unit.unit} did not come up with it; it stays down`
    : 'somebody stopped it before its turn; it stays stopped';
  return { state: 'skipped', note: { why } };
}

/** Result= of a unit that was started too often; called `start-limit` up to systemd 229. */
const START_LIMIT = ['start-limit-hit', 'start-limit'];

/** A failed start is never repeated by Ostler itself: the note says what a person can do. */
function startFailed({ unit, active, result }: UnitFacts, exitStatus: number): HostNote {
  const outcome = active === 'active' ? 'is active, but not by our restart' : 'did not come up';
  const why = `${unit} ${outcome}: systemctl exit ${exitStatus}, result ${result}`;
  return START_LIMIT.includes(result)
    ? { why, next: `find the cause, then on the host: systemctl reset-failed ${unit}; then \`ostler retry\`` }
    : { why, next: 'find the cause, then `ostler retry` starts it again' };
}

function openAtDeadline(
  verdict: IntentVerdict,
  unit: UnitFacts,
  refusal: Refusal | undefined,
  sent: boolean,
): HostNote {
  const next = LOOK_AGAIN;
  if (verdict.kind === 'still-running')
    return { why: `still starting: ${unit.unit} is ${unit.active} (${unit.sub})`, next };
  if (verdict.kind === 'not-by-us')
    return { why: `another hand is at it: ${unit.unit} is ${unit.active} (${unit.sub})`, next };
  return { why: `${sent ? UNDER_WAY : 'the restart never arrived'}${refusal ? `: ${refusal.said}` : ''}`, next };
}

export const unheard = (error: unknown, sent: boolean): ActResult =>
  sent
    ? {
        state: 'unknown',
        note: {
          why: `it may have been restarted; ${whyNot(error)}`,
          next: nextStep(error, 'looks what happened and sends nothing twice'),
        },
      }
    : { state: 'unreachable', note: { why: whyNot(error), next: nextStep(error, 'gives it its turn') } };

/** Sends the script once. However that ends, only the host knows what happened; this is what the host said. */
export async function send(run: RunOnHost, node: string, script: string, signal: AbortSignal): Promise<Sent> {
  try {
    const { exitCode, stderr } = await run(node, script, { limitMs: SEND_LIMIT_MS, signal });
    if (exitCode === 0) return { answer: 'taken' };
    if (exitCode === null) return { answer: 'none' };
    const said = redact(stderr.replace(SUDO_WARNING, '').trim()).slice(0, 300);
    return { answer: 'refused', refusal: refusalOf(exitCode, said) };
  } catch (error) {
    if (!(error instanceof SshFailure) || error.kind === 'cancelled') throw error;
    if (error.sent) return { answer: 'none' };
    return { answer: 'refused', refusal: { kind: 'other', said: error.message } };
  }
}

/** A host that does not know its own name says so through every sudo, allowed or not. */
const SUDO_WARNING = /^sudo: unable to resolve host .*$/gm;

const SUDO_REFUSED = /^sudo: |is not allowed to execute|may not run sudo|sudo: (?:command )?not found/m;

function refusalOf(exitCode: number, said: string): Refusal {
  if (exitCode === NEEDS_NOT_ACTIVE) return { kind: 'needs', said: refusals[NEEDS_NOT_ACTIVE] };
  if (SUDO_REFUSED.test(said)) return { kind: 'sudo', said };
  return { kind: 'other', said: refusals[exitCode as keyof typeof refusals] ?? said };
}
