import { ApplicationFailure, Context } from '@temporalio/activity';
import { beating } from '../../activities/beat.js';
import type { CephActivities } from '../../activities/ceph/index.js';
import type { ControllerActivities } from '../../activities/controllers/index.js';
import { invalidRequest, planRefused } from '../../activities/failures.js';
import type { SiteActivities } from '../../activities/index.js';
import type { MongodbActivities } from '../../activities/mongodb/index.js';
import type { Tell } from '../../activities/notify/index.js';
import type { ServiceActivities } from '../../activities/services/index.js';
import type { Finding } from '../../domain/audit/finding.js';
import { SEVERITIES } from '../../domain/audit/finding.js';
import type { RecordAnswer } from '../../domain/audit/ledger.js';
import type { FoundByAudit } from '../../domain/audit/reported.js';
import type { AuditPlan } from '../../domain/audit/request.js';
import { batchSizes } from '../../domain/batches.js';
import type { ReleaseRequest } from '../../domain/budget.js';
import type { ControllerAnswer } from '../../domain/cluster.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import type {
  ActResult,
  AdmitRequest,
  RestartOrder,
  RestartTicket,
  Verdicts,
  VerifyRequest,
} from '../../domain/rollout.js';
import { siteQueue } from '../../workflows/messages/names.js';
import { startWorker, uniqueName } from '../setup/temporal.js';

/** What a fake host does at its nth act, from 0; the last entry repeats. */
type Behaviour = { acts?: ActResult[]; verdicts?: (Verdicts[string] | 'well')[] };

export interface FakeSiteOptions {
  hosts: string[];
  behaviour?: Record<string, Behaviour>;
  /** Answers of the first admissions. */
  admissions?: { admitted: false; silent: boolean; why: string }[];
  inspections?: Record<string, { state: 'skipped' | 'vetoed' | 'unreachable'; note: { why: string } }>;
  plan?: Partial<Plan>;
  /** Why planning, or reading the cluster, is refused, where it is. */
  refusal?: string;
  /** What the controllers say of their cluster. */
  answers?: ControllerAnswer[];
  /** What an audit asks. */
  auditPlan?: Partial<AuditPlan>;
  /** What an audit finds, by node or system. */
  findings?: Record<string, Finding[]>;
  /** Nodes and systems of which nobody gets an answer. */
  mute?: string[];
  /** What the ledger knows. */
  known?: Partial<RecordAnswer>;
  /** Releases that come to nothing, as when the keeper is silent. */
  failedReleases?: number;
  /** Channels to people, and those of them that take nothing. */
  channels?: string[];
  deaf?: string[];
}

/**
 * A site whose activities only keep book: the engine's own behaviour is what is tested with it. `hold(node)` keeps a host's act open
 * until `let(node)`; `hold('room')` keeps every admission waiting.
 */
export class FakeSite {
  readonly cloud = uniqueName('cloud');
  readonly acts: RestartOrder[] = [];
  readonly admissions: AdmitRequest[] = [];
  readonly verifications: string[][] = [];
  readonly events: { event: string; summary: string }[] = [];
  readonly told: Required<Tell>[] = [];
  readonly releaseRequests: ReleaseRequest[] = [];
  readonly recorded: FoundByAudit[] = [];
  private readonly refused = new Map<number, { admitted: false; silent: boolean; why: string }>();
  protected readonly held = new Map<string, { promise: Promise<void>; open: () => void }>();

  constructor(readonly options: FakeSiteOptions) {
    for (const [index, answer] of (options.admissions ?? []).entries()) this.refuseAfter(index, answer);
  }

  hold(node: string): void {
    let open = (): void => {};
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.held.set(node, { promise, open });
  }

  /** Refuses the admission after the first `count` ones, once. */
  refuseAfter(count: number, answer: { admitted: false; silent: boolean; why: string }): void {
    this.refused.set(count, answer);
  }

  let(node: string): void {
    this.held.get(node)?.open();
  }

  get releases(): number {
    return this.releaseRequests.length;
  }

  actsOn(node: string): RestartOrder[] {
    return this.acts.filter((order) => order.node === node);
  }

  request(overrides: Partial<RolloutRequest> = {}): RolloutRequest {
    return {
      operation: 'restart',
      cloud: this.cloud,
      target: 'nova-compute',
      batch: [1],
      soakMs: 0,
      maxFailures: 0,
      onFailure: 'pause',
      promote: false,
      pauseDeadlineMs: 3_600_000,
      admitDeadlineMs: 60_000,
      actor: 'alice',
      reason: 'new config',
      ...overrides,
    };
  }

  private plan(request: RolloutRequest): Plan {
    const { hosts, plan } = this.options;
    return {
      hash: 'abcdef0123456789',
      target: request.target,
      role: 'compute',
      nodes: hosts,
      batches: batchSizes(request.batch ?? [1], hosts.length, hosts.length),
      excluded: {},
      population: hosts.length,
      maxUnavailable: hosts.length,
      maxFailures: Number(request.maxFailures),
      startDeadlineMs: 60_000,
      verifyDeadlineMs: 60_000,
      estimateMs: 1_000,
      ...plan,
    };
  }

  activities(): Omit<
    SiteActivities,
    keyof ControllerActivities | keyof ServiceActivities | keyof CephActivities | keyof MongodbActivities
  > {
    const { behaviour = {}, inspections = {} } = this.options;
    const nth = <T>(list: T[] | undefined, index: number): T | undefined => list?.[Math.min(index, list.length - 1)];
    return {
      planRollout: async (request): Promise<Plan> => {
        if (this.options.refusal) throw planRefused(this.options.refusal);
        return this.plan(request);
      },
      readCluster: async () => {
        if (this.options.refusal) throw invalidRequest(this.options.refusal);
        return this.options.answers ?? [];
      },
      admitRestart: async (request) => {
        this.admissions.push(request);
        if (this.held.has('room')) await beating(() => Context.current().cancelled);
        const refused = this.refused.get(this.admissions.length - 1);
        if (refused) return refused;
        const inspect = (node: string) => inspections[node] ?? { ticket: ticketOf(node, this.actsOn(node).length) };
        return { admitted: true, hosts: Object.fromEntries(request.nodes.map((node) => [node, inspect(node)])) };
      },
      restartUnit: async (order) => {
        const turn = this.actsOn(order.node).length;
        this.acts.push(order);
        await this.held.get(order.node)?.promise;
        return nth(behaviour[order.node]?.acts, turn) ?? { state: 'acted', byUs: true };
      },
      verifyRestart: async ({ hosts: restarted }: VerifyRequest) => {
        this.verifications.push(restarted.map(({ node }) => node));
        const verdicts: Verdicts = {};
        for (const { node } of restarted) {
          const verdict = nth(behaviour[node]?.verdicts, this.actsOn(node).length - 1);
          if (verdict && verdict !== 'well') verdicts[node] = verdict;
        }
        return verdicts;
      },
      releaseBudget: async (request) => {
        this.releaseRequests.push(request);
        if (this.releases <= (this.options.failedReleases ?? 0))
          throw ApplicationFailure.nonRetryable('the keeper did not answer');
      },
      notify: async ({ event, summary }) => {
        this.events.push({ event, summary });
      },
      planAudit: async () => {
        if (this.options.refusal) throw invalidRequest(this.options.refusal);
        const nodes = this.options.hosts.map((name) => ({ name, roles: ['compute'] as const }));
        return {
          nodeChecks: ['reachable', 'memory'],
          nodes,
          systems: [],
          samples: 1,
          channels: [],
          ...this.options.auditPlan,
        };
      },
      auditNodes: async ({ nodes }) => this.foundOn(nodes),
      auditSystem: async ({ system }) => this.foundOn([system]),
      recordAudit: async (found) => {
        this.recorded.push(found);
        return { since: {}, acks: {}, trend: [], undelivered: [], ...this.options.known };
      },
      tell: async ({ channel, event, isTest = false }) => {
        if (this.options.deaf?.includes(channel)) throw ApplicationFailure.nonRetryable(`${channel} answered 404`);
        this.told.push({ channel, event, isTest });
        return `${channel} took it`;
      },
      channelsAt: async () =>
        (this.options.channels ?? []).map((name) => ({
          name,
          kind: 'command',
          severities: [...SEVERITIES],
          except: [],
        })),
    };
  }

  private foundOn(places: string[]): { findings: Finding[]; omitted: number } {
    const { findings = {}, mute = [] } = this.options;
    const silent = places.find((place) => mute.includes(place));
    if (silent) throw ApplicationFailure.nonRetryable(`${silent} says nothing`);
    return { findings: places.flatMap((place) => findings[place] ?? []), omitted: 0 };
  }

  /** Starts the site worker beside a workflow worker; answers the latter's task queue. */
  async start(on?: Parameters<typeof startWorker>[0]['on']): Promise<string> {
    await startWorker({
      ...(on && { on }),
      taskQueue: siteQueue(this.cloud),
      activities: this.activities(),
      // A cancel comes with the answer to a heartbeat.
      maxHeartbeatThrottleInterval: '50ms',
    });
    const { taskQueue } = await startWorker({ ...(on && { on }) });
    return taskQueue;
  }
}

const ticketOf = (node: string, generation: number): RestartTicket => ({
  verb: generation === 0 ? 'try-restart' : 'start',
  fence: { bootId: `boot-of-${node}`, startedUs: generation, mainPid: 100 + generation },
  failedNeeds: [],
});
