import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { type LabHost, type RealFleet, upRealFleet } from '../index.js';
import type { RealFleetOptions } from '../provision.js';
import { admin, endpoints, type OpenStackApi, openStackApi, type ServiceType } from './openstack-api.js';

/** A cloud with real OpenStack on real systemd hosts: one controller and computes whose hypervisor is Nova's fake driver. */
export interface OpenStackCloud {
  fleet: RealFleet;
  controller: LabHost;
  computes: LabHost[];
  api: OpenStackApi;
}

/** What of OpenStack a cloud has. Nova comes with the services that it needs: Keystone and Placement. */
export type Extent = 'nova' | 'all';

export type OpenStackOptions = Pick<RealFleetOptions, 'name' | 'sudoers' | 'onProgress'> & {
  computes: number;
  extent: Extent;
};

/**
 * Every host has all of them, so that one image serves both roles and every extent. nova-compute-ironic is the lightest way to have
 * nova-compute: the packages of the other drivers bring a hypervisor.
 */
const packages = [
  ...'mariadb-server rabbitmq-server keystone placement-api nova-api nova-conductor nova-scheduler'.split(' '),
  ...'nova-compute nova-compute-ironic nftables glance-api cinder-api cinder-scheduler cinder-volume'.split(' '),
  ...'neutron-server neutron-rpc-server neutron-linuxbridge-agent neutron-l3-agent neutron-dhcp-agent'.split(' '),
  ...'neutron-metadata-agent heat-api heat-engine python3-pymysql'.split(' '),
];

interface Part {
  /** What is started at once, one after the other. */
  controller: readonly string[];
  compute: string;
  services: readonly ServiceType[];
}

const nova: Part = {
  controller: ['mariadb rabbitmq-server keystone placement-api nova-conductor nova-api nova-scheduler'],
  compute: 'nova-compute',
  services: ['identity', 'placement', 'compute'],
};

const parts: Record<Extent, Part> = {
  nova,
  all: {
    controller: [
      ...nova.controller,
      'neutron-api neutron-rpc-server glance-api cinder-api cinder-scheduler cinder-volume heat-api heat-engine apache2',
      'neutron-linuxbridge-agent neutron-l3-agent neutron-dhcp-agent neutron-metadata-agent',
    ],
    compute: `${nova.compute} neutron-linuxbridge-agent`,
    services: Object.keys(endpoints) as ServiceType[],
  },
};

/** The name that make-cloud.sh has written into every configuration. */
const controllerName = 'controller-1';

/** Measured on two idle cores: 15 s for a controller with Nova alone, 8 s for a compute. A busy machine takes many times that. */
const startLimitMs = 400_000;

/**
 * Bring up the cloud and wait until every compute reports. Its ostler.yaml names the cloud's credentials, the password by
 * reference. On failure nothing is left.
 */
export async function upOpenStack({ computes, extent, ...options }: OpenStackOptions): Promise<OpenStackCloud> {
  const script = await readFile(fileURLToPath(new URL('./make-cloud.sh', import.meta.url)), 'utf8');
  const fleet = await upRealFleet({
    ...options,
    ...{ computes, controllers: 1, standIns: false, packages },
    finishImage: `password=${admin.password}\n${script}`,
    prepare: async (root, { role }) => {
      // Computes reach the databases through nova-conductor only.
      if (role === 'compute') await rm(join(root, 'etc/nova/nova.conf.d/database.conf'));
    },
  });
  const part = parts[extent];
  try {
    const controller = fleet.host(controllerName);
    const computeHosts = fleet.hosts.filter((host) => host !== controller);
    await writeCatalogue(controller, part.services);
    await nameCredentials(fleet, controller);
    for (const units of part.controller) await start(controller, units);
    const api = await openStackApi(controller.address);
    await api.untilUp('nova-conductor', [controller.name]);
    await Promise.all(computeHosts.map((host) => start(host, part.compute)));
    await api.untilUp(
      'nova-compute',
      computeHosts.map(({ name }) => name),
    );
    return { fleet, controller, computes: computeHosts, api };
  } catch (error) {
    await fleet.down();
    throw error;
  }
}

/** Keystone's catalogue from a file: the endpoints by address, since this machine cannot look up the hosts' names. */
async function writeCatalogue({ address, paths }: LabHost, services: readonly ServiceType[]): Promise<void> {
  const lines = services.flatMap((type) => [
    `catalog.${admin.region}.${type}.name = ${type}`,
    ...['public', 'internal', 'admin'].map(
      (kind) => `catalog.${admin.region}.${type}.${kind}URL = http://${address}${endpoints[type]}`,
    ),
  ]);
  await writeFile(join(paths.root, 'etc/keystone/default_catalog.templates'), `${lines.join('\n')}\n`);
}

/** Adds `openstack:` to the fleet's inventory, and beside it the file that holds the password. */
async function nameCredentials({ dir, inventoryFile }: RealFleet, controller: LabHost): Promise<void> {
  const { password, ...named } = admin;
  await writeFile(join(dir, 'openstack-password'), `${password}\n`, { mode: 0o600 });
  const inventory = parse(await readFile(inventoryFile, 'utf8'));
  inventory.openstack = {
    authUrl: `http://${controller.address}:5000/v3`,
    ...named,
    password: 'file:./openstack-password',
  };
  await writeFile(inventoryFile, stringify(inventory));
}

async function start(host: LabHost, units: string): Promise<void> {
  const names = units.split(' ').map((unit) => `${unit}.service`);
  const { code, stderr } = await host.exec(['systemctl', 'enable', '--now', ...names], { timeoutMs: startLimitMs });
  if (code === 0) return;
  const journal = await host.exec(['journalctl', '--boot', '--lines=20', ...names.map((name) => `--unit=${name}`)]);
  throw new Error(`${host.name}: ${names.join(', ')} cannot be started: ${stderr.trim()}\n${journal.stdout}`);
}
