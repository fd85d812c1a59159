import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { personalise } from './disk.js';
import { type FleetNode, type FleetState, saveState, thisProcess } from './fleet-state.js';
import { makeHostKeys, makeUserKey } from './keys.js';
import { hostPaths } from './layout.js';
import { mountDisk } from './machine.js';
import { allowManySystemds, candidateNetworks, claimNetwork } from './network.js';
import { installStandIns, type StandInOptions } from './stand-in.js';

export interface RealFleetOptions {
  /** Names the fleet, its directory and its cloud; one fleet per suite, each with a bridge and subnet of its own. */
  name: string;
  computes: number;
  controllers?: number;
  cephHosts?: number;
  mongoHosts?: number;
  /** First three octets of a /24, like `10.78.5`; by default a free one below 10.78. */
  subnet?: string;
  /** The stand-ins of every compute; false for a fleet that runs the real services of its `packages`. */
  standIns?: StandInOptions | false;
  /** Text of /etc/sudoers.d/ostler, on every host or by host. */
  sudoers?: string | ((node: FleetNode) => string);
  /** Debian packages on top of the base image. */
  packages?: readonly string[];
  /** Shell commands that finish the image with those packages: what all its hosts share and need not do themselves. */
  finishImage?: string;
  /** Called for every host of `fleet` before its first boot, its disk mounted at `root`: the place to write configuration. */
  prepare?: (root: string, node: FleetNode, fleet: readonly FleetNode[]) => Promise<void>;
  /** Told what a person who waits wants to see: the image build and each host that is up. */
  onProgress?: (text: string) => void;
}

/**
 * Find the fleet a free network and record it in `dir`, before each attempt, so that a killed `up` can be taken down.
 * Rejects when the subnet asked for is taken.
 */
export async function claimFleet(options: RealFleetOptions, dir: string): Promise<FleetState> {
  await mkdir(dir, { recursive: true, mode: 0o755 });
  const owner = await thisProcess();
  for (const network of await candidateNetworks(options.name, options.subnet)) {
    const state = { name: options.name, network, owner, nodes: nodesOf(options, network.subnet) };
    await saveState(dir, state);
    if (await claimNetwork(network, dir)) return state;
  }
  throw new Error(`fleet ${options.name}: subnet ${options.subnet ?? 'of 10.78.0.0/16'} is taken by another fleet`);
}

/**
 * Controllers have .11 and up, computes .21 and up, hosts of Ceph .231 and up, of MongoDB .241 and up; each role's first
 * half is in rack-a, the rest in rack-b.
 */
function nodesOf(
  { computes, controllers = 0, cephHosts = 0, mongoHosts = 0 }: RealFleetOptions,
  subnet: string,
): FleetNode[] {
  if (controllers > 9 || computes > 200 || cephHosts > 9 || mongoHosts > 9)
    throw new Error('a lab fleet has at most 9 controllers, 200 computes, 9 hosts of Ceph and 9 of MongoDB');
  const some = (role: FleetNode['role'], count: number, first: number, name: string = role) =>
    Array.from({ length: count }, (_, index) => ({
      name: `${name}-${index + 1}`,
      address: `${subnet}.${first + index}`,
      role,
      failureDomain: index < count / 2 ? 'rack-a' : 'rack-b',
    }));
  return [
    ...some('controller', controllers, 11),
    ...some('compute', computes, 21),
    ...some('ceph-osd', cephHosts, 231, 'ceph'),
    ...some('mongo', mongoHosts, 241),
  ];
}

/**
 * Prepare the disks of all hosts of `state` from `image`, and beside them the fleet's key, its known_hosts and a ready
 * ostler.yaml. Nothing is booted.
 */
export async function provision(
  dir: string,
  state: FleetState,
  image: string,
  { standIns = {}, sudoers, prepare }: RealFleetOptions,
): Promise<void> {
  await allowManySystemds();
  const authorizedKey = await makeUserKey(join(dir, 'id_ed25519'), `lab-${state.name}`);
  const hosts = state.nodes.map(({ name, address }) => `${address} ${name}\n`).join('');
  const knownHosts = await Promise.all(
    state.nodes.map(async (fleetNode) => {
      const { name: node, address, role } = fleetNode;
      const paths = hostPaths(dir, node);
      await mountDisk(paths, image);
      const rules = typeof sudoers === 'function' ? sudoers(fleetNode) : sudoers;
      const access = { authorizedKey, ...(rules !== undefined && { sudoers: rules }) };
      await personalise(paths.root, { node, address, hosts, ...access });
      if (role === 'compute' && standIns) await installStandIns(paths.root, node, standIns);
      await prepare?.(paths.root, fleetNode, state.nodes);
      return makeHostKeys(paths.root, node, address);
    }),
  );
  await writeFile(join(dir, 'known_hosts'), knownHosts.join(''));
  await writeFile(join(dir, 'ostler.yaml'), inventoryOf(state));
}

function inventoryOf({ name: cloud, nodes }: FleetState): string {
  return stringify({
    cloud,
    ssh: { user: 'ops', identityFile: './id_ed25519', knownHosts: './known_hosts' },
    nodes: nodes.map(({ name, address, role, failureDomain }) => ({ name, address, roles: [role], failureDomain })),
  });
}
