import { type Check, limitsOf, type SiteLimits } from '../../domain/audit/check.js';
import type { Finding } from '../../domain/audit/finding.js';
import { judgeApi } from '../../domain/audit/judge-apis.js';
import { judgeCinderServices } from '../../domain/audit/judge-cinder-services.js';
import { judgeHeatServices } from '../../domain/audit/judge-heat-services.js';
import { judgeHypervisors } from '../../domain/audit/judge-hypervisors.js';
import { judgeNeutronAgents } from '../../domain/audit/judge-neutron-agents.js';
import { judgeNovaServices } from '../../domain/audit/judge-nova-services.js';
import { judgeRouters } from '../../domain/audit/judge-routers.js';
import { judgeServers, judgeVolumes, type Patience } from '../../domain/audit/judge-stuck.js';
import type { ApiModule } from '../../domain/audit/openstack-apis.js';
import type { OpenStackAuditSettings } from '../../domain/audit/openstack-settings.schema.js';
import type { NodeOf } from '../../domain/audit/place.js';
import type { SiteInventory } from '../../inventory/load.js';
import { readCinderServices, readVolumes } from '../openstack/cinder.js';
import { readHeatEngines } from '../openstack/heat.js';
import { nodesByHost } from '../openstack/match-hosts.js';
import { readNeutronAgents, readRouterPorts, readRouters } from '../openstack/neutron.js';
import { readHypervisors, readNovaServices, readTroubledServers } from '../openstack/nova-audit.js';
import { type AskControllers, askEndpoint } from '../openstack/probe-apis.js';
import type { Rest } from '../openstack/rest.js';

/** What one audit asks a cloud's APIs with. */
export interface AskedCloud {
  rest: Rest;
  askControllers: AskControllers;
  nodes: SiteInventory['nodes'];
  settings: OpenStackAuditSettings;
  limits: SiteLimits;
}

/** @throws {OpenStackFailure} when it cannot be asked */
type Question = (cloud: AskedCloud, check: Check) => Promise<Finding[]>;

/** The question of every check that is about more than whether an API answers, by its id. */
export const questions: Readonly<Record<string, Question>> = {
  'nova-services': async ({ rest, nodes }) => {
    const rows = await readNovaServices(rest);
    const computes = nodes.filter(({ roles }) => roles.includes('compute')).map(({ name }) => name);
    return judgeNovaServices(rows, computes, nodeOfAny(nodes, rows));
  },
  hypervisors: async ({ rest, nodes }) => {
    const rows = await readHypervisors(rest);
    return judgeHypervisors(rows, nodeOfAny(nodes, rows));
  },
  'cinder-services': async ({ rest, nodes, settings }) => {
    const rows = await readCinderServices(rest);
    const hosts = rows.map(({ host }) => ({ host: host.split('@', 1)[0] as string }));
    return judgeCinderServices(rows, settings.backupOnDemand, nodeOfAny(nodes, hosts));
  },
  'neutron-agents': async ({ rest, nodes, settings }) => {
    const rows = await readNeutronAgents(rest);
    return judgeNeutronAgents(rows, settings.dhcpSingleton, nodeOfAny(nodes, rows));
  },
  routers: async ({ rest }) => {
    // Ports first: those of a router that is deleted meanwhile are not taken for ports in trouble.
    const ports = await readRouterPorts(rest);
    return judgeRouters(await readRouters(rest), ports);
  },
  'heat-services': async ({ rest, nodes }) => {
    const rows = await readHeatEngines(rest);
    return rows === undefined ? [] : judgeHeatServices(rows, nodeOfAny(nodes, rows));
  },
  'stuck-servers': async (cloud, check) =>
    judgeServers(await readTroubledServers(cloud.rest), await patienceOf(cloud, check)),
  'stuck-volumes': async (cloud, check) => judgeVolumes(await readVolumes(cloud.rest), await patienceOf(cloud, check)),
};

/** Whether an API answers, through its endpoint and on each controller. */
export async function questionApi({ rest, askControllers }: AskedCloud, module: ApiModule): Promise<Finding[]> {
  const [endpoint, controllers] = await Promise.all([askEndpoint(rest, module), askControllers(module)]);
  return judgeApi(module, { endpoint, controllers });
}

const nodeOfAny = (nodes: SiteInventory['nodes'], rows: readonly { host: string }[]): NodeOf =>
  nodesByHost(
    nodes.map(({ name }) => name),
    rows.map(({ host }) => host),
  );

const patienceOf = async ({ rest, limits }: AskedCloud, check: Check): Promise<Patience> => ({
  now: await rest.now(),
  hours: limitsOf(check, limits).warn as number,
});
