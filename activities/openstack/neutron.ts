import { z } from 'zod';
import type { NeutronAgent } from '../../domain/audit/judge-neutron-agents.js';
import { ROUTER_PORT_OWNERS, type Router, type RouterPort } from '../../domain/audit/judge-routers.js';
import type { Rest } from './rest.js';
import { said, surelySaid } from './said.js';

const fields = (...names: string[]): string => names.map((name) => `fields=${name}`).join('&');

const agentSchema = z
  .object({
    id: z.string(),
    agent_type: surelySaid,
    binary: said,
    host: said,
    alive: z.boolean(),
    admin_state_up: z.boolean(),
    heartbeat_timestamp: said,
  })
  .transform(
    ({ id, agent_type: type, admin_state_up: adminUp, heartbeat_timestamp: heartbeatAt, ...row }) =>
      ({ id, type, adminUp, heartbeatAt, ...row }) satisfies NeutronAgent & { id: string },
  );

/** Every agent that reports to Neutron, without its configuration, which is most of a row. */
export const readNeutronAgents = (rest: Rest): Promise<NeutronAgent[]> =>
  rest.readAll({
    module: 'neutron',
    path: `/v2.0/agents?${fields('id', 'agent_type', 'binary', 'host', 'alive', 'admin_state_up', 'heartbeat_timestamp')}`,
    what: 'its list of agents',
    key: 'agents',
    row: agentSchema,
  });

const routerSchema = z
  .object({ id: z.string(), name: said, status: surelySaid, admin_state_up: z.boolean() })
  .transform(({ admin_state_up: adminUp, ...row }): Router => ({ ...row, adminUp }));

/** Every router of every project. */
export const readRouters = (rest: Rest): Promise<Router[]> =>
  rest.readAll({
    module: 'neutron',
    path: `/v2.0/routers?${fields('id', 'name', 'status', 'admin_state_up')}`,
    what: 'its list of routers',
    key: 'routers',
    row: routerSchema,
  });

const portSchema = z
  .object({
    id: z.string(),
    device_id: surelySaid,
    device_owner: surelySaid,
    status: surelySaid,
    admin_state_up: z.boolean(),
    'binding:vif_type': said,
    'binding:host_id': said,
    fixed_ips: z.array(z.object({ ip_address: said })).nullish(),
  })
  .transform(
    ({ id, status, ...row }): RouterPort => ({
      id,
      status,
      router: row.device_id,
      owner: row.device_owner,
      adminUp: row.admin_state_up,
      vifType: row['binding:vif_type'],
      host: row['binding:host_id'],
      addresses: (row.fixed_ips ?? []).map((one) => one.ip_address),
    }),
  );

const owners = ROUTER_PORT_OWNERS.map((owner) => `device_owner=${encodeURIComponent(owner)}`).join('&');
const portFields = fields(
  ...[
    'id',
    'device_id',
    'device_owner',
    'status',
    'admin_state_up',
    'binding:vif_type',
    'binding:host_id',
    'fixed_ips',
  ],
);

/** The ports of every router. */
export const readRouterPorts = (rest: Rest): Promise<RouterPort[]> =>
  rest.readAll({
    module: 'neutron',
    path: `/v2.0/ports?${owners}&${portFields}`,
    what: "its list of routers' ports",
    key: 'ports',
    row: portSchema,
  });
