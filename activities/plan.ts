import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { aliases, type CatalogueEntry, catalogue, type OwnTurns } from '../domain/catalogue.js';
import { bestOf, vantagesOf } from '../domain/cluster-vantage.js';
import { formatDuration } from '../domain/duration.js';
import type { Role } from '../domain/inventory.js';
import { resourceFor } from '../domain/pacemaker-resources.js';
import {
  type HostCondition,
  type Plan,
  PlanRefusal,
  plan,
  type RolloutRequest,
  selectedNodes,
} from '../domain/plan.js';
import { planDifferences } from '../domain/plan-difference.js';
import { rolloutRequestSchema } from '../domain/request.schema.js';
import { SelectionError } from '../domain/selection.js';
import type { SiteInventory } from '../inventory/load.js';
import { didYouMean } from '../inventory/suggest.js';
import { beating } from './beat.js';
import { isOnControllers } from './controllers/plan.js';
import { invalidRequest, invalidSelection, planRefused, stalePlan } from './failures.js';
import { whyNot } from './hosts.js';
import type { ComputeServices } from './openstack/compute-services.js';
import { OpenStackFailure } from './openstack/http.js';
import type { AskCluster } from './pacemaker/ask.js';
import { isOnServices } from './services/plan.js';
import { conditionOf, type Observation, type Observer } from './systemd/observe.js';

/** Differences named in a refusal; more would not be read. */
const MOST_DIFFERENCES = 20;

/** How long the agreed plan may take to be read back; one that is still being made is not waited for. */
const READ_BACK_MS = 5_000;

/** How long Nova is asked again after a failure that may pass: an API that restarts is back in 10 s. */
const NOVA_PATIENCE_MS = 30_000;

/** By whose unit a controller is told to be in a cluster. */
const pacemaker = catalogue.get('pacemaker') as CatalogueEntry;

export interface PlanDeps {
  inventory: SiteInventory;
  observer: Observer;
  askCluster: AskCluster;
  computeServices?: ComputeServices;
  client: Client;
  /** Plans an operation on controllers. */
  planOfControllers: (request: RolloutRequest, signal: AbortSignal) => Promise<Plan>;
  /** Plans a start, a stop, an enable or a disable. */
  planOfServices: (request: RolloutRequest, signal: AbortSignal) => Promise<Plan>;
  /** A plan for hosts that take their turns by a procedure of their own, as far as their system lets them go. */
  planOfTurns: Record<OwnTurns['by'], (plan: Plan, request: RolloutRequest, signal: AbortSignal) => Promise<Plan>>;
}

/** Planning, by the worker that holds the inventory. */
export function createPlanActivities({
  inventory: { inventory },
  observer,
  askCluster,
  computeServices,
  client,
  planOfControllers,
  planOfServices,
  planOfTurns,
}: PlanDeps) {
  /**
   * Conditions of every host of a role: one read of the Nova API where there is one, and then one of each host over SSH.
   * @throws {ApplicationFailure} PlanRefused when Nova cannot be asked
   */
  async function observe(entry: CatalogueEntry, role: Role, signal: AbortSignal): Promise<Map<string, HostCondition>> {
    const disabled = await disabledNodes(entry, signal);
    const nodes = inventory.nodes.filter((node) => node.roles.includes(role)).map(({ name }) => name);
    const clustered = role === 'controller' ? await clusteredNodes(entry, nodes, signal) : new Set();
    const seen = await observer.sweep(nodes, entry, { signal });
    return new Map(
      [...seen].map(([node, one]) => {
        const condition = conditionOf(one);
        if (clustered.has(node)) return [node, 'clustered'];
        return [node, condition === 'active' && disabled.has(node) ? 'disabled' : condition];
      }),
    );
  }

  /**
   * Of all controllers those on which Pacemaker runs an entry: systemctl would fight it there, or start a second one (domain reference, D 2).
   * @throws {ApplicationFailure} PlanRefused when a Pacemaker is there and does not say what it runs
   */
  async function clusteredNodes(
    entry: CatalogueEntry,
    controllers: string[],
    signal: AbortSignal,
  ): Promise<Set<string>> {
    const seen = await observer.sweep(controllers, pacemaker, { signal });
    const members = controllers.filter((node) => conditionOf(seen.get(node) as Observation) === 'active');
    if (members.length === 0) return new Set();
    const answers = await Promise.all(members.map((member) => askCluster(member, signal)));
    const view = bestOf(vantagesOf(answers))?.view;
    if (!view)
      throw planRefused(
        `Pacemaker does not say whether it runs ${entry.id}: ${answers.map((one) => (one.state === 'read' ? '' : one.why)).join('; ')}`,
      );
    return new Set(resourceFor(view, entry) === undefined ? [] : members);
  }

  /**
   * Nodes whose service an operator has disabled. A failure is a refusal, which the activity is not retried for: a wrong password
   * sent often enough locks the account.
   */
  async function disabledNodes({ computeService }: CatalogueEntry, signal: AbortSignal): Promise<Set<string>> {
    if (!computeService || !computeServices) return new Set();
    try {
      return await computeServices.disabledNodes(computeService, { deadline: Date.now() + NOVA_PATIENCE_MS, signal });
    } catch (error) {
      if (!(error instanceof OpenStackFailure)) throw error;
      const patience = error.passing ? `, asked for ${formatDuration(NOVA_PATIENCE_MS)}` : '';
      throw planRefused(
        `Nova could not be asked which ${computeService} are disabled: ${error.message}${patience}; mend that, or take openstack out of the worker's ostler.yaml and restart it to go by systemd alone`,
      );
    }
  }

  return {
    /**
     * Checks a request once more, reads every host of the role and decides the whole plan. Changes nothing.
     * @throws {ApplicationFailure} InvalidRequest, PlanRefused, or StalePlan when it is not the plan that was agreed to
     */
    async planRollout(raw: RolloutRequest): Promise<Plan> {
      const request = checked(raw);
      if (request.cloud !== inventory.cloud)
        throw invalidRequest(`this worker looks after the cloud ${inventory.cloud}, not ${request.cloud}`);
      if (isOnServices(request)) return agreed(request, await beating((signal) => planOfServices(request, signal)));
      if (isOnControllers(request))
        return agreed(request, await beating((signal) => planOfControllers(request, signal)));
      const entry = catalogue.get(request.target);
      if (!entry)
        throw invalidRequest(
          `unknown service ${request.target}${didYouMean(request.target, [...catalogue.keys(), ...aliases.keys()]) ?? ''}`,
        );
      try {
        const { role } = selectedNodes(inventory, entry, request);
        const observed = await beating((signal) => observe(entry, role, signal));
        const { turns } = entry;
        const decided = plan(inventory, entry, observed, turns ? oneByOne(request) : request, (text) =>
          createHash('sha256').update(text).digest('hex'),
        );
        return await agreed(
          request,
          turns ? await beating((signal) => planOfTurns[turns.by](decided, request, signal)) : decided,
        );
      } catch (error) {
        if (error instanceof SelectionError) throw invalidSelection(error);
        if (error instanceof PlanRefusal) throw planRefused(error.message);
        throw error;
      }
    },
  };

  /** The plan, where it is the one that was agreed to. */
  async function agreed(request: RolloutRequest, decided: Plan): Promise<Plan> {
    if (request.expect && !decided.hash.startsWith(request.expect)) throw await stale(request, decided);
    return decided;
  }

  async function stale(request: RolloutRequest, now: Plan) {
    const message = `the plan is ${now.hash.slice(0, 12)} now, not ${request.expect?.slice(0, 12)}`;
    if (!request.agreed) return stalePlan(message);
    try {
      const planned = client.workflow.getHandle(request.agreed);
      const agreed = (await client.withDeadline(Date.now() + READ_BACK_MS, () => planned.result())) as Plan;
      return stalePlan(message, planDifferences(agreed, now).slice(0, MOST_DIFFERENCES));
    } catch (error) {
      return stalePlan(message, [`the plan agreed to can no longer be read: ${whyNot(error)}`]);
    }
  }
}

/** @throws {ApplicationFailure} PlanRefused for another batch than one host */
function oneByOne(request: RolloutRequest): RolloutRequest {
  if (request.batch?.some((share) => share !== 1))
    throw planRefused(`hosts of ${request.target} take their turns one at a time: leave out --batch`);
  return { ...request, batch: [1] };
}

function checked(raw: RolloutRequest): RolloutRequest {
  const result = rolloutRequestSchema.safeParse(raw);
  if (!result.success) throw invalidRequest(z.prettifyError(result.error));
  // Every optional key that is there has a value: JSON has no undefined.
  return result.data as RolloutRequest;
}
