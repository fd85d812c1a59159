import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  setCurrentDetails,
  TemporalFailure,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import type { Outcome, RolloutProgress, Waiting } from '../../domain/progress.js';
import type { RolloutArgs } from '../messages/controls.js';
import { failureTypes } from '../messages/failures.js';
import { PROGRESS_MEMO, runName } from '../messages/names.js';
import { nodesAttribute, outcomeAttribute } from '../messages/search-attributes.js';
import { BatchWork } from './batch.js';
import { registerControls } from './controls.js';
import { detailsOf } from './details.js';
import { describeError, type EngineActivities, engineActivities, type RunEvent } from './engine-activities.js';
import type { Procedure, RunInHand } from './procedure.js';
import { initialState, leftOpen, RunBook, type RunState, takenOver } from './run-state.js';
import { unless } from './unless.js';

/**
 * Carries a procedure out on every host of a plan, one batch at a time (design, section 1). The run ends ok only when every
 * planned host is proven well or was skipped by a person.
 *
 * 1. plan      read every host, decide everything; nothing is changed yet
 * 2. stand     while paused, over max failures, past its time or waiting for a promotion, holding no lease
 * 3. admit     room in the cloud's budget, gates, fences; the lease is the keeper's
 * 4. act       every host of the batch, once each under its own intent
 * 5. verify    the soak; a host that is not well is never tried again without a person's word
 * 6. barrier   progress to the memo; continue as new when the server suggests it; back to 2
 *
 * Abort and Temporal's Cancel stop new hosts, let those in flight finish and give back what was taken.
 * @throws {ApplicationFailure} PlanRefused, StalePlan or InvalidRequest before anything is touched; RolloutFailed or
 * RolloutAborted after; CancelledFailure when it was cancelled
 */
export async function rollout<Ticket>(
  args: RolloutArgs<RunState<Ticket>>,
  procedure: Procedure<Ticket>,
): Promise<RolloutProgress> {
  const state = args.carried?.state ?? initialState<Ticket>(args.request, Date.now());
  const activities = engineActivities(args.request.cloud);
  let engine: Engine<Ticket> | undefined;
  registerControls(state, () => engine?.book);
  CancellationScope.current().cancelRequested.catch(() => {
    state.abortedBy ??= { actor: 'Temporal', reason: 'the workflow was cancelled', outcome: 'cancelled' };
  });
  return CancellationScope.nonCancellable(async () => {
    const plan = args.carried?.plan ?? takenOver(await planned(args.request, state, activities), state, args.open);
    engine = new Engine(new RunBook(args.request, plan, state), procedure, activities);
    return engine.run();
  });
}

/** Step 1. A run that is refused, aborted or cancelled while it is being planned has touched nothing, and ends with that. */
async function planned(request: RolloutRequest, state: RunState<unknown>, activities: EngineActivities): Promise<Plan> {
  const end = async (outcome: Outcome, ending: string): Promise<void> => {
    Object.assign(state.progress, { phase: 'ended', endedAt: Date.now(), outcome, ending });
    upsertMemo({ [PROGRESS_MEMO]: state.progress });
    upsertSearchAttributes([{ key: outcomeAttribute, value: outcome }]);
    await activities.notify(eventOf(request, 'ended', ending));
    await condition(allHandlersFinished);
  };
  let plan: Plan | undefined;
  try {
    plan = await unless(
      () => state.abortedBy !== undefined,
      () => activities.plan(request),
    );
  } catch (error) {
    if (error instanceof TemporalFailure) await end('failed', describeError(error));
    throw error;
  }
  if (plan) return plan;
  const { outcome = 'aborted', actor, reason } = state.abortedBy ?? {};
  const ending = `${outcome} before there was a plan, by ${actor}: ${reason}`;
  await end(outcome, ending);
  throw outcome === 'cancelled'
    ? new CancelledFailure(ending)
    : ApplicationFailure.nonRetryable(ending, failureTypes.RolloutAborted);
}

/** The Temporal UI's word for a timer: more is cut by the server. */
const MOST_SUMMARY = 200;

/** What people are told about this run. */
function eventOf({ cloud, operation, target }: RolloutRequest, event: RunEvent['event'], summary: string): RunEvent {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return { event, run: runName(workflowId, firstExecutionRunId), cloud, operation, target, summary };
}

class Engine<Ticket> {
  private readonly work: BatchWork<Ticket>;
  private readonly telling: Promise<void>[] = [];

  constructor(
    readonly book: RunBook<Ticket>,
    procedure: Procedure<Ticket>,
    private readonly activities: EngineActivities,
  ) {
    this.work = new BatchWork(book, procedure, activities, this, this.inHand());
  }

  private get state(): RunState<Ticket> {
    return this.book.state;
  }

  async run(): Promise<RolloutProgress> {
    const { progress } = this.state;
    if (this.state.batchesDone === 0) this.nameNodes();
    progress.phase = 'running';
    // The memo of an execution does not outlive it.
    this.mirror();
    for (;;) {
      await this.standStill();
      const nodes = this.state.abortedBy ? undefined : this.book.takeBatch();
      if (!nodes) break;
      await this.work.carryOut(nodes);
      this.book.letGo();
      await this.barrier();
    }
    return this.end();
  }

  /** Step 2: returns when nothing stands in the way, or the run is to be aborted. */
  private async standStill(): Promise<void> {
    const { state, book } = this;
    for (let obstacle = book.obstacle(Date.now()); obstacle && !state.abortedBy; obstacle = book.obstacle(Date.now())) {
      if (obstacle.for === 'failures' && book.request.onFailure === 'abort') {
        // With nothing left to do there is nothing to abort: the run has failed.
        if (!book.isOpen) return;
        state.abortedBy = { actor: 'ostler', reason: obstacle.why, outcome: 'aborted' };
        return;
      }
      const { why } = obstacle;
      const cleared = await this.stand(
        obstacle,
        book.request.pauseDeadlineMs,
        () => state.abortedBy !== undefined || book.obstacle(Date.now())?.why !== why,
        () => this.work.releaseLease(Object.keys(state.open)),
      );
      if (!cleared) state.abortedBy = { actor: 'ostler', reason: `nobody decided in time: ${why}`, outcome: 'aborted' };
    }
  }

  /** Waits, says why, and tells people; whether `over` became true in time. @param meanwhile ends before anything goes on */
  private async stand(
    reason: Pick<Waiting, 'for' | 'why'>,
    limitMs: number,
    over: () => boolean,
    meanwhile: () => Promise<void> = () => Promise.resolve(),
  ): Promise<boolean> {
    const { progress } = this.state;
    const { why } = reason;
    const was = progress.phase;
    progress.phase = 'waiting';
    progress.waiting = { ...reason, since: Date.now(), deadline: Date.now() + limitMs };
    this.mirror();
    this.tell(this.book.isPaused(reason) ? 'paused' : 'needs-person', why);
    const done = meanwhile();
    const cleared = await condition(over, limitMs, { summary: `waits: ${why}`.slice(0, MOST_SUMMARY) });
    delete progress.waiting;
    progress.phase = was;
    await done;
    this.mirror();
    return cleared;
  }

  /** The run as a procedure sees it. */
  private inHand(): RunInHand {
    const { state, book } = this;
    const { progress } = state;
    return {
      get isAborted() {
        return state.abortedBy !== undefined;
      },
      get isReturned() {
        return state.returnedBy !== undefined;
      },
      say: (node, why) => {
        book.note(node, { why });
        this.publish();
      },
      owe: (what) => {
        if (!progress.owed.includes(what)) progress.owed.push(what);
        this.mirror();
      },
      settle: (what) => {
        progress.owed = progress.owed.filter((owed) => owed !== what);
        this.mirror();
      },
      stand: (reason, limitMs, over) => this.stand(reason, limitMs, over),
      askToRestore: async (node, why) => {
        delete state.restoring;
        await this.stand(
          { for: 'restore', why: `${node}: ${why}` },
          book.request.pauseDeadlineMs,
          () => state.restoring !== undefined,
        );
        return state.restoring ?? 'leave';
      },
    };
  }

  /** Step 6. */
  private async barrier(): Promise<void> {
    delete this.state.progress.step;
    this.mirror();
    if (!workflowInfo().continueAsNewSuggested || !this.book.isOpen) return;
    await this.quiet();
    const { request, plan } = this.book;
    await continueAsNew<(args: RolloutArgs<RunState<Ticket>>) => Promise<RolloutProgress>>({
      request,
      carried: { plan, state: this.state },
    });
  }

  private async end(): Promise<RolloutProgress> {
    const { state, book } = this;
    const { progress } = state;
    await this.work.releaseLease([]);
    progress.phase = 'ended';
    progress.endedAt = Date.now();
    progress.outcome = state.abortedBy
      ? state.abortedBy.outcome
      : book.allWell && progress.owed.length === 0
        ? 'ok'
        : 'failed';
    const ending = state.abortedBy
      ? `${progress.outcome} by ${state.abortedBy.actor}: ${state.abortedBy.reason}`
      : progress.outcome === 'failed'
        ? endingOf(book, progress.owed)
        : undefined;
    if (ending) progress.ending = ending;
    this.mirror();
    upsertSearchAttributes([{ key: outcomeAttribute, value: progress.outcome }]);
    this.tell('ended', ending ?? 'every planned host is well');
    await this.quiet();
    if (progress.outcome === 'ok') return progress;
    // Who is cancelled has no details for whoever began it, and what is unresolved must reach them.
    const isAwaited = workflowInfo().parent !== undefined && Object.keys(state.open).length > 0;
    if (progress.outcome === 'cancelled' && !isAwaited) throw new CancelledFailure(ending);
    const type = progress.outcome === 'failed' ? failureTypes.RolloutFailed : failureTypes.RolloutAborted;
    throw ApplicationFailure.nonRetryable(ending, type, leftOpen(state));
  }

  /** The picture in the Temporal UI. */
  publish(): void {
    setCurrentDetails(detailsOf(this.book));
  }

  /** What can be read with no worker at all. */
  mirror(): void {
    this.publish();
    upsertMemo({ [PROGRESS_MEMO]: this.state.progress });
  }

  private nameNodes(): void {
    const value = nodesAttribute(this.book.plan.nodes);
    if (value) upsertSearchAttributes([value]);
  }

  /** Tells people, without waiting until they have heard. */
  private tell(event: RunEvent['event'], summary: string): void {
    this.telling.push(this.activities.notify(eventOf(this.book.request, event, summary)));
  }

  /** Nothing that this run has begun is left over: messages are delivered or given up, controls answered. */
  private async quiet(): Promise<void> {
    await Promise.all(this.telling);
    await condition(allHandlersFinished);
  }
}

function endingOf(book: RunBook<unknown>, owed: readonly string[]): string {
  if (book.allWell) return `every planned host is well, but something is owed: ${owed.join('; ')}`;
  const failures = book.failures > book.plan.maxFailures ? `: ${book.describeFailures()}` : '';
  return `not every planned host is proven well${failures}${owed.length > 0 ? `; owed: ${owed.join('; ')}` : ''}`;
}
