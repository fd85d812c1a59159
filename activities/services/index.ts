import { Context, log } from '@temporalio/activity';
import type { ActResult, Admission, AdmitRequest, Verdicts } from '../../domain/rollout.js';
import type { ServiceStatus } from '../../domain/service-status.js';
import { servicesFor } from '../../domain/services.js';
import type { UnitVerb } from '../../domain/unit-change.js';
import { asksOthers, shutGate } from '../../domain/unit-gates.js';
import { isShort, judgeHosts } from '../../domain/unit-judgement.js';
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
import { type MayStop, readRole, selectedOf } from './plan-one.js';
import { readStatus, type StatusRequest } from './status.js';

export interface ServiceDeps extends ChangeDeps {
  inventory: SiteInventory;
  whyNotStop: MayStop;
  computeServices?: ComputeServices;
}

/** What one answer may hold, in bytes: Temporal takes payloads of up to 2 MB. */
const MOST_ANSWERED = 1_500_000;

/** An admission of hosts to a change of services. */
export interface AdmitChange extends AdmitRequest {
  verb: UnitVerb;
  /** As in the request of the run. */
  unnamed?: true;
  selection?: string;
}

/** What is asked of services and done to them, beside restarting one. */
export function createServiceActivities(deps: ServiceDeps) {
  const { inventory, reader, keeper, whyNotStop } = deps;
  return {
    /**
     * How services are on hosts, each judged by all that can be read about it. Changes nothing.
     * @throws {ApplicationFailure} InvalidRequest for another cloud, what this site does not have, or more than one answer can carry
     */
    async readServices(request: StatusRequest): Promise<ServiceStatus[]> {
      if (request.cloud !== inventory.cloud)
        throw invalidRequest(`this worker looks after the cloud ${inventory.cloud}, not ${request.cloud}`);
      const services = await beating((signal) => readStatus(deps, request, signal));
      const bytes = JSON.stringify(services).length;
      if (bytes > MOST_ANSWERED)
        throw invalidRequest(
          `${services.length} services take ${bytes} bytes, more than the ${MOST_ANSWERED} of one answer; ask for one module, or for fewer hosts with --on`,
        );
      return services;
    },

    /**
     * Waits for room in the cloud's budget for one batch, and looks at its hosts at that moment. A stop that would cost a group its majority
     * by now, or a start of a Galera that has no member left, finds its hosts vetoed. Changes nothing on any host; takes a lease of the keeper, which asking again takes again.
     */
    async admitChange(request: AdmitChange): Promise<Admission<HostTicket>> {
      const { verb, target, role, nodes } = request;
      const entries = servicesFor(verb, target, role);
      const asked = { ...request, selected: selectedOf(inventory, role, request.selection) };
      // Whoever only brings something up takes nothing from anybody, and mostly need not know how the others are.
      const others = asksOthers(verb, entries) ? {} : { nodes };
      return admit(keeper, request, async (signal) => {
        const seen = await readRole(inventory, reader, { role, entries, ...others }, signal);
        const judged = judgeHosts(verb, entries, nodes, seen, asked);
        const shut =
          shutGate(verb, entries, nodes, { observed: seen, judged, selected: asked.selected }) ??
          (verb === 'stop' ? await whyNotStop(entries, nodes, signal) : undefined);
        const missing = [...seen.keys()].filter((node) => !nodes.includes(node) && isShort(entries, seen.get(node)));
        return {
          missing: verb === 'stop' ? missing : [],
          hosts: Object.fromEntries(
            nodes.map((node) => [
              node,
              shut === undefined
                ? inspectHost(verb, judged.get(node) ?? [], seen.get(node) ?? new Map())
                : { state: 'vetoed' as const, note: { why: shut } },
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
