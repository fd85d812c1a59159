import { Context } from '@temporalio/activity';
import { nothingToDo, planRefused } from '../../activities/failures.js';
import type { HostOrder, HostTicket, VerifyHosts } from '../../activities/services/change-host.js';
import type { AdmitChange, ServiceActivities } from '../../activities/services/index.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import type { ActResult, Inspection, Verdicts } from '../../domain/rollout.js';
import type { ServiceStatus } from '../../domain/service-status.js';
import { siteQueue } from '../../workflows/messages/names.js';
import { startWorker } from '../setup/temporal.js';
import { FakeSite, type FakeSiteOptions } from './fake-site.js';

export interface FakeServicesOptions extends FakeSiteOptions {
  /** The parts that an operation on many services is planned as. */
  parts?: string[];
  /** What becomes of the nth change of a host, from 0; the last entry repeats. */
  changes?: Record<string, ActResult[]>;
  /** Hosts that are not as wanted after their change. */
  unproven?: Verdicts;
  /** By target: why its plan is refused, or that there is nothing to do, and which hosts are kept from it. */
  refusals?: Record<string, { kind: 'refused' | 'nothing-to-do'; why: string; kept?: string[] }>;
  services?: ServiceStatus[];
  inspected?: Record<string, Inspection<HostTicket>>;
}

type On = Parameters<FakeSite['start']>[0];

/** A site whose service activities only keep book: the workflows are what is tested with it. `hold(node)` keeps a change open. */
export class FakeServices extends FakeSite {
  readonly changed: HostOrder[] = [];
  readonly admitted: AdmitChange[] = [];
  readonly proven: VerifyHosts[] = [];
  readonly planned: RolloutRequest[] = [];
  private workers: { stop: () => Promise<void> }[] = [];
  private queue: string | undefined;

  constructor(readonly services: FakeServicesOptions) {
    super(services);
  }

  changesOf(node: string): HostOrder[] {
    return this.changed.filter((order) => order.node === node);
  }

  override activities(): ReturnType<FakeSite['activities']> & ServiceActivities {
    const activities = super.activities();
    const { parts, changes = {}, unproven = {}, refusals = {}, inspected = {} } = this.services;
    return {
      ...activities,
      planRollout: async (request): Promise<Plan> => {
        this.planned.push(request);
        const refusal = refusals[request.target];
        if (refusal && !request.each)
          throw (refusal.kind === 'refused' ? planRefused : nothingToDo)(refusal.why, refusal.kept);
        const plan = await activities.planRollout(request);
        return request.each && parts ? { ...plan, nodes: parts, batches: parts.map(() => 1) } : plan;
      },
      readServices: async () => this.services.services ?? [],
      admitChange: async (request) => {
        this.admitted.push(request);
        const ticket = (node: string): Inspection<HostTicket> => inspected[node] ?? { ticket: { units: [unitTicket] } };
        return { admitted: true, hosts: Object.fromEntries(request.nodes.map((node) => [node, ticket(node)])) };
      },
      changeUnits: async (order) => {
        const turn = this.changesOf(order.node).length;
        this.changed.push(order);
        const held = this.held.get(order.node);
        if (held) await Promise.race([held.promise, Context.current().cancelled]);
        const results = changes[order.node] ?? [];
        return results[Math.min(turn, results.length - 1)] ?? { state: 'acted', byUs: true };
      },
      verifyChange: async (order) => {
        this.proven.push(order);
        return Object.fromEntries(
          Object.entries(unproven).filter(([node]) => order.hosts.some((one) => one.node === node)),
        );
      },
    };
  }

  /** Starts the site worker beside a workflow worker; answers the latter's task queue. */
  override async start(on?: On): Promise<string> {
    const site = await startWorker({
      ...(on && { on }),
      taskQueue: siteQueue(this.cloud),
      activities: this.activities(),
      maxHeartbeatThrottleInterval: '50ms',
    });
    const workflows = await startWorker({ ...(on && { on }), ...(this.queue && { taskQueue: this.queue }) });
    this.workers = [site, workflows];
    this.queue = workflows.taskQueue;
    return workflows.taskQueue;
  }

  /** Ends both workers in the middle of whatever they do, and starts others in their place. */
  async restartWorkers(on?: On): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.start(on);
  }
}

const unitTicket = {
  target: 'nova-compute',
  fence: { bootId: 'b', startedUs: 1, mainPid: 1 },
  failedNeeds: [],
  fileState: 'enabled',
};
