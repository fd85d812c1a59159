import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  setCurrentDetails,
  upsertMemo,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { RolloutProgress } from '../../domain/progress.js';
import type { ActResult, BatchKey, Inspection } from '../../domain/rollout.js';
import type { RolloutArgs } from '../messages/controls.js';
import { failureTypes } from '../messages/failures.js';
import { PROGRESS_MEMO } from '../messages/names.js';
import { nodesAttribute, outcomeAttribute } from '../messages/search-attributes.js';
import { registerControls } from './controls.js';
import { detailsOf } from './details.js';
import { type EngineActivities, engineActivities } from './engine-activities.js';
import type { HostInHand, Procedure } from './procedure.js';
import { initialState, RunBook, type RunState } from './run-state.js';
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
    const plan =
      args.carried?.plan ??
      (await unless(
        () => state.abortedBy !== undefined,
        () => activities.plan(args.request),
      ));
    if (!plan) throw ApplicationFailure.nonRetryable('aborted before there was a plan', failureTypes.RolloutAborted);
    engine = new Engine(new RunBook(args.request, plan, state), procedure, activities);
    return engine.run();
  });
}

class Engine<Ticket> {
  private holdsLease = false;
  private readonly telling: Promise<void>[] = [];

  constructor(
    readonly book: RunBook<Ticket>,
    private readonly procedure: Procedure<Ticket>,
    private readonly activities: EngineActivities,
  ) {}

  private get state(): RunState<Ticket> {
    return this.book.state;
  }

  async run(): Promise<RolloutProgress> {
    const { progress } = this.state;
    if (this.state.batchesDone === 0) this.nameNodes();
    progress.phase = 'running';
    for (;;) {
      await this.standStill();
      const nodes = this.state.abortedBy ? undefined : this.book.takeBatch();
      if (!nodes) break;
      await this.carryOut(nodes);
      await this.barrier();
    }
    return this.end();
  }

  /** Step 2: returns when nothing stands in the way, or the run is to be aborted. */
  private async standStill(): Promise<void> {
    const { state, book } = this;
    const { progress } = state;
    for (let obstacle = book.obstacle(Date.now()); obstacle && !state.abortedBy; obstacle = book.obstacle(Date.now())) {
      if (obstacle.for === 'failures' && book.request.onFailure === 'abort') {
        state.abortedBy = { actor: 'ostler', reason: obstacle.why, outcome: 'aborted' };
        return;
      }
      await this.releaseLease();
      const { pauseDeadlineMs } = book.request;
      progress.phase = 'waiting';
      progress.waiting = { ...obstacle, since: Date.now(), deadline: Date.now() + pauseDeadlineMs };
      this.publish();
      this.tell(state.pausedBy ? 'paused' : 'needs-person', obstacle.why);
      const { why } = obstacle;
      const cleared = await condition(
        () => state.abortedBy !== undefined || book.obstacle(Date.now())?.why !== why,
        pauseDeadlineMs,
      );
      delete progress.waiting;
      progress.phase = 'running';
      if (!cleared) state.abortedBy = { actor: 'ostler', reason: `nobody decided in time: ${why}`, outcome: 'aborted' };
    }
  }

  /** Steps 3 to 5 for the hosts of one batch. */
  private async carryOut(nodes: string[]): Promise<void> {
    const { state, book, procedure } = this;
    const { request, plan } = book;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const lease: BatchKey = { owner: workflowId, run: firstExecutionRunId, batch: state.leases++ };
    const again = nodes.filter((node) => book.stateOf(node) === 'failed');
    this.enter('waiting for room');

    const { maxUnavailable, role, target } = plan;
    const { actor, reason, admitDeadlineMs } = request;
    const ask = { ...lease, target, role, nodes, again, maxUnavailable, deadlineMs: admitDeadlineMs, actor, reason };
    const stopped = (): boolean => state.pausedBy !== undefined || state.abortedBy !== undefined;
    const admission = await this.activities.orElse(
      unless(stopped, () => procedure.admit(ask)),
      (why) => ({
        admitted: false as const,
        silent: true,
        why,
      }),
    );
    // An admission that was cut short may still have been granted.
    this.holdsLease = admission?.admitted ?? true;
    const wanted = nodes.filter((node) => book.stateOf(node) !== 'skipped');
    // Nothing was touched yet: a pause or an abort that came while waiting for room need not wait for the barrier.
    if (!admission?.admitted || stopped()) {
      if (admission && !admission.admitted)
        state.stuck = { for: admission.silent ? 'keeper' : 'budget', why: admission.why };
      state.again.push(...wanted);
      return;
    }

    const inHand: HostInHand<Ticket>[] = [];
    for (const node of wanted) {
      const inspection = admission.hosts[node] as Inspection<Ticket>;
      const open = state.open[node];
      if (open) inHand.push({ node, target, ticket: open.ticket });
      else if ('ticket' in inspection) inHand.push({ node, target, ticket: inspection.ticket });
      else book.put(node, inspection.state, inspection.note);
    }
    await this.treat(inHand, lease);
  }

  /** Drains, acts, verifies and restores; every host is in a final state afterwards, or pending again and untouched. */
  private async treat(inHand: HostInHand<Ticket>[], lease: BatchKey): Promise<void> {
    const { book, procedure, state } = this;
    const { startDeadlineMs, verifyDeadlineMs } = book.plan;
    const before = new Map(
      inHand.map(({ node }) => [node, { state: book.stateOf(node), note: state.progress.notes[node] }]),
    );
    for (const { node } of inHand) book.put(node, 'running');
    this.enter('acting');

    const drained: HostInHand<Ticket>[] = [];
    const results = await Promise.all(
      inHand.map(async (host): Promise<[HostInHand<Ticket>, ActResult]> => {
        if (procedure.drain) {
          drained.push(host);
          const trouble = await this.activities.troubleOf(procedure.drain(host));
          if (trouble) return [host, { state: 'vetoed', note: { why: `not drained: ${trouble}` } }];
        }
        const intent = state.open[host.node]?.intent ?? uuid4().replaceAll('-', '').slice(0, 16);
        state.open[host.node] = { ticket: host.ticket, intent };
        const result = await this.activities.orElse(
          procedure.act({ ...host, intent, lease, deadlineMs: startDeadlineMs }),
          (why): ActResult => ({
            state: 'unknown',
            note: { why, next: '`ostler retry` looks again and sends nothing twice' },
          }),
        );
        return [host, result];
      }),
    );

    const acted: { node: string; ticket: Ticket; byUs: boolean }[] = [];
    for (const [{ node, ticket }, result] of results) {
      if (result.state === 'acted') acted.push({ node, ticket, byUs: result.byUs });
      else if (result.state === 'lease-lost') {
        const was = before.get(node);
        if (was) book.put(node, was.state, was.note);
        state.again.push(node);
        state.stuck = { for: 'keeper', why: result.note.why };
      } else {
        book.put(node, result.state, result.note);
        if (result.state !== 'unknown') delete state.open[node];
      }
    }
    if (acted.length > 0) await this.verify(acted, verifyDeadlineMs);
    for (const host of drained.reverse()) await this.restore(host);
  }

  private async verify(hosts: { node: string; ticket: Ticket; byUs: boolean }[], deadlineMs: number): Promise<void> {
    const { book, state } = this;
    const { target } = book.plan;
    this.enter('proving');
    const unproven = (why: string) =>
      Object.fromEntries(hosts.map(({ node }) => [node, { state: 'unknown' as const, note: { why } }]));
    const verdicts = await this.activities.orElse(
      this.procedure.verify({ target, hosts, soakMs: book.request.soakMs, deadlineMs }),
      unproven,
    );
    for (const { node, byUs } of hosts) {
      const verdict = verdicts[node];
      if (verdict?.state !== 'unknown') delete state.open[node];
      if (verdict) book.put(node, verdict.state, verdict.note);
      else book.put(node, 'ok', byUs ? undefined : { why: 'restarted by another hand, not by us; it is well' });
    }
  }

  private async restore(host: HostInHand<Ticket>): Promise<void> {
    const trouble = await this.activities.troubleOf(this.procedure.restore?.(host) ?? Promise.resolve());
    if (trouble) this.state.progress.owed.push(`${host.node}: ${trouble}`);
  }

  private enter(step: NonNullable<RolloutProgress['step']>): void {
    this.state.progress.step = step;
    this.publish();
  }

  /** Step 6. */
  private async barrier(): Promise<void> {
    delete this.state.progress.step;
    this.publish();
    upsertMemo({ [PROGRESS_MEMO]: this.state.progress });
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
    await this.releaseLease();
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
        ? 'not every planned host is proven well'
        : undefined;
    if (ending) progress.ending = ending;
    this.publish();
    upsertMemo({ [PROGRESS_MEMO]: progress });
    upsertSearchAttributes([{ key: outcomeAttribute, value: progress.outcome }]);
    this.tell('ended', ending ?? 'every planned host is well');
    await this.quiet();
    if (progress.outcome === 'ok') return progress;
    if (progress.outcome === 'cancelled') throw new CancelledFailure(ending);
    const type = progress.outcome === 'aborted' ? failureTypes.RolloutAborted : failureTypes.RolloutFailed;
    throw ApplicationFailure.nonRetryable(ending, type);
  }

  private async releaseLease(): Promise<void> {
    if (!this.holdsLease) return;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const trouble = await this.activities.release({ owner: workflowId, run: firstExecutionRunId });
    this.holdsLease = false;
    if (trouble) this.state.progress.owed.push(`budget: ${trouble}`);
  }

  /** The picture in the Temporal UI. */
  private publish(): void {
    setCurrentDetails(detailsOf(this.book));
  }

  private nameNodes(): void {
    const value = nodesAttribute(this.book.plan.nodes);
    if (value) upsertSearchAttributes([value]);
  }

  /** Tells people, without waiting until they have heard. */
  private tell(event: 'paused' | 'needs-person' | 'ended', summary: string): void {
    const { cloud, operation, target } = this.book.request;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const run = `${workflowId}@${firstExecutionRunId.slice(-8)}`;
    this.telling.push(this.activities.notify({ event, run, cloud, operation, target, summary }));
  }

  /** Nothing that this run has begun is left over: messages are delivered or given up, controls answered. */
  private async quiet(): Promise<void> {
    await Promise.all(this.telling);
    await condition(allHandlersFinished);
  }
}
