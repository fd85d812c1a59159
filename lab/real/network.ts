import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { must, run } from './process.js';

/** One fleet's network: a bridge on this machine and the first three octets of its /24. */
export interface FleetNetwork {
  bridge: string;
  subnet: string;
}

/**
 * Networks a fleet may try, best first: the one asked for (`10.9.8`), or 10.78.0 to 10.78.255 beginning at a place
 * that depends on the fleet's name, so that suites running side by side rarely meet. Subnets with a route are left out.
 */
export async function candidateNetworks(fleet: string, subnet?: string): Promise<FleetNetwork[]> {
  if (subnet !== undefined) return [{ subnet, bridge: bridgeOf(subnet) }];
  const routes = await must(['ip', '-4', 'route', 'show', 'table', 'all']);
  const first = createHash('sha256').update(fleet).digest()[0] ?? 0;
  const routed = (candidate: string) => routes.split(/\s/).some((word) => word.startsWith(`${candidate}.`));
  return Array.from({ length: 256 }, (_, step) => `10.78.${(first + step) % 256}`)
    .filter((candidate) => !routed(candidate))
    .map((candidate) => ({ subnet: candidate, bridge: bridgeOf(candidate) }));
}

/** The bridge's name holds its subnet, so that creating the bridge claims the subnet, atomically. */
function bridgeOf(subnet: string): string {
  const octets = subnet.split('.').map(Number);
  const valid = octets.length === 3 && octets.every((octet) => Number.isInteger(octet) && octet >= 0 && octet <= 255);
  if (!valid) throw new Error(`subnet "${subnet}": expected the first three octets of a /24, like 10.78.5`);
  return `olab-${octets.map((octet) => octet.toString(16).padStart(2, '0')).join('')}`;
}

/** Claim `network` for the fleet in `dir`; false when its bridge exists already, so that another may be tried. */
export async function claimNetwork({ bridge, subnet }: FleetNetwork, dir: string): Promise<boolean> {
  const added = await run(['ip', 'link', 'add', bridge, 'type', 'bridge']);
  if (added.code !== 0) {
    if (added.stderr.includes('File exists')) return false;
    throw new Error(`bridge ${bridge} cannot be made: ${added.stderr.trim()}`);
  }
  await must(['ip', 'link', 'set', bridge, 'alias', dir]);
  await must(['ip', 'addr', 'add', `${subnet}.1/24`, 'dev', bridge]);
  await must(['ip', 'link', 'set', bridge, 'up']);
  return true;
}

/** Remove the fleet's bridge. Does nothing when there is none, or when it belongs to another fleet directory. */
export async function releaseNetwork({ bridge }: FleetNetwork, dir: string): Promise<void> {
  const alias = await readFile(`/sys/class/net/${bridge}/ifalias`, 'utf8').catch(() => undefined);
  if (alias === undefined || (alias.trim() !== '' && alias.trim() !== dir)) return;
  await must(['ip', 'link', 'del', bridge]);
}

/** Name of this machine's interface with index `ifindex`: the outer end of a host's cable. */
export async function interfaceByIndex(ifindex: string): Promise<string> {
  for (const name of await readdir('/sys/class/net')) {
    const index = await readFile(`/sys/class/net/${name}/ifindex`, 'utf8').catch(() => '');
    if (index.trim() === ifindex.trim()) return name;
  }
  throw new Error(`no interface of this machine has index ${ifindex.trim()}`);
}

/** Hundreds of systemds share one user's inotify instances; the kernel's default of 128 stops a fleet at 26 hosts. */
const inotifyInstances = 8192;

/** Raise fs.inotify.max_user_instances when it is lower than a fleet needs; it stays raised. */
export async function allowManySystemds(): Promise<void> {
  const now = Number(await readFile('/proc/sys/fs/inotify/max_user_instances', 'utf8'));
  if (now < inotifyInstances) await must(['sysctl', '-qw', `fs.inotify.max_user_instances=${inotifyInstances}`]);
}
