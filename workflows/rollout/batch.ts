import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { RolloutProgress } from '../../domain/progress.js';
import type { ActResult, BatchKey, Inspection } from '../../domain/rollout.js';
import type { EngineActivities } from './engine-activities.js';
import type { HostInHand, Procedure } from './procedure.js';
import type { RunBook, RunState } from './run-state.js';
import { unless } from './unless.js';

/** Steps 3 to 5 of a rollout, and the lease that covers them. */
export class BatchWork<Ticket> {
  private holdsLease: boolean;

  /** @param publish called whenever the picture of the run has changed */
  constructor(
    private readonly book: RunBook<Ticket>,
    private readonly procedure: Procedure<Ticket>,
    private readonly activities: EngineActivities,
    private readonly publish: () => void,
  ) {
    // A run that continued as new may still hold the lease of the batch before.
    this.holdsLease = book.state.leases > 0;
  }

  private get state(): RunState<Ticket> {
    return this.book.state;
  }

  /** Admits the hosts of one batch, and treats those that may be touched; the lease is held until it is released or the next batch is admitted. */
  async carryOut(nodes: string[]): Promise<void> {
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
        // Not heard of is not resolved either: what may once have been sent stays under its own intent.
        if (result.state !== 'unknown' && result.state !== 'unreachable') delete state.open[node];
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

  /** Gives back the lease, if there may be one; a lease that cannot be given back is owed. */
  async releaseLease(): Promise<void> {
    if (!this.holdsLease) return;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const trouble = await this.activities.release({
      owner: workflowId,
      run: firstExecutionRunId,
      batch: this.state.leases - 1,
    });
    this.holdsLease = false;
    if (trouble) this.state.progress.owed.push(`budget: ${trouble}`);
  }

  private enter(step: NonNullable<RolloutProgress['step']>): void {
    this.state.progress.step = step;
    this.publish();
  }
}
