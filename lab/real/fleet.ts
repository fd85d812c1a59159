import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { removeCgroup } from './cgroup.js';
import { downtimes, mostOverlapping } from './downtime.js';
import { type FleetState, loadState, machineName, ownedByAnother } from './fleet-state.js';
import { type LabHost, labHost } from './host.js';
import { ensureImage } from './image.js';
import { fleetDir, hostPaths } from './layout.js';
import { killMachine, unmountDisk } from './machine.js';
import { realLabMissing } from './missing.js';
import { releaseNetwork } from './network.js';
import { claimFleet, provision, type RealFleetOptions } from './provision.js';

export interface RealFleet {
  name: string;
  hosts: LabHost[];
  dir: string;
  /** A ready ostler.yaml. */
  inventoryFile: string;
  knownHosts: string;
  identityFile: string;
  /** Leave nothing behind: processes, mounts, cgroups, bridge, disks. May be called again. */
  down(): Promise<void>;
  /** The host of that name; throws when the fleet has none. */
  host(name: string): LabHost;
}

/** Boots at once: more does not make a fleet faster on two cores, and delays the first hosts. */
const bootsAtOnce = 4;

/** Some hosts start databases at boot; a busy machine takes many times what they take on an idle one. */
const systemLimitMs = 300_000;

/**
 * Bring up a fleet of real systemd hosts: computes (with stand-ins for nova-compute and libvirtd) and controllers, in
 * two failure domains, reachable as `ops` with the fleet's key. Takes down first what an earlier fleet of that name left
 * behind; rejects if the process that made it still runs. On failure nothing is left.
 */
export async function upRealFleet(options: RealFleetOptions): Promise<RealFleet> {
  const missing = realLabMissing();
  if (missing) throw new Error(missing);
  const dir = fleetDir(options.name);
  const before = await loadState(dir);
  if (before && (await ownedByAnother(before))) {
    throw new Error(
      `fleet ${options.name} is in use by process ${before.owner.pid}; choose another name, or take it down with ` +
        `npm run lab -- down --name ${options.name}`,
    );
  }
  await takeDown(options.name);
  const image = await ensureImage({
    ...(options.packages && { packages: options.packages }),
    ...(options.finishImage !== undefined && { finish: options.finishImage }),
    ...(options.onProgress && { onOutput: options.onProgress }),
  });
  try {
    const state = await claimFleet(options, dir);
    await provision(dir, state, image, options);
    const fleet = openFleet(dir, state);
    await bootAll(fleet, options);
    return fleet;
  } catch (error) {
    await takeDown(options.name);
    throw error;
  }
}

/** The fleet `name` as an earlier process made it; undefined when there is none. */
export async function openRealFleet(name: string): Promise<RealFleet | undefined> {
  const state = await loadState(fleetDir(name));
  return state && openFleet(fleetDir(name), state);
}

/** Take away all of fleet `name`, whoever made it and however far it came. Does nothing when there is none. */
export async function takeDown(name: string): Promise<void> {
  const dir = fleetDir(name);
  const state = await loadState(dir);
  if (state) {
    const paths = state.nodes.map((node) => hostPaths(dir, node.name));
    await Promise.all(paths.map(killMachine));
    await Promise.all(state.nodes.map((node) => removeCgroup(machineName(state, node))));
    // Only when no host runs any more: a host that is being started may hold the disks of the others for a moment.
    await Promise.all(paths.map(unmountDisk));
    await releaseNetwork(state.network, dir);
  }
  await rm(dir, { recursive: true, force: true });
}

/**
 * The largest number of hosts on which `unit` was down at one moment at or after `sinceUs` (microseconds since the
 * epoch), for whatever cause, power cuts included; from the hosts' journals, not from polling.
 */
export async function mostDownAtOnce(fleet: RealFleet, unit: string, sinceUs: number): Promise<number> {
  const perHost = await Promise.all(
    fleet.hosts.map(async (host) => {
      const { events, powerCutsUs } = await host.unitHistory(unit);
      // A power cut takes down only what the host has.
      return events.some((event) => event.kind === 'started') ? downtimes(events, powerCutsUs) : [];
    }),
  );
  return mostOverlapping(perHost, sinceUs);
}

/** Boot all hosts, a few at a time, and see that systemd brought up everything on each. */
async function bootAll(fleet: RealFleet, { onProgress }: RealFleetOptions): Promise<void> {
  const limit = pLimit(bootsAtOnce);
  const boots = fleet.hosts.map((host) =>
    limit(async () => {
      await host.powerOn();
      const state = await host.exec(['systemctl', 'is-system-running', '--wait'], { timeoutMs: systemLimitMs });
      if (state.code !== 0) {
        const failed = await host.exec(['systemctl', '--failed', '--no-legend', '--plain']);
        throw new Error(`${host.name} booted but is ${state.stdout.trim()}:\n${failed.stdout}${state.stderr}`);
      }
      onProgress?.(`${host.name} is up at ${host.address}\n`);
    }),
  );
  // Every boot comes to its end before a failure is reported: what is still starting cannot be taken down cleanly.
  const failure = (await Promise.allSettled(boots)).find((boot) => boot.status === 'rejected');
  if (failure) throw failure.reason;
}

function openFleet(dir: string, state: FleetState): RealFleet {
  const hosts = state.nodes.map((node) =>
    labHost(
      {
        machine: machineName(state, node),
        hostname: node.name,
        bridge: state.network.bridge,
        paths: hostPaths(dir, node.name),
      },
      node.address,
    ),
  );
  return {
    name: state.name,
    dir,
    hosts,
    inventoryFile: join(dir, 'ostler.yaml'),
    knownHosts: join(dir, 'known_hosts'),
    identityFile: join(dir, 'id_ed25519'),
    down: () => takeDown(state.name),
    host(name) {
      const found = hosts.find((host) => host.name === name);
      if (found) return found;
      throw new Error(`fleet ${state.name} has no host ${name}; it has ${hosts.map((h) => h.name).join(', ')}`);
    },
  };
}
