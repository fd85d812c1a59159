import { listed } from '../names.js';
import type { Finding } from './finding.js';
import { type NodeOf, placeOf } from './place.js';

/** An agent as Neutron lists it. */
export interface NeutronAgent {
  /** `DHCP agent`, `L3 agent`, `Open vSwitch agent`, ... */
  type: string;
  binary: string;
  host: string;
  /** Whether it has reported within agent_down_time. */
  alive: boolean;
  adminUp: boolean;
  /** Neutron's own time, only to be shown. */
  heartbeatAt: string;
}

const CHECK = 'neutron-agents';
const command = 'openstack network agent list';
const isDhcp = ({ type }: NeutronAgent): boolean => type === 'DHCP agent';

/**
 * What is wrong with the agents that report to Neutron.
 * @param dhcpSingleton whether one DHCP agent that is alive is enough
 */
export function judgeNeutronAgents(agents: readonly NeutronAgent[], dhcpSingleton: boolean, nodeOf: NodeOf): Finding[] {
  const one = dhcpSingleton ? agents.filter(isDhcp) : [];
  const others = agents.filter((agent) => !one.includes(agent));
  if (one.length > 0 && !one.some(({ alive }) => alive)) return [noDhcp(one), ...others.flatMap(judged)];
  // A row of the singleton that is not alive is where it was before.
  return [...others, ...one.filter(({ alive }) => alive)].flatMap(judged);

  function judged(agent: NeutronAgent): Finding[] {
    if (agent.alive && agent.adminUp) return [];
    const { where, ...place } = placeOf(nodeOf, agent.host, agent.binary || agent.type);
    const admin = agent.adminUp ? '' : 'administratively down';
    return [
      {
        check: CHECK,
        ...place,
        severity: agent.alive ? 'warn' : 'error',
        what: `the ${agent.type} on ${where} is ${agent.alive ? admin : `not alive${admin && ` and ${admin}`}`} for Neutron`,
        evidence: [{ value: rowText(agent), threshold: 'alive, admin state up', command }],
        next: agent.alive
          ? 'ask who took it down and why, then `openstack network agent set --enable ID`'
          : `look at ${agent.binary || 'the agent'} there and at its log; when many went at once, at RabbitMQ`,
      },
    ];
  }
}

const noDhcp = (agents: readonly NeutronAgent[]): Finding => ({
  check: CHECK,
  about: 'DHCP agents',
  severity: 'error',
  what: `no DHCP agent is alive of ${listed(agents.map(({ host }) => host || 'no host'))}: new guests get no address`,
  evidence: agents.slice(0, 8).map((agent) => ({
    value: `${agent.host}: ${rowText(agent)}`,
    threshold: 'one alive',
    command: `${command} --agent-type dhcp`,
  })),
  next: 'look at the DHCP agent, which may be a resource of Pacemaker that was stopped: `pcs resource enable p_neutron-dhcp-agent`',
});

const rowText = ({ alive, adminUp, heartbeatAt }: NeutronAgent): string =>
  `${alive ? 'alive' : 'not alive'}, admin state ${adminUp ? 'up' : 'down'}, last heartbeat ${heartbeatAt || 'never'}`;
