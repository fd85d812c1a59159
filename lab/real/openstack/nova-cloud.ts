import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { type LabHost, type RealFleet, upRealFleet } from '../index.js';
import { admin, type NovaApi, novaApi } from './nova-api.js';

/** A cloud with real Nova on real systemd hosts: one controller and computes whose hypervisor is Nova's fake driver. */
export interface NovaCloud {
  fleet: RealFleet;
  controller: LabHost;
  computes: LabHost[];
  nova: NovaApi;
}

export interface NovaCloudOptions {
  /** Names the fleet, as in {@link upRealFleet}. */
  name: string;
  computes: number;
  /** Text of /etc/sudoers.d/ostler on every host. */
  sudoers?: string;
  onProgress?: (text: string) => void;
}

/**
 * What a cloud needs in which nova-compute can report: every host has all of it, so that one image serves both roles.
 * nova-compute-ironic is the lightest way to have nova-compute: the packages of the other drivers bring a hypervisor.
 */
const packages =
  'mariadb-server rabbitmq-server keystone placement-api nova-api nova-conductor nova-scheduler ' +
  'nova-compute nova-compute-ironic python3-pymysql';

const controllerUnits = 'mariadb rabbitmq-server keystone placement-api nova-conductor nova-api nova-scheduler';

/** The name that make-cloud.sh has written into every configuration. */
const controllerName = 'controller-1';

/** Measured on two idle cores: 15 s for the controller, 8 s for a compute. A busy machine takes many times that. */
const startLimitMs = 400_000;

/**
 * Bring up the cloud and wait until every compute reports. Its ostler.yaml names the cloud's credentials, the password by
 * reference. On failure nothing is left.
 */
export async function upNovaCloud({ computes, ...options }: NovaCloudOptions): Promise<NovaCloud> {
  const script = await readFile(fileURLToPath(new URL('./make-cloud.sh', import.meta.url)), 'utf8');
  const fleet = await upRealFleet({
    ...options,
    ...{ computes, controllers: 1, standIns: false, packages: packages.split(' ') },
    finishImage: `password=${admin.password}\n${script}`,
    prepare: async (root, { role }) => {
      // Computes reach the databases through nova-conductor only.
      if (role === 'compute') await rm(join(root, 'etc/nova/nova.conf.d/database.conf'));
    },
  });
  try {
    const controller = fleet.host(controllerName);
    const computeHosts = fleet.hosts.filter((host) => host !== controller);
    await writeCatalogue(controller);
    await nameCredentials(fleet, controller);
    await start(controller, controllerUnits.split(' '));
    const nova = await novaApi(controller.address);
    await nova.untilUp('nova-conductor', [controller.name]);
    await Promise.all(computeHosts.map((host) => start(host, ['nova-compute'])));
    await nova.untilUp(
      'nova-compute',
      computeHosts.map(({ name }) => name),
    );
    return { fleet, controller, computes: computeHosts, nova };
  } catch (error) {
    await fleet.down();
    throw error;
  }
}

/** Keystone's catalogue from a file: the endpoints by address, since this machine cannot look up the hosts' names. */
async function writeCatalogue({ address, paths }: LabHost): Promise<void> {
  const services = {
    identity: `http://${address}:5000/v3`,
    placement: `http://${address}:8778`,
    compute: `http://${address}:8774/v2.1`,
  };
  const lines = Object.entries(services).flatMap(([type, url]) => [
    `catalog.${admin.region}.${type}.name = ${type}`,
    ...['public', 'internal', 'admin'].map((kind) => `catalog.${admin.region}.${type}.${kind}URL = ${url}`),
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

async function start(host: LabHost, units: readonly string[]): Promise<void> {
  const names = units.map((unit) => `${unit}.service`);
  const { code, stderr } = await host.exec(['systemctl', 'enable', '--now', ...names], { timeoutMs: startLimitMs });
  if (code === 0) return;
  const journal = await host.exec(['journalctl', '--boot', '--lines=20', ...names.map((name) => `--unit=${name}`)]);
  throw new Error(`${host.name}: ${names.join(', ')} cannot be started: ${stderr.trim()}\n${journal.stdout}`);
}
