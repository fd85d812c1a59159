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
    const plan = args.carried?.plan ?? (await activities.plan(args.request));
    engine = new Engine(new RunBook(args.request, plan, state), procedure, activities);
    return engine.run();
  });
}

class Engine<Ticket> {
  private holdsLease = false;

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
      await this.activities.notify(this.event(state.pausedBy ? 'paused' : 'needs-person', obstacle.why));
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
    const before = new Map(
      nodes.map((node) => [node, { state: book.stateOf(node), note: state.progress.notes[node] }]),
    );
    const putBack = (node: string): void => {
      const was = before.get(node);
      if (was) book.put(node, was.state, was.note);
      state.again.push(node);
    };
    for (const node of nodes) book.put(node, 'running');
    this.publish();

    const { maxUnavailable, role, target } = plan;
    const { actor, reason, admitDeadlineMs } = request;
    const admission = await this.activities.orElse(
      procedure.admit({
        ...lease,
        target,
        role,
        nodes,
        again,
        maxUnavailable,
        deadlineMs: admitDeadlineMs,
        actor,
        reason,
      }),
      (why) => ({ admitted: false as const, silent: true, why }),
    );
    this.holdsLease = admission.admitted;
    if (!admission.admitted) {
      state.stuck = { for: admission.silent ? 'keeper' : 'budget', why: admission.why };
      return nodes.forEach(putBack);
    }
    // Nothing was touched yet: a pause or an abort that came while waiting for room need not wait for the barrier.
    if (state.pausedBy || state.abortedBy) return nodes.forEach(putBack);

    const inHand: HostInHand<Ticket>[] = [];
    for (const node of nodes) {
      const inspection = admission.hosts[node] as Inspection<Ticket>;
      const open = state.open[node];
      if (open) inHand.push({ node, target, ticket: open.ticket });
      else if ('ticket' in inspection) inHand.push({ node, target, ticket: inspection.ticket });
      else book.put(node, inspection.state, inspection.note);
    }
    await this.treat(inHand, lease, putBack);
  }

  /** Drains, acts, verifies and restores; every host is in a final state afterwards, or put back untouched. */
  private async treat(inHand: HostInHand<Ticket>[], lease: BatchKey, putBack: (node: string) => void): Promise<void> {
    const { book, procedure, state } = this;
    const { startDeadlineMs, verifyDeadlineMs } = book.plan;
    const drained: HostInHand<Ticket>[] = [];
    const results = await Promise.all(
      inHand.map(async (host): Promise<[HostInHand<Ticket>, ActResult]> => {
        if (procedure.drain && !state.open[host.node]) {
          drained.push(host);
          const trouble = await this.activities.orElse(
            procedure.drain(host).then(() => undefined),
            (why) => why,
          );
          if (trouble) return [host, { state: 'vetoed', note: { why: `not drained: ${trouble}` } }];
        }
        const intent = state.open[host.node]?.intent ?? uuid4().replaceAll('-', '').slice(0, 16);
        const result = await this.activities.orElse(
          procedure.act({ ...host, intent, lease, deadlineMs: startDeadlineMs }),
          (why): ActResult => ({
            state: 'unknown',
            note: { why, next: '`ostler retry` looks again and sends nothing twice' },
          }),
        );
        delete state.open[host.node];
        if (result.state === 'unknown') state.open[host.node] = { ticket: host.ticket, intent };
        else if (result.state === 'acted') state.open[host.node] = { ticket: host.ticket, intent };
        return [host, result];
      }),
    );

    const acted: { node: string; ticket: Ticket; byUs: boolean }[] = [];
    for (const [host, result] of results) {
      if (result.state === 'acted') acted.push({ node: host.node, ticket: host.ticket, byUs: result.byUs });
      else if (result.state === 'lease-lost') {
        putBack(host.node);
        state.stuck = { for: 'keeper', why: result.note.why };
      } else book.put(host.node, result.state, result.note);
    }
    if (acted.length > 0) await this.verify(acted, verifyDeadlineMs);
    for (const host of drained.reverse()) await this.restore(host);
  }

  private async verify(hosts: { node: string; ticket: Ticket; byUs: boolean }[], deadlineMs: number): Promise<void> {
    const { book, state } = this;
    const { target } = book.plan;
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
    const trouble = await this.activities.orElse(
      (this.procedure.restore?.(host) ?? Promise.resolve()).then(() => undefined),
      (why) => why,
    );
    if (trouble) this.state.progress.owed.push(`${host.node}: ${trouble}`);
  }

  /** Step 6. */
  private async barrier(): Promise<void> {
    this.publish();
    upsertMemo({ [PROGRESS_MEMO]: this.state.progress });
    if (!workflowInfo().continueAsNewSuggested || !this.book.isOpen) return;
    await condition(allHandlersFinished);
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
    await this.activities.notify(this.event('ended', ending ?? 'every planned host is well'));
    await condition(allHandlersFinished);
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

  private event(event: 'paused' | 'needs-person' | 'ended', summary: string) {
    const { cloud, operation, target } = this.book.request;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    return { event, run: `${workflowId}@${firstExecutionRunId.slice(-8)}`, cloud, operation, target, summary };
  }
}
