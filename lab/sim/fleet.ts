import { SimCluster } from './cluster/cluster.js';
import { SimHost } from './host.js';
import { writeInventoryFiles } from './inventory-files.js';
import { type KeyPair, newKey } from './keys.js';
import { mostAtOnce, type Outage } from './ledger.js';
import { type HostPlan, planHosts, type SimOptions } from './options.js';

/** How often another port is tried when one is taken on some address of the block. */
const PORT_ATTEMPTS = 20;

/** A fleet of simulated hosts, each with an SSH server of its own on loopback. */
export class SimFleet {
  readonly hosts: readonly SimHost[];
  /** The user key that every host accepts for user ops. */
  readonly userKey: KeyPair;
  /** The cluster of its controllers, where they are in one. */
  readonly cluster: SimCluster | undefined;
  private readonly byName: ReadonlyMap<string, SimHost>;
  private readonly cloud: string;

  constructor(hosts: readonly SimHost[], userKey: KeyPair, cloud: string, cluster?: SimCluster) {
    this.hosts = hosts;
    this.userKey = userKey;
    this.cloud = cloud;
    this.cluster = cluster;
    this.byName = new Map(hosts.map((host) => [host.name, host]));
  }

  /** The host of that name. Throws for a name that the fleet does not have. */
  host(name: string): SimHost {
    const host = this.byName.get(name);
    if (!host) throw new Error(`the simulated fleet has no host ${name}`);
    return host;
  }

  /**
   * Writes `ostler.yaml`, the user key (mode 0600) and `known_hosts` into a directory, which is made if need be.
   * @returns the path of `ostler.yaml`
   */
  writeInventory(dir: string): Promise<string> {
    return writeInventoryFiles(dir, this.cloud, this.hosts, this.userKey);
  }

  /**
   * How many hosts had the unit down at one moment, whatever the cause, as their own PID 1s saw it.
   * @param unit a catalogue id or a unit name; each host's main unit without one
   */
  mostDownAtOnce(unit?: string): number {
    const outages: Outage[] = this.hosts
      .filter((host) => unit !== undefined || host.files.size > 0)
      .flatMap((host) => {
        const name = host.unitName(unit);
        return host.ledger.outages.filter((outage) => outage.unit === name);
      });
    return mostAtOnce(outages);
  }

  /** Ends every host; what their ledgers say stays as it is. */
  async stop(): Promise<void> {
    this.cluster?.close();
    await Promise.all(this.hosts.map((host) => host.discard()));
  }
}

/** Builds the hosts, starts their SSH servers, and resolves when all of them listen. */
export async function startSimFleet(options: SimOptions): Promise<SimFleet> {
  const userKey = newKey();
  const sharedKey = options.sharedHostKey ? newKey() : undefined;
  const perHost = (options.listen ?? defaultListen()) === 'address-per-host';
  const hosts = planHosts(options).map(
    (plan: HostPlan, index) =>
      new SimHost(plan, sharedKey ?? newKey(), userKey.public, perHost ? loopbackAddress(index) : '127.0.0.1'),
  );
  if (perHost) await listenOnOnePort(hosts);
  else await Promise.all(hosts.map((host) => host.front.open(0)));
  return new SimFleet(hosts, userKey, options.cloud ?? 'sim', options.cluster ? await startCluster(hosts) : undefined);
}

async function startCluster(hosts: readonly SimHost[]): Promise<SimCluster> {
  const controllers = hosts.filter(({ role }) => role === 'controller');
  const cluster = new SimCluster(controllers);
  await cluster.open();
  for (const host of controllers) host.cluster = cluster;
  return cluster;
}

/** Only Linux answers on all of 127.0.0.0/8 without being told. */
const defaultListen = () => (process.platform === 'linux' ? 'address-per-host' : 'port-per-host');

/** 127.10.0.1 and on, without the last octets 0 and 255: 254 addresses of each /24. */
function loopbackAddress(index: number): string {
  const block = Math.floor(index / 254);
  return `127.${10 + Math.floor(block / 256)}.${block % 256}.${1 + (index % 254)}`;
}

async function listenOnOnePort(hosts: readonly SimHost[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const [first, ...others] = hosts;
    if (!first) return;
    await first.front.open(0);
    try {
      await Promise.all(others.map((host) => host.front.open(first.port)));
      return;
    } catch (error) {
      for (const host of hosts) {
        await host.front.close();
        host.front.port = 0;
      }
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
