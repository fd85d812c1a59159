import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import type { FleetNode } from '../fleet-state.js';
import { type LabHost, type RealFleet, upRealFleet } from '../index.js';
import type { RealFleetOptions } from '../provision.js';
import { until } from '../wait.js';
import { ensureMongosh } from './shell.js';

/** Hosts that are members of one replica set, each with the real mongosh and a stand-in for mongod, `mongod.service`. */
export interface MongodbCloud {
  fleet: RealFleet;
  /** `mongo-1` and up. */
  hosts: LabHost[];
  /** The account of the database admin; the state of the set is told to nobody else. */
  login: typeof login;
  /** The name of the replica set. */
  set: string;
}

export type MongodbOptions = Pick<RealFleetOptions, 'name' | 'sudoers' | 'onProgress'> & { members: number };

const set = 'ceilometer';
export const login = { user: 'ostler', password: 'only-in-the-lab' };
const passwordFile = 'mongodb-password';

const port = 27017;
const programs = ['mongod-stand-in.py', 'replica_set.py', 'mongo_wire.py'];
const programsDir = '/usr/lib/ostler-lab';

/** An election takes 12 s at most. A busy machine takes many times that. */
const limitMs = 300_000;

/**
 * Bring up a replica set, with no other hosts beside it. Its ostler.yaml names the account, the password by reference. Resolves
 * when {@link untilMongodbRuns} does. On failure nothing is left.
 */
export async function upMongodb({ members, ...options }: MongodbOptions): Promise<MongodbCloud> {
  const finish = await textOf('finish-image.sh');
  const mongosh = await ensureMongosh();
  const fleet = await upRealFleet({
    ...options,
    ...{ computes: 0, mongoHosts: members, packages: ['python3-bson', 'nftables'] },
    // The version is part of it, so that an image is made anew for another Node.js.
    finishImage: `mongosh=${mongosh} node=${process.execPath} # ${process.version}\n${finish}`,
    prepare: async (root, node, nodes) => {
      for (const name of programs) await writeFile(join(root, programsDir, name), await textOf(name));
      await writeFile(join(root, 'etc/mongod-stand-in.json'), configOf(node, nodes));
    },
  });
  try {
    await nameCredentials(fleet);
    const cloud = { fleet, hosts: fleet.hosts, login, set };
    const primary = await untilMongodbRuns(cloud);
    options.onProgress?.(`the replica set runs, and ${primary.name} is its primary\n`);
    return cloud;
  } catch (error) {
    await fleet.down();
    throw error;
  }
}

/** The name of a host's member in its replica set. */
export const memberOf = ({ address }: Pick<LabHost, 'address'>): string => `${address}:${port}`;

/** What a member says of itself and of the others; it is asked without mongosh and without a login, in the way of the stand-in. */
export interface MemberView {
  state: 'PRIMARY' | 'SECONDARY' | 'STARTUP2' | 'ROLLBACK' | 'RECOVERING';
  term: number;
  /** What each member is to this one, itself included, by {@link memberOf}. */
  sees: Record<string, string>;
}

/** Asks the member of `host` over its own loopback. Rejects when it does not answer within seconds. */
export async function viewOf(host: LabHost): Promise<MemberView> {
  const { code, stdout, stderr } = await host.exec(['python3', join(programsDir, 'mongod-stand-in.py'), 'ask']);
  if (code !== 0) throw new Error(`${host.name}: mongod does not answer: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout);
}

/** Waits until every member says the same: one of them is PRIMARY, which is returned, and all others SECONDARY. */
export async function untilMongodbRuns({ hosts }: Pick<MongodbCloud, 'hosts'>): Promise<LabHost> {
  return until('the replica set to have one primary and nothing but secondaries beside it', limitMs, async () => {
    const views = await Promise.all(hosts.map(viewOf));
    const primary = hosts[views.findIndex(({ state }) => state === 'PRIMARY')];
    const agree = views.every(({ sees }) =>
      hosts.every((host) => sees[memberOf(host)] === (host === primary ? 'PRIMARY' : 'SECONDARY')),
    );
    if (primary && agree) return primary;
    throw new Error(JSON.stringify(views.map(({ sees }) => sees)));
  });
}

/** One start, election or step-down that a stand-in told of in its journal. */
export interface MemberEvent {
  host: string;
  atRealtimeUs: number;
  what: 'started' | 'stopped' | 'elected' | 'stepped down';
  term: number;
  /** The whole line; a step-down's holds its reason. */
  text: string;
}

/** What all members told since a moment (microseconds since the epoch), the oldest first. All hosts have one clock. */
export async function eventsSince({ hosts }: Pick<MongodbCloud, 'hosts'>, sinceUs: number): Promise<MemberEvent[]> {
  const perHost = await Promise.all(
    hosts.map(async ({ name, exec }) => {
      await exec(['journalctl', '--sync']);
      const { stdout } = await exec(['journalctl', '--unit=mongod.service', '--output=json', '--quiet']);
      return stdout
        .split('\n')
        .filter(Boolean)
        .flatMap((line) => eventOf(name, JSON.parse(line)));
    }),
  );
  return perHost
    .flat()
    .filter(({ atRealtimeUs }) => atRealtimeUs >= sinceUs)
    .toSorted((a, b) => a.atRealtimeUs - b.atRealtimeUs);
}

const EVENT = /^stand-in: (started|stopped|elected|stepped down)\b.* in term (\d+)/;

function eventOf(host: string, entry: { MESSAGE?: unknown; __REALTIME_TIMESTAMP: string }): MemberEvent[] {
  const text = String(entry.MESSAGE);
  const [, what, term] = EVENT.exec(text) ?? [];
  if (what === undefined) return [];
  const atRealtimeUs = Number(entry.__REALTIME_TIMESTAMP);
  return [{ host, atRealtimeUs, what: what as MemberEvent['what'], term: Number(term), text }];
}

/** Has ostler.yaml name a wrong password, until {@link rightPassword}: the file that it refers to holds another. */
export const wrongPassword = ({ dir }: RealFleet): Promise<void> => writePassword(dir, `${login.password}-no-more`);

export const rightPassword = ({ dir }: RealFleet): Promise<void> => writePassword(dir, login.password);

const writePassword = (dir: string, password: string): Promise<void> =>
  writeFile(join(dir, passwordFile), `${password}\n`, { mode: 0o600 });

/** Adds `audit.mongodb` to the fleet's inventory, and beside it the file that holds the password. */
async function nameCredentials({ dir, inventoryFile }: RealFleet): Promise<void> {
  await writePassword(dir, login.password);
  const inventory = parse(await readFile(inventoryFile, 'utf8'));
  inventory.audit = { mongodb: { user: login.user, password: `file:./${passwordFile}` } };
  await writeFile(inventoryFile, stringify(inventory));
}

const configOf = (node: FleetNode, nodes: readonly FleetNode[]): string =>
  JSON.stringify({ set, self: memberOf(node), members: nodes.map(memberOf), ...login }, null, 2);

const textOf = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`./${name}`, import.meta.url)), 'utf8');
