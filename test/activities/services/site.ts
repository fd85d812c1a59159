import { randomBytes } from 'node:crypto';
import type { ComputeServices } from '../../../activities/openstack/compute-services.js';
import { createAskCluster } from '../../../activities/pacemaker/ask.js';
import type { HostOrder, HostTicket } from '../../../activities/services/change-host.js';
import { createServiceActivities, type ServiceActivities } from '../../../activities/services/index.js';
import { planServices } from '../../../activities/services/plan.js';
import { createServiceReader, type ServiceReader } from '../../../activities/services/reader.js';
import type { Plan, RolloutRequest } from '../../../domain/plan.js';
import type { ActResult, Inspection } from '../../../domain/rollout.js';
import type { ServiceOperation } from '../../../domain/service-parts.js';
import type { ServiceStatus } from '../../../domain/service-status.js';
import type { UnitVerb } from '../../../domain/unit-change.js';
import type { SiteInventory } from '../../../inventory/load.js';
import type { SimFleet } from '../../../lab/sim/fleet.js';
import type { SimHost } from '../../../lab/sim/host.js';
import type { SimOptions } from '../../../lab/sim/options.js';
import { type Attempt, attempt, type FakeKeeper, startFleet } from '../systemd/site.js';

/** A simulated fleet with the activities that look after its services. */
export class ServiceSite {
  /** Nothing here has a say of its own. */
  readonly whyNotStop = async (): Promise<string | undefined> => undefined;
  outageOf = async (_target: string): Promise<string | undefined> => undefined;
  readonly lease = { owner: 'stop/sim/nova', run: 'run-1', batch: 0 };

  private constructor(
    readonly fleet: SimFleet,
    readonly inventory: SiteInventory,
    readonly reader: ServiceReader,
    readonly keeper: FakeKeeper,
    readonly activities: ServiceActivities,
  ) {}

  /** Starts a fleet that is gone at the end of the test. */
  static async start(
    options: Partial<SimOptions> = {},
    computeServices?: Partial<ComputeServices>,
  ): Promise<ServiceSite> {
    const { fleet, inventory, run, observer, keeper } = await startFleet(options);
    const reader = createServiceReader({ inventory, run, askCluster: createAskCluster({ inventory, run }) });
    const whyNotStop = async (): Promise<string | undefined> => undefined;
    const deps = { inventory, run, observer, keeper, reader, whyNotStop };
    const all = computeServices ? { ...deps, computeServices: computeServices as ComputeServices } : deps;
    return new ServiceSite(fleet, inventory, reader, keeper, createServiceActivities(all));
  }

  host(node = 'compute-1'): SimHost {
    return this.fleet.host(node);
  }

  request(operation: ServiceOperation, target: string, more: Partial<RolloutRequest> = {}): RolloutRequest {
    return {
      operation,
      cloud: this.inventory.cloud,
      target,
      soakMs: 0,
      maxFailures: 0,
      onFailure: 'pause',
      promote: false,
      pauseDeadlineMs: 3_600_000,
      admitDeadlineMs: 1_000,
      actor: 'ada',
      reason: 'OPS-1',
      ...more,
    };
  }

  plan(operation: ServiceOperation, target: string, more: Partial<RolloutRequest> = {}): Promise<Plan> {
    return planServices(this, this.request(operation, target, more), new AbortController().signal);
  }

  status(target: string, selection?: string): Promise<ServiceStatus[]> {
    const request = { cloud: this.inventory.cloud, target, ...(selection !== undefined && { selection }) };
    return attempt(this.activities.readServices, request);
  }

  /** What each host of a batch may have done to it now. */
  async admitted(
    verb: UnitVerb,
    target: string,
    nodes: string[],
    role: 'compute' | 'controller' = 'compute',
    more: { unnamed?: true; selection?: string } = {},
  ): Promise<Record<string, Inspection<HostTicket>>> {
    const admission = await attempt(this.activities.admitChange, {
      ...this.lease,
      verb,
      target,
      role,
      nodes,
      again: [],
      unresolved: [],
      maxUnavailable: this.inventory.nodes.length,
      deadlineMs: 1_000,
      actor: 'ada',
      reason: 'OPS-1',
      ...more,
    });
    if (!admission.admitted) throw new Error(admission.why);
    return admission.hosts;
  }

  /** An order for a host as it looks now, under a new intent. */
  async order(
    verb: UnitVerb,
    target: string,
    { node = 'compute-1', role = 'compute' as 'compute' | 'controller' } = {},
  ): Promise<HostOrder> {
    const inspection = (await this.admitted(verb, target, [node], role))[node];
    if (!inspection || !('ticket' in inspection)) throw new Error(JSON.stringify(inspection));
    const { ticket } = inspection;
    return { node, verb, ticket, intent: randomBytes(8).toString('hex'), maybeSent: false, lease: this.lease };
  }

  change(order: HostOrder, info?: Attempt): Promise<ActResult> {
    return attempt(this.activities.changeUnits, order, info);
  }

  /** ActiveState of a host's unit. */
  stateOf(service: string, node = 'compute-1'): string {
    const host = this.host(node);
    return host.manager.unit(host.unitName(service))?.activeState ?? 'not-found';
  }

  /** Whether the unit comes up with its host. */
  isEnabled(service: string, node = 'compute-1'): boolean {
    const host = this.host(node);
    return host.files.get(host.unitName(service))?.enabled ?? false;
  }
}
