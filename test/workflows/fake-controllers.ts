import { setTimeout as sleep } from 'node:timers/promises';
import { Context, heartbeat } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { CephActivities } from '../../activities/ceph/index.js';
import type { ControllerActivities } from '../../activities/controllers/index.js';
import type { AdmitControllers } from '../../activities/controllers/inspect.js';
import type { SiteActivities } from '../../activities/index.js';
import type { MongodbActivities } from '../../activities/mongodb/index.js';
import type { ServiceActivities } from '../../activities/services/index.js';
import type { Away } from '../../domain/controller-troubles.js';
import type { Awaited, Before, Step, StepResult } from '../../domain/failover.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { RolloutProgress } from '../../domain/progress.js';
import type { ActResult, BatchKey, Inspection, Verdicts } from '../../domain/rollout.js';
import { PROGRESS_MEMO, siteQueue } from '../../workflows/messages/names.js';
import { devClient, startWorker } from '../setup/temporal.js';
import { FakeSite, type FakeSiteOptions } from './fake-site.js';

/** What a run asks of the controllers. `back, drained` is the first of the two looks when it comes back. */
type StepCall = `take ${Step['kind']}` | `undo ${Step['kind']}`;
type LookCall = 'away' | 'back, drained' | 'back, marked' | 'back' | 'online' | 'address there' | 'resource off';
export type Call =
  | 'admit'
  | 'prove dead'
  | StepCall
  | LookCall
  | 'guard'
  | 'reboot'
  | 'restart units'
  | 'verify units'
  | 'probe';

type Answer<C extends Call> = C extends StepCall
  ? StepResult
  : C extends LookCall
    ? Awaited
    : C extends 'admit'
      ? Inspection<Before>
      : C extends 'prove dead'
        ? { proofs: string[]; doubts: string[] }
        : C extends 'verify units'
          ? Verdicts
          : C extends 'guard'
            ? { trouble?: string }
            : C extends 'reboot' | 'restart units'
              ? ActResult
              : { longestMs: number; said: string };

/** Answers of the nth call of a kind, from 0; the last repeats. An error is thrown. */
export type Answers = { [C in Call]?: (Answer<C> | Error)[] };

export interface FakeControllersOptions extends Partial<Pick<FakeSiteOptions, 'hosts' | 'plan'>> {
  answers?: Answers;
  before?: Partial<Before>;
  /** Every look that has not reached what it waits for lasts as long as it was told to; a server whose time can be skipped does that. */
  look?: (lookMs: number) => Promise<void>;
}

interface Seen {
  call: Call;
  node: string;
  /** What the memo said was owed when the call came: nobody needs a worker to read that. */
  owed: string[];
  intent?: string;
  /** Of an undo: the intent under which the step was taken. */
  taken?: string;
  away?: Away | undefined;
  step?: Step;
  maybeSent?: boolean;
}

type Server = Parameters<typeof startWorker>[0]['on'] & { client: Client };

let workflowWorker: ReturnType<typeof startWorker> | undefined;

/**
 * Controllers whose activities only keep book. `hold(call)` keeps the calls of a kind open until `let(call)`; one that is cancelled
 * meanwhile ends so.
 */
export class FakeControllers extends FakeSite {
  readonly calls: Seen[] = [];
  readonly leases: BatchKey[] = [];
  private client: Client | undefined;

  constructor(private readonly wanted: FakeControllersOptions = {}) {
    const { hosts = ['controller-2'], plan } = wanted;
    super({ hosts, plan: { role: 'controller', maxUnavailable: 1, population: 3, ...plan } });
  }

  /** What was asked, in order. */
  get story(): Call[] {
    return this.calls.map(({ call }) => call);
  }

  storyOf(node: string): Call[] {
    return this.calls.filter((seen) => seen.node === node).map(({ call }) => call);
  }

  /** The last call of a kind. */
  last(call: Call): Seen | undefined {
    return this.calls.findLast((seen) => seen.call === call);
  }

  /** As `ostler failover` asks. */
  override request(overrides: Partial<RolloutRequest> = {}): RolloutRequest {
    return {
      ...super.request(),
      operation: 'failover',
      target: 'controller-2',
      reason: 'new memory',
      onFailure: 'abort',
      pauseDeadlineMs: 24 * 3_600_000,
      ...overrides,
    };
  }

  private before(node: string): Before {
    return {
      member: `${node}.example`,
      bootIds: { [node]: `boot-of-${node}` },
      vips: { vip__public: node, vip__management: 'controller-1', vip__storage: node },
      servers: [{ on: 'controller-1', proxy: 'keystone', server: node }],
      sockets: { 'controller-1': '/run/haproxy.sock' },
      answering: {},
      constraints: [],
      failures: [],
      left: [],
      known: [],
      ...this.wanted.before,
    };
  }

  override activities(): Omit<
    SiteActivities,
    keyof ServiceActivities | keyof CephActivities | keyof MongodbActivities
  > {
    const done = { state: 'done' } as const;
    const controllers: ControllerActivities = {
      admitControllers: async (request: AdmitControllers) => {
        this.admissions.push(request);
        const hosts: Record<string, Inspection<Before>> = {};
        for (const node of request.nodes)
          hosts[node] = await this.answer('admit', { node }, { ticket: this.before(node) });
        return { admitted: true, hosts };
      },
      proveControllerDead: ({ node }) => this.answer('prove dead', { node }, { proofs: ['no answer'], doubts: [] }),
      takeControllerStep: ({ node, step, intent, lease, away }) => {
        this.leases.push(lease);
        return this.answer(`take ${step.kind}`, { node, step, intent, away }, done);
      },
      undoControllerStep: ({ node, step, intent, taken }) =>
        this.answer(`undo ${step.kind}`, { node, step, intent, taken }, done),
      awaitControllerAway: ({ node, away, lookMs }) => this.look('away', { node, away }, lookMs),
      awaitControllerBack: ({ node, withMark, isDrained, lookMs }) =>
        this.look(isDrained ? 'back, drained' : withMark ? 'back, marked' : 'back', { node }, lookMs),
      awaitControllerOnline: ({ node, lookMs }) => this.look('online', { node }, lookMs),
      awaitVipOn: ({ member, lookMs }) => this.look('address there', { node: member }, lookMs),
      awaitResourceOff: ({ member, lookMs }) => this.look('resource off', { node: member }, lookMs),
      restartControllerUnits: ({ node, intent, maybeSent }) =>
        this.answer('restart units', { node, intent, maybeSent }, { state: 'acted', byUs: true }),
      verifyControllerUnits: ({ hosts: [host] }) => this.answer('verify units', { node: host?.node ?? '' }, {}),
      guardController: ({ away: { node }, untilMs }) =>
        this.wanted.answers?.guard
          ? this.answer('guard', { node }, {})
          : this.answer('guard', { node }, {}, async () => {
              await untilCancelled(sleep(untilMs - Date.now() + 500, undefined, { ref: false }));
            }),
      probeVip: ({ vip }) =>
        this.answer('probe', { node: vip }, { longestMs: 400, said: `${vip} did not answer for 0.4 s` }, async () => {
          await untilCancelled(new Promise(() => {})).catch(() => undefined);
        }),
      forgetFailures: async () => done,
      findLeft: async () => ({ found: [], silent: [] }),
      rebootController: ({ node, intent }) => this.answer('reboot', { node, intent }, { state: 'acted', byUs: true }),
    };
    return { ...super.activities(), ...controllers };
  }

  private async look(call: LookCall, seen: Omit<Seen, 'call' | 'owed'>, lookMs: number): Promise<Awaited> {
    const answer = (await this.answer(call, seen, { state: 'reached' })) as Awaited;
    if (answer.state === 'waiting') await this.wanted.look?.(lookMs);
    return answer;
  }

  private async answer<C extends Call>(
    call: C,
    seen: Omit<Seen, 'call' | 'owed'>,
    otherwise: Answer<C>,
    meanwhile: () => Promise<void> = async () => {},
  ): Promise<Answer<C>> {
    const turn = this.story.filter((earlier) => earlier === call).length;
    const record: Seen = { call, ...seen, owed: [] };
    this.calls.push(record);
    record.owed = await this.owedNow();
    const held = this.held.get(call)?.promise;
    if (held) await untilCancelled(held);
    await meanwhile();
    const answers = this.wanted.answers?.[call] as (Answer<C> | Error)[] | undefined;
    const answer = answers?.[Math.min(turn, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    return answer ?? otherwise;
  }

  private async owedNow(): Promise<string[]> {
    const { workflowExecution } = Context.current().info;
    const { memo } = (await this.client?.workflow.getHandle(workflowExecution?.workflowId ?? '').describe()) ?? {};
    return (memo?.[PROGRESS_MEMO] as RolloutProgress | undefined)?.owed ?? [];
  }

  /** Starts the site worker; one workflow worker serves all tests of a file. */
  override async start(on?: Server): Promise<string> {
    this.client = (on ?? (await devClient())).client;
    await startWorker({
      ...(on && { on }),
      taskQueue: siteQueue(this.cloud),
      activities: this.activities(),
      // A cancel comes with the answer to a heartbeat.
      maxHeartbeatThrottleInterval: '50ms',
    });
    workflowWorker ??= startWorker({ ...(on && { on }) });
    return (await workflowWorker).taskQueue;
  }
}

/** Waits, beating so that a cancel is heard. */
async function untilCancelled(work: Promise<unknown>): Promise<void> {
  const pulse = setInterval(() => heartbeat(), 100);
  try {
    await Promise.race([work, Context.current().cancelled]);
  } finally {
    clearInterval(pulse);
  }
}
