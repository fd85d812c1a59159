import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fleetsDir } from './layout.js';
import type { FleetNetwork } from './network.js';

export interface FleetNode {
  name: string;
  address: string;
  role: 'controller' | 'compute' | 'ceph-osd' | 'mongo';
  failureDomain: string;
}

/** What is written to fleet.json before anything else is made, so that a later process can take all of it away. */
export interface FleetState {
  name: string;
  network: FleetNetwork;
  nodes: FleetNode[];
  /** The process that brought the fleet up, told from a later one with the same pid by its start time. */
  owner: { pid: number; startTime: string };
}

/** What this machine calls the host: unique among all fleets. */
export const machineName = (fleet: Pick<FleetState, 'name'>, node: FleetNode): string => `${fleet.name}-${node.name}`;

const stateFile = (dir: string) => join(dir, 'fleet.json');

/** Record the fleet in `dir`, completely or not at all. */
export async function saveState(dir: string, state: FleetState): Promise<void> {
  const fresh = `${stateFile(dir)}.new`;
  await writeFile(fresh, `${JSON.stringify(state, null, 2)}\n`);
  await rename(fresh, stateFile(dir));
}

/** Read the record of the fleet in `dir`; undefined when there is none. */
export async function loadState(dir: string): Promise<FleetState | undefined> {
  const text = await readFile(stateFile(dir), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as FleetState);
}

/** Names of all fleets the lab directory knows, up or left behind. */
export const fleetNames = async (): Promise<string[]> =>
  (await readdir(fleetsDir()).catch(() => [])).toSorted((a, b) => a.localeCompare(b));

/** This process, as the owner of a fleet. */
export const thisProcess = async (): Promise<FleetState['owner']> => ({
  pid: process.pid,
  startTime: (await startTimeOf(process.pid)) ?? '',
});

/** Whether another process that still runs brought the fleet up. */
export async function ownedByAnother({ owner }: FleetState): Promise<boolean> {
  return owner.pid !== process.pid && (await startTimeOf(owner.pid)) === owner.startTime;
}

/** Field 22 of /proc/PID/stat (proc(5)): clock ticks after boot at which it started. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
