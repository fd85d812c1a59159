import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeNeutronAgents, type NeutronAgent } from '../../../domain/audit/judge-neutron-agents.js';
import { judgeRouters, type Router, type RouterPort } from '../../../domain/audit/judge-routers.js';

const nodeOf = (host: string): string | undefined => (host.startsWith('node-') ? host.split('.')[0] : undefined);

const agent = (type: string, host: string, more: Partial<NeutronAgent> = {}): NeutronAgent => ({
  type,
  binary: `neutron-${type.toLowerCase().replace(' ', '-')}`,
  host,
  alive: true,
  adminUp: true,
  heartbeatAt: '2015-04-28 03:12:03',
  ...more,
});

const dead = { alive: false };

describe('agents of Neutron', () => {
  it('are errors on their node when they are not alive, warnings when somebody took them down', () => {
    const rows = [
      agent('L3 agent', 'node-1.domain.tld', dead),
      agent('L3 agent', 'node-2.domain.tld', { adminUp: false }),
      agent('L3 agent', 'node-3.domain.tld', { ...dead, adminUp: false }),
      agent('Open vSwitch agent', 'elsewhere', dead),
    ];
    expect(judgeNeutronAgents(rows, true, nodeOf)).toMatchObject([
      {
        severity: 'error',
        node: 'node-1',
        about: 'neutron-l3-agent',
        what: 'the L3 agent on node-1 is not alive for Neutron',
      },
      { severity: 'warn', node: 'node-2', what: 'the L3 agent on node-2 is administratively down for Neutron' },
      { severity: 'error', node: 'node-3', what: expect.stringContaining('not alive and administratively down') },
      { severity: 'error', about: 'neutron-open-vswitch agent on elsewhere' },
    ]);
  });

  const dhcp = (...alive: boolean[]) =>
    alive.map((one, index) => agent('DHCP agent', `node-${index + 1}.domain.tld`, { alive: one }));

  it('need one DHCP agent that is alive where the cluster runs one', () => {
    expect(judgeNeutronAgents(dhcp(false, true, false), true, nodeOf)).toEqual([]);
    expect(judgeNeutronAgents(dhcp(false, false, false), true, nodeOf)).toMatchObject([
      {
        severity: 'error',
        about: 'DHCP agents',
        what: expect.stringContaining('no DHCP agent is alive of node-1.domain.tld, node-2.domain.tld'),
        next: expect.stringContaining('pcs resource enable p_neutron-dhcp-agent'),
      },
    ]);
  });

  it('need every DHCP agent where each is its own', () => {
    const found = judgeNeutronAgents(dhcp(false, true, false), false, nodeOf);
    expect(found.map(({ node, severity }) => [node, severity])).toEqual([
      ['node-1', 'error'],
      ['node-3', 'error'],
    ]);
  });

  it('need no DHCP agent in a cloud that has none', () => {
    expect(judgeNeutronAgents([agent('OVN Controller agent', 'node-1')], true, nodeOf)).toEqual([]);
  });
});

const router = (id: string, more: Partial<Router> = {}): Router => ({
  id,
  name: 'edge',
  adminUp: true,
  status: 'ACTIVE',
  ...more,
});

const port = (more: Partial<RouterPort> = {}): RouterPort => ({
  id: 'p1',
  router: 'r1',
  owner: 'network:router_interface',
  status: 'ACTIVE',
  adminUp: true,
  vifType: 'ovs',
  host: 'node-1.domain.tld',
  addresses: ['10.1.0.1'],
  ...more,
});

const gateway = { id: 'p0', owner: 'network:router_gateway', addresses: ['203.0.113.9'] };

describe('virtual routers', () => {
  it('are well with every port active, up and bound', () => {
    expect(judgeRouters([router('r1')], [port(), port(gateway)])).toEqual([]);
  });

  it('are errors with an interface that is down, warnings with a gateway that is', () => {
    expect(judgeRouters([router('r1')], [port({ status: 'DOWN' })])).toMatchObject([
      {
        severity: 'error',
        about: 'router r1',
        what: 'the router edge (r1) is not well: interface port 10.1.0.1 on node-1.domain.tld is DOWN',
      },
    ]);
    expect(judgeRouters([router('r1')], [port(), port({ ...gateway, status: 'DOWN' })])).toMatchObject([
      { severity: 'warn', what: expect.stringContaining('gateway port 203.0.113.9') },
    ]);
  });

  it('whose binding has failed want another agent', () => {
    const [finding] = judgeRouters([router('r1')], [port({ status: 'DOWN', vifType: 'binding_failed', host: '' })]);
    expect(finding).toMatchObject({ severity: 'error', what: expect.stringContaining('10.1.0.1 is bound to no host') });
    expect(finding?.next).toContain('add it to another one');
  });

  it('have one finding however many of their ports are lost, of the worst of them', () => {
    const ports = [
      port({ ...gateway, status: 'DOWN' }),
      ...Array.from({ length: 30 }, (_, index) => port({ id: `p${index}`, status: 'DOWN' })),
    ];
    const found = judgeRouters([router('r1')], ports);
    expect(found).toMatchObject([{ severity: 'error', what: expect.stringContaining('and 27 more') }]);
    expect(found[0]?.evidence).toHaveLength(8);
  });

  it('that somebody took down are warnings, and their ports say nothing more', () => {
    expect(judgeRouters([router('r1', { adminUp: false })], [port({ status: 'DOWN' })])).toMatchObject([
      { severity: 'warn', what: 'the router edge (r1) is administratively down' },
    ]);
    expect(judgeRouters([router('r1')], [port({ adminUp: false, status: 'DOWN' })])).toMatchObject([
      { severity: 'warn', what: expect.stringContaining('administratively down') },
    ]);
  });

  it('are errors in ERROR', () => {
    expect(judgeRouters([router('r1', { status: 'ERROR' })], [])).toMatchObject([{ severity: 'error' }]);
  });

  it('take nothing from a router that was deleted meanwhile', () => {
    expect(judgeRouters([], [port({ status: 'DOWN' })])).toEqual([]);
  });

  it('never have more than one finding each', () => {
    const ports = fc.array(
      fc.record({
        id: fc.string(),
        router: fc.constantFrom('r1', 'r2', 'gone'),
        owner: fc.constantFrom('network:router_interface', 'network:router_gateway', 'other'),
        status: fc.constantFrom('ACTIVE', 'DOWN', 'BUILD', ''),
        adminUp: fc.boolean(),
        vifType: fc.constantFrom('ovs', 'unbound', 'binding_failed', ''),
        host: fc.string(),
        addresses: fc.array(fc.string()),
      }),
    );
    fc.assert(
      fc.property(ports, (some) => {
        const abouts = judgeRouters([router('r1'), router('r2')], some).map(({ about }) => about);
        expect(new Set(abouts).size).toBe(abouts.length);
      }),
    );
  });
});
