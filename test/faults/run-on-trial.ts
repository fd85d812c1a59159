import type { Client, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, vi } from 'vitest';
import type { RolloutRequest } from '../../domain/plan.js';
import type { ControlVerb, RolloutProgress } from '../../domain/progress.js';
import { type LabHost, mostDownAtOnce } from '../../lab/real/index.js';
import { keeperQueries } from '../../workflows/messages/controls.js';
import { keeperId, PROGRESS_MEMO, rolloutId, WORKFLOW_QUEUE, workflowTypes } from '../../workflows/messages/names.js';
import type { Lane } from './lanes.js';

export const unit = 'nova-compute.service';

/** At most so many of a lane's hosts may be down at once, and so many are in a batch. */
export const budget = 2;

/** Patience for one step of a run: a start deadline of three minutes and several failovers, on a loaded machine. */
const patience = { timeout: 300_000, interval: 200 };

/** What a test may ask of its run. */
export type RunOptions = Pick<Partial<RolloutRequest>, 'soakMs'>;

/** What is true at the end of a run, whatever happened in its middle. */
export interface Account {
  /** One letter per planned host (domain/progress.ts). */
  states: string;
  /** Starts on each planned host since the run began, by whomever, boots left out. */
  starts: number[];
}

/** Counts of one host: PID 1's own and the stand-in's. */
export const startsOn = async (host: LabHost): Promise<[number, number]> => [
  (await host.startsByPid1(unit)).length,
  await host.standInStarts(unit),
];

/** Start a restart of the first two batches of a lane, past the command line, so that nothing else runs on its server. */
export async function beginRun(client: Client, lane: Lane, options: RunOptions): Promise<RunOnTrial> {
  const planned = lane.hosts.slice(0, 2 * budget);
  const before = new Map(await Promise.all(lane.hosts.map(async (host) => [host, await startsOn(host)] as const)));
  const sinceUs = Date.now() * 1_000;
  const request: RolloutRequest = {
    operation: 'restart',
    cloud: lane.cloud,
    target: 'nova-compute',
    selection: planned.map(({ name }) => name).join(','),
    batch: [budget],
    maxUnavailable: budget,
    soakMs: 1_000,
    maxFailures: 0,
    onFailure: 'pause',
    promote: false,
    pauseDeadlineMs: 3_600_000,
    admitDeadlineMs: 600_000,
    actor: 'ada@bastion',
    reason: 'OPS-1',
    ...options,
  };
  const handle = await client.workflow.start(workflowTypes.rollingRestart, {
    workflowId: rolloutId('restart', lane.cloud, 'nova-compute'),
    taskQueue: WORKFLOW_QUEUE,
    args: [{ request }],
  });
  return new RunOnTrial(client, client.workflow.getHandle(handle.workflowId), lane, before, sinceUs);
}

/** A run under observation: what its history and its hosts say, without disturbing either. */
export class RunOnTrial {
  constructor(
    readonly client: Client,
    readonly handle: WorkflowHandle,
    private readonly lane: Lane,
    private readonly before: ReadonlyMap<LabHost, readonly [number, number]>,
    private readonly sinceUs: number,
  ) {}

  /** How many activities of this type a worker has in hand, as far as the server knows. */
  async inHand(type: string): Promise<number> {
    const { raw } = await this.handle.describe();
    return (raw.pendingActivities ?? []).filter((one) => one.activityType?.name === type).length;
  }

  /** What activities of this type have answered, in the order in which they completed, in the current execution. */
  async answers(type: string): Promise<unknown[]> {
    const events = (await this.handle.fetchHistory()).events ?? [];
    const types = new Map(
      events.map((event) => [String(event.eventId), event.activityTaskScheduledEventAttributes?.activityType?.name]),
    );
    return events
      .map((event) => event.activityTaskCompletedEventAttributes)
      .filter((completed) => completed && types.get(String(completed.scheduledEventId)) === type)
      .map((completed) => completed?.result?.payloads?.[0])
      .map((payload) => payload && defaultPayloadConverter.fromPayload(payload));
  }

  /** How many activities of this type have completed, in the current execution. */
  async completed(type: string): Promise<number> {
    return (await this.answers(type)).length;
  }

  untilInHand(type: string, count = 1): Promise<void> {
    return vi.waitFor(async () => expect(await this.inHand(type), `${type} in hand`).toBe(count), patience);
  }

  untilCompleted(type: string, count = 1): Promise<void> {
    return vi.waitFor(async () => expect(await this.completed(type), `${type} completed`).toBe(count), patience);
  }

  /** The run id of the execution that is going on: another one after a continue-as-new. */
  async executionId(): Promise<string> {
    return (await this.handle.describe()).runId;
  }

  /** Until an intent runs on each of `hosts`: PID 1 has it and `systemctl` has not come back. */
  async untilIntentsRun(hosts: readonly LabHost[]): Promise<void> {
    for (const host of hosts)
      await vi.waitFor(async () => {
        const { stdout } = await host.exec(['systemctl', 'list-units', '--no-legend', '--plain', 'ostler-*']);
        expect(stdout, `intents on ${host.name}`).toMatch(/\brunning\b/);
      }, patience);
  }

  /**
   * Until the first start of this run on each of `hosts` is counted, by PID 1 and by the stand-in. An intent runs before that: a
   * host that loses its power in between would have no start to tell of.
   */
  async untilStartsCounted(hosts: readonly LabHost[]): Promise<void> {
    for (const host of hosts)
      await vi.waitFor(
        async () => expect(await this.startsSince(host), `starts on ${host.name}`).toEqual([1, 1]),
        patience,
      );
  }

  /** Until the start that is going on on each of `hosts` has come to its end. */
  async untilStarted(hosts: readonly LabHost[]): Promise<void> {
    for (const host of hosts)
      await vi.waitFor(async () => {
        const { stdout } = await host.exec(['systemctl', 'is-active', unit]);
        expect(stdout, `${unit} on ${host.name}`).toBe('active\n');
      }, patience);
  }

  /** Starts of one host since the run began, as {@link startsOn} counts them. */
  private async startsSince(host: LabHost): Promise<[number, number]> {
    const [byPid1, byStandIn] = await startsOn(host);
    const [byPid1Before, byStandInBefore] = this.before.get(host) ?? [0, 0];
    return [byPid1 - byPid1Before, byStandIn - byStandInBefore];
  }

  /** Whom the cloud's keeper holds hosts for, as its own worker says. */
  async leases(): Promise<{ owner: string; nodes: string[] }[]> {
    return this.client.workflow.getHandle(keeperId(this.lane.cloud)).query(keeperQueries.leases);
  }

  /** Whether the cloud's keeper has a question before it that it has not answered: every update makes a task for its worker. */
  async keeperIsAsked(): Promise<boolean> {
    const { raw } = await this.client.workflow.getHandle(keeperId(this.lane.cloud)).describe();
    return Boolean(raw.pendingWorkflowTask);
  }

  tell(verb: ControlVerb, nodes?: string[]): Promise<string> {
    const control = { actor: 'ada@bastion', reason: `${verb}, she said`, ...(nodes && { nodes }) };
    return this.handle.executeUpdate<string, [object]>(verb, { args: [control] });
  }

  /** What the run says of itself: by its worker while it goes on, by its memo afterwards. */
  async progress(): Promise<RolloutProgress> {
    const { status, memo } = await this.handle.describe();
    if (status.name === 'RUNNING') return this.handle.query('progress');
    return memo?.[PROGRESS_MEMO] as RolloutProgress;
  }

  /** Until the run waits for a person; resolves to what it says then. */
  async untilWaiting(): Promise<RolloutProgress> {
    return vi.waitFor(async () => {
      const progress = await this.progress();
      expect(progress).toHaveProperty('waiting');
      return progress;
    }, patience);
  }

  /** Until the run has ended; resolves to what it says then. A run that waits for a person instead is a failure. */
  async untilEnded(): Promise<RolloutProgress> {
    const progress = await vi.waitFor(async () => {
      const now = await this.progress();
      expect(now.waiting ? 'waiting' : now.phase).toMatch(/waiting|ended/);
      return now;
    }, patience);
    expect(progress.waiting).toBeUndefined();
    await vi.waitFor(async () => expect((await this.handle.describe()).status.name).not.toBe('RUNNING'), patience);
    return progress;
  }

  /**
   * What must hold after every fault: each host was started as often as the account says, by PID 1's count and by the unit's own,
   * hosts that were not planned not at all; never more than the budget were down; something was restarted; nobody holds a lease.
   */
  async expectAccount({ states, starts }: Account): Promise<void> {
    expect((await this.progress()).states).toBe(states);
    const expected = this.lane.hosts.map((_, place) => starts[place] ?? 0);
    const counted = await Promise.all(this.lane.hosts.map((host) => this.startsSince(host)));
    const [byPid1, byStandIn] = [counted.map(([count]) => count), counted.map(([, count]) => count)];
    expect({ byPid1, byStandIn }).toEqual({ byPid1: expected, byStandIn: expected });
    expect(Math.max(...byPid1)).toBeGreaterThan(0);
    const fleet = { ...this.lane.fleet, hosts: this.lane.hosts };
    expect(await mostDownAtOnce(fleet, unit, this.sinceUs)).toBeLessThanOrEqual(budget);
    expect(await this.leases()).toEqual([]);
  }
}
