import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceStatus } from '../../domain/service-status.js';
import { admin, type OpenStackCloud, upOpenStack } from '../../lab/real/openstack/index.js';
import { hostsOf } from './audit/breakage.js';
import { openStackModules, openStackRounds } from './audit/openstack.js';
import { describeRounds } from './audit/rounds.js';
import { AuditOnTrial, rulesOf } from './audit-on-trial.js';

const names = ['controller-1', 'compute-1', 'compute-2'];

let cloud: OpenStackCloud;
let trial: AuditOnTrial;
beforeAll(async () => {
  cloud = await upOpenStack({ name: 'audit-openstack', computes: 2, extent: 'all', sudoers: rulesOf(names) });
  trial = await AuditOnTrial.over(cloud.fleet, {
    // Nothing is old in a lab.
    thresholds: { 'stuck-servers': { warn: 0.001 }, 'stuck-volumes': { warn: 0.001 } },
  });
  await makeObjects();
  await trial.untilFound([], ...asked);
}, 1_800_000);
afterAll(async () => {
  await trial?.down();
  await cloud?.fleet.down();
});

const asked = ['--check', openStackModules];
const hosts = hostsOf(() => cloud.fleet);
const { on } = hosts;

/** What the answers of OpenStack are read for here. */
interface Thing {
  id: string;
}

const ask = <Name extends string>(...request: Parameters<OpenStackCloud['api']['ask']>) =>
  cloud.api.ask(...request) as Promise<Record<Name, Thing>>;

let image: string;
let network: string;
let subnet: string;

/** What servers, volumes and routers are made of. */
async function makeObjects(): Promise<void> {
  const described = { name: 'small', disk_format: 'raw', container_format: 'bare' };
  image = ((await cloud.api.ask('image', '/v2/images', { body: described })) as Thing).id;
  await ask('image', `/v2/images/${image}/file`, { method: 'PUT', body: 'not much' });
  // Nobody has room for that much.
  for (const [name, disk] of Object.entries({ tiny: 0, huge: 1 << 30 }))
    await ask('compute', '/flavors', { body: { flavor: { id: name, name, ram: 64, vcpus: 1, disk } } });
  await ask('volumev3', '/types', {
    body: { volume_type: { name: 'nowhere', extra_specs: { volume_backend_name: 'nowhere' } } },
  });
  network = (await ask<'network'>('network', '/v2.0/networks', { body: { network: { name: 'inner' } } })).network.id;
  const range = { network_id: network, ip_version: 4, cidr: '192.0.2.0/24' };
  subnet = (await ask<'subnet'>('network', '/v2.0/subnets', { body: { subnet: range } })).subnet.id;
}

async function makeServer(flavorRef: string): Promise<string> {
  const body = { server: { name: flavorRef, imageRef: image, flavorRef, networks: 'none' } };
  return (await ask<'server'>('compute', '/servers', { body, version: 'compute 2.37' })).server.id;
}

async function makeVolume(name: string, more: { volume_type?: string } = {}): Promise<string> {
  return (await ask<'volume'>('volumev3', '/volumes', { body: { volume: { size: 1, name, ...more } } })).volume.id;
}

async function makeRouter(address: string): Promise<string> {
  const { router } = await ask<'router'>('network', '/v2.0/routers', { body: { router: { name: address } } });
  const port = { network_id: network, fixed_ips: [{ subnet_id: subnet, ip_address: address }] };
  const made = await ask<'port'>('network', '/v2.0/ports', { body: { port } });
  const body = { port_id: made.port.id };
  await ask('network', `/v2.0/routers/${router.id}/add_router_interface`, { method: 'PUT', body });
  return router.id;
}

const setRouter = (id: string, admin_state_up: boolean): Promise<unknown> =>
  ask('network', `/v2.0/routers/${id}`, { method: 'PUT', body: { router: { admin_state_up } } });

it('finds nothing on a cloud that is well, with one token for all that it asks', async () => {
  const tokens = async (): Promise<number> =>
    Number(
      await on(
        'controller-1',
        String.raw`grep -c ' 10\.[0-9.]*\.1 .*POST /v3/auth/tokens' /var/log/keystone/keystone.log || true`,
      ),
    );
  const before = await tokens();
  const { code, findings, checks } = await trial.audit(...asked);
  expect({ code, findings }).toEqual({ code: 0, findings: [] });
  expect(checks).toContain('heat-services');
  expect((await tokens()) - before).toBe(1);
});

describeRounds(
  () => trial,
  openStackRounds(hosts, () => cloud.api),
  admin.password,
);

describe('servers, volumes and routers that nobody works on any more', () => {
  it('are found, each with its state, and found no more when they are gone', { timeout: 1_500_000 }, async () => {
    const well = await makeRouter('192.0.2.11');
    // A port is wired some seconds after it is made.
    await trial.untilFound([], ...asked);

    const computes = ['compute-1', 'compute-2'];
    for (const name of computes) await on(name, 'systemctl kill -s STOP nova-compute');
    await on('controller-1', 'systemctl kill -s STOP cinder-volume; systemctl stop neutron-l3-agent');
    // Nova and Cinder still take those that hang for ones that are up, and wait for them.
    const [building, creating] = await Promise.all([makeServer('tiny'), makeVolume('waits')]);
    const [failed, lost] = await Promise.all([makeServer('huge'), makeVolume('lost', { volume_type: 'nowhere' })]);
    const unwired = await makeRouter('192.0.2.12');
    await setRouter(well, false);

    const { findings } = await trial.untilFound(
      [
        `warn stuck-servers//server ${building}`,
        `error stuck-servers//server ${failed}`,
        `warn stuck-volumes//volume ${creating}`,
        `error stuck-volumes//volume ${lost}`,
        `warn routers//router ${well}`,
        `error routers//router ${unwired}`,
        'error neutron-agents/controller-1/neutron-l3-agent',
        'error cinder-services/controller-1/cinder-volume@fake',
        ...computes.flatMap((name) => [
          `error nova-services/${name}/nova-compute`,
          `error hypervisors/${name}/hypervisor`,
        ]),
      ],
      ...asked,
    );
    const seen = Object.fromEntries(
      findings.map(({ key, evidence }) => [key.split(' ')[1] ?? key, evidence.map(({ value }) => value).join()]),
    );
    expect(seen[building]).toMatch(/^status BUILD, created /);
    expect(seen[failed]).toMatch(/^status ERROR, created /);
    expect(seen[creating]).toMatch(/^status creating, since /);
    expect(seen[lost]).toMatch(/^status error, updated /);
    expect(seen[well]).toBe('status ACTIVE');
    expect(seen[unwired]).toMatch(/^status DOWN, admin state up, binding /);

    await Promise.all([
      ...computes.map((name) => on(name, 'systemctl kill -s CONT nova-compute')),
      on('controller-1', 'systemctl kill -s CONT cinder-volume; systemctl start neutron-l3-agent'),
      setRouter(well, true),
      ask('compute', `/servers/${failed}`, { method: 'DELETE' }),
      ask('volumev3', `/volumes/${lost}`, { method: 'DELETE' }),
    ]);
    // What waited is made.
    await trial.untilFound([], ...asked);
  });
});

describe('the services of Cinder', () => {
  const units = ['cinder-api', 'cinder-scheduler', 'cinder-volume'];
  const change = async (verb: string) => {
    const { code, out, err } = await trial.ostler(
      ...['service', verb, 'cinder', '--soak', '1s', '--reason', 'OPS-9', '--yes', '--json'],
    );
    expect(code, err).toBe(0);
    return JSON.parse(out);
  };
  /** The units in the order in which they came to be so, by the clock of their host. */
  const inOrder = async (since: 'InactiveEnter' | 'ActiveEnter'): Promise<string[]> => {
    const at = async (unit: string) =>
      on('controller-1', `systemctl show --value -p ${since}TimestampMonotonic ${unit}`);
    const seen = await Promise.all(units.map(async (unit) => ({ unit, us: Number(await at(unit)) })));
    return seen.toSorted((a, b) => a.us - b.us).map(({ unit }) => unit);
  };
  const states = async (): Promise<string[]> => {
    const { out } = await trial.ostler('service', 'status', 'cinder', '--json');
    return JSON.parse(out).services.map(({ service, state }: ServiceStatus) => `${service} ${state}`);
  };

  it('are stopped in the reverse of the order of their starts, and started in it', { timeout: 600_000 }, async () => {
    expect(await change('stop')).toMatchObject({ operation: 'stop', outcome: 'ok' });
    expect(await inOrder('InactiveEnter')).toEqual(units.toReversed());
    // An API in uwsgi does not always end with 0 when it is told to end.
    const down = [
      expect.stringMatching(/^cinder-api (inactive|failed)$/),
      'cinder-scheduler inactive',
      'cinder-volume inactive',
    ];
    expect(await states()).toEqual(expect.arrayContaining(down));

    expect(await change('start')).toMatchObject({ operation: 'start', outcome: 'ok' });
    expect(await inOrder('ActiveEnter')).toEqual(units);
    expect(await states()).toEqual(expect.arrayContaining(units.map((unit) => `${unit} healthy`)));
    await trial.untilFound([], ...asked);
  });
});
