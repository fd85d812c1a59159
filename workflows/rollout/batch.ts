import { workflowInfo } from '@temporalio/workflow';
import { type HostNote, LOOK_AGAIN, type RolloutProgress } from '../../domain/progress.js';
import type { ActResult, BatchKey, Inspection } from '../../domain/rollout.js';
import type { EngineActivities } from './engine-activities.js';
import { newIntent } from './intent.js';
import { HostFailed, type HostInHand, type Procedure, type RunInHand } from './procedure.js';
import type { RunBook, RunState } from './run-state.js';
import { unless } from './unless.js';

/** The lease itself, where it could not be given back; the next one of this run replaces it. */
const LEASE_OWED = 'budget: ';

/** What is owed while a host is drained: a run that is terminated leaves it behind. */
const drainOf = ({ node }: HostInHand<unknown>): string => `${node}: taken out of service`;

/** Steps 3 to 5 of a rollout, and the lease that covers them. */
export class BatchWork<Ticket> {
  private holdsLease: boolean;

  /** @param picture shows how far the run is: `publish` in the UI, `mirror` also where no worker is needed to read it */
  constructor(
    private readonly book: RunBook<Ticket>,
    private readonly procedure: Procedure<Ticket>,
    private readonly activities: EngineActivities,
    private readonly picture: { publish(): void; mirror(): void },
    private readonly run: RunInHand,
  ) {
    // A run that continued as new may still hold the lease of the batch before.
    this.holdsLease = book.state.leases > 0;
  }

  private get state(): RunState<Ticket> {
    return this.book.state;
  }

  /** Admits the hosts of one batch, and treats those that may be touched; the lease is held until it is released or the next batch is admitted. */
  async carryOut(nodes: readonly string[]): Promise<void> {
    const { state, book, procedure } = this;
    const { request, plan } = book;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const lease: BatchKey = { owner: workflowId, run: firstExecutionRunId, batch: state.leases++ };
    const again = nodes.filter((node) => book.stateOf(node) === 'failed');
    this.enter('waiting for room');

    const { maxUnavailable, role, target } = plan;
    const { actor, reason, admitDeadlineMs } = request;
    const unresolved = Object.keys(state.open);
    const unwell = book.nodesIn('failed', 'unreachable', 'unknown');
    const hosts = { nodes: [...nodes], again, unresolved, unwell };
    const ask = { ...lease, target, role, ...hosts, maxUnavailable, deadlineMs: admitDeadlineMs, actor, reason };
    const stopped = (): boolean => state.pausedBy !== undefined || state.abortedBy !== undefined;
    const admission = await this.activities.orElse(
      unless(stopped, () => procedure.admit(ask)),
      (why) => ({
        admitted: false as const,
        silent: true,
        why,
      }),
    );
    // An admission that failed or was cut short may still have been granted.
    this.holdsLease = true;
    if (admission?.admitted) this.settleLease();
    const wanted = nodes.filter((node) => book.stateOf(node) !== 'skipped');
    // Nothing was touched yet: what came while waiting for room need not wait for the barrier.
    const tooLate = wanted.some((node) => book.stateOf(node) === 'pending') && book.isPastUntil(Date.now());
    if (!admission?.admitted || stopped() || tooLate) {
      if (admission && !admission.admitted)
        state.stuck = { for: admission.silent ? 'keeper' : 'budget', why: admission.why };
      return book.putBack(wanted);
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
    this.enter(procedure.drain ? 'draining' : 'acting');

    // Where nothing can be put back, nothing is owed.
    const drained = procedure.restore ? [...inHand] : [];
    if (drained.length > 0) {
      state.progress.owed.push(...drained.map(drainOf));
      this.picture.mirror();
    }
    const results = await Promise.all(
      inHand.map(async (host): Promise<[HostInHand<Ticket>, ActResult]> => {
        if (procedure.drain) {
          const trouble = await this.troubleOf(procedure.drain(host, this.run));
          // What was sent before is as open as it was.
          if (trouble) return [host, host.node in state.open ? { state: 'unknown', note: trouble.note } : trouble];
          this.enter('acting');
        }
        const maybeSent = host.node in state.open;
        const intent = state.open[host.node]?.intent ?? newIntent();
        state.open[host.node] = { ticket: host.ticket, intent };
        const result = await this.activities.orElse(
          procedure.act({ ...host, intent, maybeSent, lease, deadlineMs: startDeadlineMs }, this.run),
          (why): ActResult => ({
            state: 'unknown',
            note: { why, next: LOOK_AGAIN },
          }),
        );
        return [host, result];
      }),
    );

    const acted: { node: string; ticket: Ticket; byUs: boolean; note?: HostNote }[] = [];
    for (const [{ node, ticket }, result] of results) {
      if (result.state === 'acted')
        acted.push({ node, ticket, byUs: result.byUs, ...(result.note && { note: result.note }) });
      else if (result.state === 'lease-lost') {
        const was = before.get(node);
        if (was) book.put(node, was.state, was.note);
        book.putBack([node]);
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

  private async verify(
    hosts: { node: string; ticket: Ticket; byUs: boolean; note?: HostNote }[],
    deadlineMs: number,
  ): Promise<void> {
    const { book, state } = this;
    const { target } = book.plan;
    this.enter('proving');
    const unproven = (why: string) =>
      Object.fromEntries(
        hosts.map(({ node }) => [node, { state: 'unknown' as const, note: { why, next: LOOK_AGAIN } }]),
      );
    const verdicts = await this.activities.orElse(
      this.procedure.verify({ target, hosts, soakMs: book.request.soakMs, deadlineMs }),
      unproven,
    );
    for (const { node, byUs, note } of hosts) {
      const verdict = verdicts[node];
      if (verdict?.state !== 'unknown') delete state.open[node];
      if (verdict) book.put(node, verdict.state, verdict.note);
      else book.put(node, 'ok', byUs ? note : { why: 'restarted by another hand, not by us; it is well' });
    }
  }

  private async restore(host: HostInHand<Ticket>): Promise<void> {
    const { progress } = this.state;
    const { node } = host;
    this.enter('restoring');
    const was = { state: this.book.stateOf(node), note: progress.notes[node] };
    const trouble = await this.troubleOf(this.procedure.restore?.(host, this.run) ?? Promise.resolve());
    progress.owed = progress.owed.filter((owed) => owed !== drainOf(host));
    // Another turn of the host would be held anew.
    delete this.state.returnedBy;
    // A procedure of many steps has noted itself what is owed of them.
    if (trouble && !progress.owed.some((owed) => owed.startsWith(`${node}: `)))
      progress.owed.push(`${node}: ${trouble.note.why}`);
    if (trouble && was.state === 'ok') this.book.put(node, 'failed', trouble.note);
    // Why it failed in the first place is not forgotten over how it came back.
    else this.book.put(node, was.state, was.note);
  }

  /** What a step that answers nothing failed with: the host itself, or what keeps us off it. */
  private async troubleOf(step: Promise<void>): Promise<{ state: 'failed' | 'vetoed'; note: HostNote } | undefined> {
    try {
      const why = await this.activities.troubleOf(step);
      return why === undefined ? undefined : { state: 'vetoed', note: { why } };
    } catch (error) {
      if (error instanceof HostFailed) return { state: 'failed', note: error.note };
      throw error;
    }
  }

  /**
   * Gives back the lease, if there may be one; a lease that cannot be given back is owed.
   * @param unresolved hosts that stay leased, because nobody knows whether they are up
   */
  async releaseLease(unresolved: string[]): Promise<void> {
    if (!this.holdsLease) return;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const trouble = await this.activities.release({
      owner: workflowId,
      run: firstExecutionRunId,
      batch: this.state.leases - 1,
      unresolved,
    });
    this.holdsLease = trouble !== undefined || unresolved.length > 0;
    this.settleLease(trouble);
  }

  /** What is owed of the lease now, in place of whatever was before. */
  private settleLease(trouble?: string): void {
    const { progress } = this.state;
    progress.owed = progress.owed.filter((owed) => !owed.startsWith(LEASE_OWED));
    if (!trouble) return;
    progress.owed.push(LEASE_OWED + trouble);
    this.picture.mirror();
  }

  private enter(step: NonNullable<RolloutProgress['step']>): void {
    this.state.progress.step = step;
    this.picture.publish();
  }
}
