import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CloudSite } from '../../../activities/audit/cloud-checks.js';
import { createOpenStackChecks } from '../../../activities/audit/openstack.js';
import type { Finding } from '../../../domain/audit/finding.js';
import { openStackChecks } from '../../../domain/audit/openstack-checks.js';
import { openStackAuditSchema } from '../../../domain/audit/openstack-settings.schema.js';
import type { Node } from '../../../domain/inventory.js';
import { siteOf } from '../../../inventory/load.js';
import { aNode, anInventory, computes } from '../../domain/samples.js';
import { type FakeApis, fakeApis } from './fake-apis.js';
import { PASSWORD } from './fake-cloud.js';

const never = new AbortController().signal;
const all = openStackChecks.map(({ id }) => id);
const ofApis = all.filter((id) => id.startsWith('api-'));

let cloud: FakeApis;
beforeEach(async () => {
  process.env.OSTLER_TEST_PASSWORD = PASSWORD;
  cloud = await fakeApis();
  cloud.novaServices = [novaRow('nova-conductor', 'controller-1'), novaRow('nova-compute', 'compute-1.example.org')];
  cloud.engines = [{ host: 'controller-1', status: 'up', updated_at: null, deleted_at: null }];
});
afterEach(() => cloud.close());

const novaRow = (binary: string, host: string | null, more = {}) => ({
  ...{ binary, host, status: 'enabled', state: 'up', updated_at: null, disabled_reason: null, forced_down: false },
  ...more,
});

interface Site {
  nodes?: Node[];
  settings?: object;
  limits?: Record<string, Record<string, number>>;
  authUrl?: string;
  requestLimitMs?: number;
  signal?: AbortSignal;
}

/** What an audit of these checks finds, once it is sure that it holds neither the password nor a token. */
async function audit(wanted: string[], site: Site = {}): Promise<Finding[]> {
  const openstack = {
    ...{ authUrl: site.authUrl ?? cloud.authUrl, username: 'admin', password: 'env:OSTLER_TEST_PASSWORD' },
    ...{ project: 'admin', userDomain: 'Default', projectDomain: 'Default', interface: 'internal' as const },
  };
  const inventory = siteOf(anInventory(site.nodes ?? computes(1), { openstack }), '/nonexistent/ostler.yaml');
  const settings = openStackAuditSchema.parse(site.settings ?? {});
  const { find } = createOpenStackChecks(settings, site.requestLimitMs ?? 5_000);
  const found = await find({ inventory } as CloudSite, wanted, site.limits ?? {}, site.signal ?? never);
  expect(JSON.stringify(found)).not.toContain(PASSWORD);
  expect(JSON.stringify(found)).not.toMatch(/token-\d/);
  return found;
}

const keysOf = (found: Finding[]): string[] =>
  found.map(({ check, node, about, severity }) => [severity, check, node, about].filter(Boolean).join(' ')).sort();

describe('an audit of the APIs', () => {
  it('finds nothing in a cloud that is well, with one token and about one request for each question', async () => {
    expect(await audit(all)).toEqual([]);
    expect(cloud.tokensIssued).toBe(1);
    // One for each check, and two for routers and their ports.
    expect(cloud.requests).toHaveLength(all.length + 1);
  });

  it('asks nothing but what is wanted', async () => {
    await audit(['hypervisors']);
    expect(cloud.requests).toEqual(['GET /compute/v2.1/os-hypervisors']);
  });

  it('is off where the inventory has no credentials', async () => {
    const checks = createOpenStackChecks(openStackAuditSchema.parse({}));
    const inventory = siteOf(anInventory(computes(1)), '/nonexistent/ostler.yaml');
    expect(checks.isAt?.(inventory)).toBe(false);
    expect(await checks.find({ inventory } as CloudSite, all, {}, never)).toEqual([]);
  });

  it('renews a token that is refused meanwhile, once for all who had it', async () => {
    cloud.tokenUses = 10;
    expect(await audit(all)).toEqual([]);
    expect(cloud.tokensIssued).toBe(2);
  });

  it('says that a service refuses tokens that were just issued', async () => {
    cloud.tokenUses = 0;
    const found = await audit(['hypervisors', 'api-nova']);
    expect(found.map(({ severity }) => severity)).toEqual(['error', 'unknown']);
    expect(found[1]?.what).toContain(`Nova at 127.0.0.1:${cloud.port} refuses a token that was just issued (401)`);
  });

  it('ends with the reason of its signal', async () => {
    cloud.mishaps.compute = 'silence';
    const reason = new Error('the worker stops');
    const stop = new AbortController();
    const auditing = audit(['hypervisors'], { signal: stop.signal });
    stop.abort(reason);
    await expect(auditing).rejects.toBe(reason);
  });
});

describe('services that cannot be asked', () => {
  it('are unknown for each check when Keystone gives no token, which is an error of Keystone', async () => {
    cloud.mishaps.tokens = 500;
    const found = await audit(all);
    expect(found).toHaveLength(all.length);
    expect(found.filter(({ severity }) => severity === 'error')).toMatchObject([
      { check: 'api-keystone', what: expect.stringContaining('answered 500 when asked for a token') },
    ]);
    expect(cloud.requests).toEqual([]);
  });

  it('are unknown when the credentials are wrong, Keystone too', async () => {
    process.env.OSTLER_TEST_PASSWORD = 'changed meanwhile';
    const found = await audit(['api-keystone', 'routers']);
    expect(keysOf(found)).toEqual(['unknown api-keystone', 'unknown routers']);
    expect(found[1]?.what).toContain('refuses the user admin');
  });

  it('are unknown with service and host where the user may not ask', async () => {
    cloud.mishaps = { compute: 403, volume: 403 };
    const found = await audit(['nova-services', 'api-cinder']);
    expect(keysOf(found)).toEqual(['unknown api-cinder', 'unknown nova-services']);
    expect(found[1]?.what).toContain(
      `Nova at 127.0.0.1:${cloud.port} does not let this user ask for its list of services (403)`,
    );
  });

  it.each([404, 500, 'no-json', 'other-json', 'silence'] as const)(
    'are errors of their API when they answer with %s',
    async (mishap) => {
      cloud.mishaps = { image: mishap, network: mishap };
      const found = await audit(['api-glance', 'neutron-agents', 'routers'], { requestLimitMs: 500 });
      expect(keysOf(found)).toEqual(['error api-glance', 'unknown neutron-agents', 'unknown routers']);
    },
  );

  it('are not asked when the catalogue has none of them', async () => {
    cloud.catalog = { identity: '/identity', compute: '/compute/v2.1' };
    expect(await audit(all)).toEqual([]);
    expect(cloud.requests.filter((one) => !/ \/(?:identity|compute)\//.test(one))).toEqual([]);
  });

  it('are missed when the inventory says that the cloud has them', async () => {
    cloud.catalog = { identity: '/identity', compute: '/compute/v2.1' };
    const found = await audit(['api-heat', 'heat-services', 'api-glance'], { settings: { required: ['heat'] } });
    expect(keysOf(found)).toEqual(['error api-heat', 'unknown heat-services']);
  });

  it('are asked by the endpoint of the latest type that there is', async () => {
    delete cloud.catalog.volumev3;
    await audit(['api-cinder']);
    expect(cloud.requests).toEqual(['GET /volume/v2/p1/volumes?limit=1']);
  });
});

describe('APIs on the controllers', () => {
  const controllers = (...names: string[]): Node[] =>
    names.map((name, index) => aNode(name, { roles: ['controller'], address: `127.0.0.${index + 1}` }));

  it('are asked without a token, and a dead one is an error of its node', async () => {
    const found = await audit(['api-nova'], {
      nodes: controllers('controller-1', 'controller-2'),
      settings: { apis: { nova: cloud.port } },
    });
    expect(keysOf(found)).toEqual(['error api-nova controller-2']);
    expect(found[0]?.what).toContain(`127.0.0.2:${cloud.port} did not answer (ECONNREFUSED)`);
    expect(cloud.requests.sort()).toEqual(['GET /', 'GET /compute/v2.1/servers?limit=1']);
  });

  it('are not asked behind a bastion, nor where the site says none', async () => {
    const [one, two] = controllers('controller-1', 'controller-2') as [Node, Node];
    const behind: Node = { ...two, ssh: { proxyJump: { address: '192.0.2.1', port: 22 } } };
    expect(await audit(['api-nova'], { nodes: [one, behind], settings: { apis: { nova: cloud.port } } })).toEqual([]);
    expect(await audit(ofApis, { nodes: [one, two], settings: { apis: 'none' } })).toEqual([]);
  });

  it('show which Keystone is dead when there is no token', async () => {
    cloud.mishaps.tokens = 500;
    const nodes = controllers('controller-1', 'controller-2');
    const found = await audit(['api-keystone'], { nodes, settings: { apis: { keystone: cloud.port } } });
    expect(keysOf(found)).toEqual(['error api-keystone', 'error api-keystone controller-2']);
  });

  it('that hang do not hold up the audit', async () => {
    const silent = createServer().listen(0, '127.0.0.2');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    try {
      const nodes = controllers('controller-1', 'controller-2');
      const found = await audit(['api-nova'], { nodes, settings: { apis: { nova: port } }, requestLimitMs: 500 });
      expect(keysOf(found)).toEqual(['unknown api-nova controllers']);
      expect(found[0]?.evidence[1]?.value).toContain('gave no answer within 0.5 s');
    } finally {
      silent.close();
    }
  });
});

/** What a real Nova answered; see its README. */
const recorded = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/nova-26/${name}.json`, import.meta.url), 'utf8'));

describe('what a real Nova has answered', () => {
  it('is understood', async () => {
    cloud.novaServices = recorded('services').services;
    cloud.hypervisors = recorded('hypervisors').hypervisors;
    cloud.servers = recorded('servers').servers;
    cloud.clockAheadMs = Date.parse('2026-11-30T08:48:00Z') - Date.now();
    const nodes = [...computes(2), aNode('controller-1', { roles: ['controller'] })];
    const found = await audit(['nova-services', 'hypervisors', 'stuck-servers'], { nodes });
    expect(keysOf(found)).toEqual([
      'error hypervisors compute-1 hypervisor',
      'error nova-services compute-1 nova-compute',
      'error nova-services controller-1 nova-scheduler',
      'error stuck-servers server 22222222-2222-4222-8222-222222222222',
      'warn nova-services compute-2 nova-compute',
      'warn stuck-servers server 11111111-1111-4111-8111-111111111111',
    ]);
    expect(found.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'nova-compute on compute-1 is forced down for Nova',
        'nova-compute on compute-2 is disabled (bad RAM, ticket 12) for Nova',
        expect.stringMatching(/^the server stuck-one \(.*\) has been in BUILD for 3 h 48 min on compute-1$/),
      ]),
    );
  });

  it('names a next page by a link that has lost a part of the question', () => {
    const [{ href }] = recorded('servers-page-1').servers_links;
    expect(new URL(href).searchParams.getAll('status')).toEqual(['ERROR']);
  });
});

describe('services of Nova', () => {
  it('stand on their nodes, and what they say is short and clean', async () => {
    const disabled_reason = `password=${PASSWORD}\n\u001b[31mred ${'x'.repeat(2_000)}`;
    cloud.novaServices = [
      novaRow('nova-conductor', 'controller-1'),
      novaRow('nova-compute', 'COMPUTE-1.example.org', { status: 'disabled', disabled_reason }),
    ];
    const [finding] = await audit(['nova-services']);
    expect(finding).toMatchObject({ severity: 'warn', node: 'compute-1', about: 'nova-compute' });
    expect(finding?.what.length).toBeLessThan(400);
    expect(finding?.what).not.toMatch(/\p{C}/u);
  });

  it('are asked without a version where Nova has none so late', async () => {
    cloud.novaVersion = 3;
    expect(await audit(['nova-services'])).toEqual([]);
    expect(cloud.requests).toHaveLength(2);
  });

  it('may be of no host, and are one finding then', async () => {
    cloud.novaServices = [
      novaRow('nova-compute', 'compute-1'),
      novaRow('nova-compute', null, { status: 'disabled' }),
      novaRow('nova-compute', null, { state: 'down' }),
    ];
    expect(keysOf(await audit(['nova-services']))).toEqual(['error nova-services nova-compute of no host']);
  });

  it('are unknown when a row does not say which service it is of', async () => {
    cloud.novaServices = [novaRow('nova-compute', 'compute-1'), {}];
    expect(keysOf(await audit(['nova-services']))).toEqual(['unknown nova-services']);
  });

  it('are 10,000 of 5,000 computes without delay', async () => {
    const nodes = computes(5_000);
    const down = { state: 'down' };
    cloud.novaServices = nodes.map(({ name }) => novaRow('nova-compute', `${name}.example.org`, down));
    cloud.hypervisors = nodes.map(({ name }) => ({ hypervisor_hostname: name, state: 'down', status: 'enabled' }));
    const found = await audit(['nova-services', 'hypervisors'], { nodes, requestLimitMs: 30_000 });
    expect(found).toHaveLength(10_000);
    expect(found.every(({ node }) => node !== undefined)).toBe(true);
  });
});

describe('lists that come in pages', () => {
  const errors = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: `s${index}`, name: null, status: 'ERROR', created: null }));

  it('are read to their end', async () => {
    cloud.servers = errors(5_000);
    expect(await audit(['stuck-servers'])).toHaveLength(5_000);
    expect(cloud.requests).toHaveLength(11);
    // No link is followed: that would take the token to another host.
    expect(cloud.requests[1]).toBe(
      'GET /compute/v2.1/servers/detail?all_tenants=1&status=BUILD&status=ERROR&limit=500&marker=s499',
    );
  });

  it('are read to their end when the service gives less at once than it is asked for', async () => {
    Object.assign(cloud, { servers: errors(250), maxLimit: 100 });
    expect(await audit(['stuck-servers'])).toHaveLength(250);
  });

  it('are read to their end when the service does not say that there is more', async () => {
    Object.assign(cloud, { servers: errors(1_200), links: false });
    expect(await audit(['stuck-servers'])).toHaveLength(1_200);
  });

  it('have an end when the service knows no pages', async () => {
    Object.assign(cloud, { servers: errors(500), pages: false });
    expect(await audit(['stuck-servers'])).toHaveLength(500);
    expect(cloud.requests).toHaveLength(2);
  });
});

describe('what is stuck', () => {
  const at = (ms: number): string => new Date(ms).toISOString();

  it('is so by the clock of the cloud and not by ours', async () => {
    for (const clockAheadMs of [-86_400_000, 86_400_000]) {
      const cloudsNow = Date.now() + clockAheadMs;
      Object.assign(cloud, { clockAheadMs });
      cloud.servers = [
        { id: 'old', name: 'a', status: 'BUILD', created: at(cloudsNow - 3 * 3_600_000) },
        { id: 'new', name: 'b', status: 'BUILD', created: at(cloudsNow - 3_600_000) },
      ];
      cloud.volumes = [
        { id: 'old', name: null, status: 'deleting', created_at: at(0), updated_at: at(cloudsNow - 3 * 3_600_000) },
        { id: 'new', name: null, status: 'deleting', created_at: at(0), updated_at: at(cloudsNow - 3_600_000) },
        { id: 'broken', name: null, status: 'error_deleting', created_at: at(0), updated_at: null },
      ];
      expect(keysOf(await audit(['stuck-servers', 'stuck-volumes']))).toEqual([
        'error stuck-volumes volume broken',
        'warn stuck-servers server old',
        'warn stuck-volumes volume old',
      ]);
    }
  });

  it('is so by the number of the site', async () => {
    cloud.servers = [{ id: 's', name: 'a', status: 'BUILD', created: at(Date.now() - 3 * 3_600_000) }];
    expect(await audit(['stuck-servers'], { limits: { 'stuck-servers': { warn: 4 } } })).toEqual([]);
  });
});

describe('Cinder, Neutron and Heat', () => {
  const nodes = [...computes(1), aNode('controller-1', { roles: ['controller'] })];
  const settings = { apis: 'none' };

  it('have their findings on nodes, by backend, binary and router', async () => {
    const host = 'controller-1.example.org';
    const down = { status: 'enabled', state: 'down', updated_at: null, disabled_reason: null };
    cloud.cinderServices = [
      { binary: 'cinder-volume', host: `${host}@ceph`, ...down },
      { binary: 'cinder-backup', host, ...down },
    ];
    const agent = { alive: false, admin_state_up: true, host, heartbeat_timestamp: null };
    cloud.agents = [
      { id: 'a1', agent_type: 'L3 agent', binary: 'neutron-l3-agent', ...agent },
      { id: 'a2', agent_type: 'DHCP agent', binary: 'neutron-dhcp-agent', ...agent, alive: true },
      { id: 'a3', agent_type: 'DHCP agent', binary: 'neutron-dhcp-agent', ...agent, host: 'controller-2' },
    ];
    cloud.routers = [{ id: 'r1', name: 'edge', status: 'ACTIVE', admin_state_up: true }];
    const port = { device_id: 'r1', status: 'DOWN', admin_state_up: true, 'binding:vif_type': 'binding_failed' };
    cloud.ports = [
      { id: 'p1', device_owner: 'network:router_interface', ...port, fixed_ips: [{ ip_address: '10.1.0.1' }] },
      { id: 'p2', device_owner: 'network:router_interface_distributed', ...port },
      { id: 'p3', device_owner: 'compute:nova', ...port },
    ];
    cloud.engines = [{ host, status: 'down', updated_at: null, deleted_at: null }];
    expect(
      keysOf(await audit(['cinder-services', 'neutron-agents', 'routers', 'heat-services'], { nodes, settings })),
    ).toEqual([
      'error cinder-services controller-1 cinder-volume@ceph',
      'error heat-services controller-1 heat-engine',
      'error neutron-agents controller-1 neutron-l3-agent',
      'error routers router r1',
    ]);
  });

  it('count as a site says', async () => {
    const down = { host: 'controller-1', status: 'enabled', state: 'down', updated_at: null, disabled_reason: null };
    cloud.cinderServices = [{ binary: 'cinder-backup', ...down }];
    const strict = { apis: 'none', dhcpSingleton: false, backupOnDemand: false };
    expect(keysOf(await audit(['cinder-services'], { nodes, settings: strict }))).toEqual([
      'error cinder-services controller-1 cinder-backup',
    ]);
  });

  it('are not asked for engines by a Heat that has no list of them', async () => {
    cloud.engines = undefined;
    expect(await audit(['heat-services'])).toEqual([]);
  });
});
