import { join } from 'node:path';

/** Root of all lab state: OSTLER_LAB_DIR, or /var/lib/ostler-lab. Read at each call so that a test may set it. */
export const labDir = (): string => process.env.OSTLER_LAB_DIR ?? '/var/lib/ostler-lab';

/** Where finished images live; they are never written to again, since fleets mount them as overlay lower layers. */
export const imagesDir = (): string => join(labDir(), 'images');

/** Where fleets live, one directory each. */
export const fleetsDir = (): string => join(labDir(), 'fleets');

/** Directory of the fleet `fleet`: its ostler.yaml, keys, fleet.json and hosts. */
export const fleetDir = (fleet: string): string => join(fleetsDir(), fleet);

/** Where the files of one host are. `root` is the mounted overlay, `upper` its disk, `pid` its recorded power supply. */
export interface HostPaths {
  dir: string;
  root: string;
  upper: string;
  work: string;
  pid: string;
  log: string;
  /** One line per power cut: realtime in microseconds since the epoch. */
  powerCuts: string;
}

/** The paths of host `node` of the fleet in `dir`. */
export function hostPaths(dir: string, node: string): HostPaths {
  const host = join(dir, 'hosts', node);
  return {
    dir: host,
    root: join(host, 'root'),
    upper: join(host, 'upper'),
    work: join(host, 'work'),
    pid: join(host, 'nspawn.pid'),
    log: join(host, 'console.log'),
    powerCuts: join(host, 'power-cuts'),
  };
}
