import { listed } from '../names.js';
import type { Finding } from './finding.js';

/** A virtual router of Neutron. */
export interface Router {
  id: string;
  name: string;
  adminUp: boolean;
  status: string;
}

/** A port of a router. */
export interface RouterPort {
  id: string;
  /** Id of its router. */
  router: string;
  /** `network:router_interface`, `network:router_gateway`, ... */
  owner: string;
  status: string;
  adminUp: boolean;
  /** `binding_failed` when no agent could take it. */
  vifType: string;
  /** The host it is bound to. */
  host: string;
  addresses: string[];
}

/** Ports whose loss is a warning only, with what they are called. */
const LESSER: Readonly<Record<string, string>> = {
  'network:router_gateway': 'gateway port',
  'network:router_ha_interface': 'HA port',
};

/** Owners of the ports that are judged; a distributed router's interfaces have no state of their own. */
export const ROUTER_PORT_OWNERS: readonly string[] = [
  'network:router_interface',
  'network:ha_router_replicated_interface',
  'network:router_centralized_snat',
  ...Object.keys(LESSER),
];

type Severity = 'warn' | 'error';

/**
 * What is wrong with routers: one finding for each, since its ports are lost and mended together.
 * @param ports read before the routers: one whose router is not there any more has gone with it
 */
export function judgeRouters(routers: readonly Router[], ports: readonly RouterPort[]): Finding[] {
  const portsOf = new Map(routers.map(({ id }) => [id, [] as RouterPort[]]));
  for (const port of ports) portsOf.get(port.router)?.push(port);
  return routers.flatMap((router) => judged(router, portsOf.get(router.id) ?? []));
}

function judged(router: Router, ports: readonly RouterPort[]): Finding[] {
  const name = router.name ? `router ${router.name} (${router.id})` : `router ${router.id}`;
  const about = { check: 'routers', about: `router ${router.id}` };
  const show = `openstack router show ${router.id}`;
  // Its ports are down with it.
  if (!router.adminUp)
    return [
      {
        ...about,
        severity: 'warn',
        what: `the ${name} is administratively down`,
        evidence: [{ value: `status ${router.status}`, threshold: 'admin state up', command: show }],
        next: `ask who took it down and why, then \`openstack router set --enable ${router.id}\``,
      },
    ];
  const isBroken = router.status === 'ERROR';
  const bad = ports.flatMap((port) => troubleOf(port));
  if (bad.length === 0 && !isBroken) return [];
  const severity: Severity = isBroken || bad.some((one) => one.severity === 'error') ? 'error' : 'warn';
  const said = [...(isBroken ? ['it is in ERROR'] : []), ...bad.map(({ what }) => what)];
  const failed = bad.some(({ isUnbound }) => isUnbound);
  return [
    {
      ...about,
      severity,
      what: `the ${name} is not well: ${listed(said, 4)}`,
      evidence: [
        ...(isBroken ? [{ value: 'status ERROR', threshold: 'status ACTIVE', command: show }] : []),
        ...bad.slice(0, 8).map(({ port }) => ({
          value: `status ${port.status}, admin state ${port.adminUp ? 'up' : 'down'}, binding ${port.vifType || 'not told'} on ${port.host || 'no host'}`,
          threshold: 'status ACTIVE, admin state up, bound',
          command: `openstack port show ${port.id}`,
        })),
      ],
      next: failed
        ? 'remove the router from its L3 agent and add it to another one: `openstack network agent remove router --l3`, then `add router`; the same agent does not help'
        : 'see whether the agents of that host are alive; ping the gateway from the namespace of the router there',
    },
  ];
}

interface PortTrouble {
  port: RouterPort;
  severity: Severity;
  what: string;
  isUnbound: boolean;
}

function troubleOf(port: RouterPort): PortTrouble[] {
  const isUnbound = port.vifType === 'binding_failed';
  if (port.adminUp && port.status === 'ACTIVE' && !isUnbound) return [];
  const lesser = LESSER[port.owner];
  const said = !port.adminUp ? 'administratively down' : isUnbound ? 'bound to no host' : port.status || 'in no state';
  const place = port.host && ` on ${port.host}`;
  return [
    {
      port,
      severity: lesser !== undefined || !port.adminUp ? 'warn' : 'error',
      what: `${lesser ?? 'interface port'} ${port.addresses[0] ?? port.id}${place} is ${said}`,
      isUnbound: isUnbound && port.adminUp,
    },
  ];
}
