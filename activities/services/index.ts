import { Context, log } from '@temporalio/activity';
import type { ActResult, Admission, AdmitRequest, Verdicts } from '../../domain/rollout.js';
import type { ServiceStatus } from '../../domain/service-status.js';
import { servicesFor } from '../../domain/services.js';
import type { UnitVerb } from '../../domain/unit-change.js';
import { majorityLost } from '../../domain/unit-gates.js';
import { isShort, judgeHost } from '../../domain/unit-judgement.js';
import type { SiteInventory } from '../../inventory/load.js';
import { admit } from '../admit.js';
import { beating } from '../beat.js';
import { invalidRequest } from '../failures.js';
import type { ComputeServices } from '../openstack/compute-services.js';
import {
  changeUnits,
  type HostOrder,
  type HostTicket,
  inspectHost,
  type VerifyHosts,
  verifyHosts,
} from './change-host.js';
import type { ChangeDeps } from './change-unit.js';
import { readRole } from './plan-one.js';
import { readStatus, type StatusRequest } from './status.js';

export interface ServiceDeps extends ChangeDeps {
  inventory: SiteInventory;
  computeServices?: ComputeServices;
}

/** An admission of hosts to a change of services. */
export interface AdmitChange extends AdmitRequest {
  verb: UnitVerb;
}

/** What is asked of services and done to them, beside restarting one. */
export function createServiceActivities(deps: ServiceDeps) {
  const { inventory, reader, keeper } = deps;
  return {
    /**
     * How services are on hosts, each judged by all that can be read about it. Changes nothing.
     * @throws {ApplicationFailure} InvalidRequest for another cloud, or what this site does not have
     */
    async readServices(request: StatusRequest): Promise<ServiceStatus[]> {
      if (request.cloud !== inventory.cloud)
        throw invalidRequest(`this worker looks after the cloud ${inventory.cloud}, not ${request.cloud}`);
      return beating((signal) => readStatus(deps, request, signal));
    },

    /**
     * Waits for room in the cloud's budget for one batch, and looks at its hosts at that moment. A stop that would cost a group its majority
     * by now finds its hosts vetoed. Changes nothing on any host; takes a lease of the keeper, which asking again takes again.
     */
    async admitChange(request: AdmitChange): Promise<Admission<HostTicket>> {
      const { verb, target, role, nodes } = request;
      const entries = servicesFor(verb, target, role);
      // Whoever only brings something up takes nothing from anybody, and need not know how the others are.
      const others = verb === 'stop' ? {} : { nodes };
      return admit(keeper, request, async (signal) => {
        const seen = await readRole(inventory, reader, { role, entries, ...others }, signal);
        const judged = new Map(nodes.map((node) => [node, judgeHost(verb, entries, seen.get(node), target)]));
        const lost = verb === 'stop' ? majorityLost(entries, nodes, seen, judged) : undefined;
        const missing = [...seen.keys()].filter((node) => !nodes.includes(node) && isShort(entries, seen.get(node)));
        return {
          missing: verb === 'stop' ? missing : [],
          hosts: Object.fromEntries(
            nodes.map((node) => [
              node,
              lost === undefined
                ? inspectHost(verb, judged.get(node) ?? [], seen.get(node) ?? new Map())
                : { state: 'vetoed' as const, note: { why: lost } },
            ]),
          ),
        };
      });
    },

    /** Changes the units of one host one after the other, each at most once. Safe to retry at any point. */
    async changeUnits(order: HostOrder): Promise<ActResult> {
      const maybeSent = order.maybeSent || Context.current().info.attempt > 1;
      const { node, verb, intent } = order;
      const result = await beating((signal) => changeUnits(deps, { ...order, maybeSent }, signal));
      log.info('host changed', { node, verb, intent, state: result.state });
      return result;
    },

    /** Proves what was changed on the hosts of a batch. Changes nothing. */
    verifyChange: (order: VerifyHosts): Promise<Verdicts> => beating((signal) => verifyHosts(deps, order, signal)),
  };
}

export type ServiceActivities = ReturnType<typeof createServiceActivities>;
