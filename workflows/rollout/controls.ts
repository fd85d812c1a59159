import { ApplicationFailure, defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { ControlVerb, RolloutProgress } from '../../domain/progress.js';
import {
  type Control,
  type HostControl,
  rolloutQueries,
  rolloutSignals,
  rolloutUpdates,
} from '../messages/controls.js';
import type { RunBook, RunState } from './run-state.js';

/** Control records kept: more steering than this in one run is no longer read. */
const MOST_RECORDS = 100;
const MOST_NAMES = 10;

/**
 * Registers everything an operator can say to a run. Each update is checked by a validator that changes nothing, answers one sentence, and
 * takes effect at the next barrier: hosts in flight finish.
 * @param book undefined until there is a plan
 */
export function registerControls<Ticket>(state: RunState<Ticket>, book: () => RunBook<Ticket> | undefined): void {
  const { progress } = state;

  const record = (verb: ControlVerb, { actor, reason, nodes }: HostControl): void => {
    progress.controls.push({
      at: Date.now(),
      verb,
      actor,
      reason,
      ...(nodes && { nodes: nodes.slice(0, MOST_NAMES) }),
    });
    progress.controls.splice(0, Math.max(0, progress.controls.length - MOST_RECORDS));
  };

  const pause = (control: Control): string => {
    record('pause', control);
    state.pausedBy = { actor: control.actor, reason: control.reason };
    return 'no new batch starts; hosts in flight finish';
  };
  const abort = (control: Control): string => {
    record('abort', control);
    state.abortedBy ??= { actor: control.actor, reason: control.reason, outcome: 'aborted' };
    return progress.waiting?.for === 'restore'
      ? 'it waits for retry or skip: what was taken could not be given back'
      : 'no new host starts; hosts in flight finish, and what was taken is given back';
  };

  on(
    rolloutUpdates.pause,
    pause,
    () => state.pausedBy && `paused already by ${state.pausedBy.actor}: ${state.pausedBy.reason}`,
  );
  on(rolloutUpdates.abort, abort, () => state.abortedBy && `aborted already by ${state.abortedBy.actor}`);
  setHandler(defineSignal<[Control?]>(rolloutSignals.pause), obey(pause));
  setHandler(defineSignal<[Control?]>(rolloutSignals.abort), obey(abort));

  on(
    rolloutUpdates.resume,
    (control) => {
      record('resume', control);
      // Who ends a pause has not been asked about the time yet.
      if (!state.pausedBy && !state.stuck) state.pastUntil ||= book()?.isPastUntil(Date.now()) ?? false;
      delete state.pausedBy;
      delete state.stuck;
      return 'goes on with the next batch';
    },
    () => {
      if (state.pausedBy || state.stuck || progress.waiting?.for === 'person') return undefined;
      if (progress.waiting?.for === 'failures') return `it waits for retry or skip: ${progress.waiting.why}`;
      if (progress.waiting?.for === 'promotion') return 'it waits for promote';
      return 'it is not paused';
    },
  );

  on(
    rolloutUpdates.promote,
    (control) => {
      record('promote', control);
      state.promoted = true;
      return 'the rest follows the canary';
    },
    () => (book()?.request.promote && !state.promoted ? undefined : 'it does not wait for a promotion'),
  );

  on(
    rolloutUpdates.return,
    (control) => {
      record('return', control);
      state.returnedBy = { actor: control.actor, reason: control.reason };
      return 'it comes back into service';
    },
    () => {
      if (state.returnedBy) return `it comes back already, says ${state.returnedBy.actor}: ${state.returnedBy.reason}`;
      if (progress.waiting?.for === 'restore') return `it waits for retry or skip: ${progress.waiting.why}`;
      return progress.waiting?.for === 'return' ? undefined : 'nothing is held out of service';
    },
  );

  on(
    rolloutUpdates.retry,
    (control: HostControl) => {
      record('retry', control);
      if (progress.waiting?.for === 'restore') {
        state.restoring = 'again';
        return 'tries again to put it back';
      }
      const nodes = meant(book(), control, 'refuseRetry');
      state.retries.push(...nodes);
      // Hosts that are down may be what takes the room.
      if (state.stuck?.for === 'budget') delete state.stuck;
      return `${nodes.join(', ')}: next`;
    },
    (control: HostControl) =>
      progress.waiting?.for === 'restore' ? undefined : refuseHosts(book(), control, 'refuseRetry'),
  );

  on(
    rolloutUpdates.skip,
    (control: HostControl) => {
      record('skip', control);
      if (progress.waiting?.for === 'restore') {
        state.restoring = 'leave';
        return 'left as it is, and owed';
      }
      const nodes = meant(book(), control, 'refuseSkip');
      for (const node of nodes) {
        book()?.put(node, 'skipped', { why: `skipped by ${control.actor}: ${control.reason}` });
        delete state.open[node];
      }
      state.retries = state.retries.filter((node) => !nodes.includes(node));
      state.skippedByPerson.push(...nodes);
      return `${nodes.join(', ')}: left as it is`;
    },
    (control: HostControl) =>
      progress.waiting?.for === 'restore' ? undefined : refuseHosts(book(), control, 'refuseSkip'),
  );

  setHandler(defineQuery<RolloutProgress>(rolloutQueries.progress), () => progress);

  function on<C extends Control>(
    name: string,
    handle: (control: C) => string,
    refuse: (control: C) => string | undefined,
  ): void {
    setHandler(defineUpdate<string, [C]>(name), handle, {
      validator: (control) => {
        const why = speaksPlainly(control) ?? (progress.phase === 'ended' ? 'the run has ended' : refuse(control));
        if (why) throw ApplicationFailure.nonRetryable(why, 'ControlRefused');
      },
    });
  }
}

/** What is wrong with a control as it came over the wire, where anything may come. */
function speaksPlainly(control: Partial<Control> | null | undefined): string | undefined {
  const words: unknown[] = [control?.actor, control?.reason];
  const said = words.every((word) => typeof word === 'string' && word.trim() !== '');
  return said ? undefined : 'an actor and a reason are needed';
}

/** A signal has no validator: one that says nothing is passed over, lest it wedge the run. */
const obey =
  (act: (control: Control) => string) =>
  (control?: Control): void => {
    if (control && speaksPlainly(control) === undefined) act(control);
  };

/** The hosts a control is about: those named, once each, or every failed one that it can apply to. */
const meant = (
  book: RunBook<unknown> | undefined,
  { nodes }: HostControl,
  refuse: 'refuseRetry' | 'refuseSkip',
): string[] =>
  nodes
    ? [...new Set(nodes)]
    : (book?.nodesIn('failed', 'unreachable', 'unknown') ?? []).filter((node) => book?.[refuse](node) === undefined);

function refuseHosts(
  book: RunBook<unknown> | undefined,
  control: HostControl,
  refuse: 'refuseRetry' | 'refuseSkip',
): string | undefined {
  if (!book) return 'there is no plan yet';
  const nodes = meant(book, control, refuse);
  if (nodes.length === 0) return 'no host has failed';
  const foreign = nodes.find((node) => !book.has(node));
  return foreign ? `${foreign} is not in the plan` : nodes.map((node) => book[refuse](node)).find(Boolean);
}
