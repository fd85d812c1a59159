import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { renderSudoers } from '../../domain/sudoers.js';
import { type LabHost, type RealFleet, upRealFleet } from '../../lab/real/index.js';
import { build } from '../e2e/program.js';

/** Hosts of one fleet that one test has for itself: a cloud of its own, with a file of its own. */
export interface Lane {
  readonly cloud: string;
  readonly hosts: LabHost[];
  readonly inventoryFile: string;
  readonly fleet: RealFleet;
}

/** Two batches of two, and one more that belongs to no batch. */
export const hostsPerLane = 5;

/**
 * A fleet of real hosts for the tests of a file, cut into lanes, so that as many tests run at the same time: most of their time
 * they wait for a heartbeat that no longer comes.
 * @returns runs a test on the first lane that is free
 */
export function lanes(name: string, count: number): <T>(test: (lane: Lane) => Promise<T>) => Promise<T> {
  const free: Lane[] = [];
  const waiting: ((lane: Lane) => void)[] = [];
  let fleet: RealFleet | undefined;

  beforeAll(async () => {
    build();
    const sudoers = renderSudoers({ role: 'compute', user: 'ops' }) ?? '';
    fleet = await upRealFleet({ name, computes: count * hostsPerLane, sudoers });
    for (let index = 0; index < count; index++) free.push(await cutLane(fleet, index));
  });
  afterAll(() => fleet?.down());

  return async (test) => {
    const lane = free.pop() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)));
    try {
      return await test(lane);
    } finally {
      const next = waiting.shift();
      if (next) next(lane);
      else free.push(lane);
    }
  };
}

async function cutLane(fleet: RealFleet, index: number): Promise<Lane> {
  const hosts = fleet.hosts.slice(index * hostsPerLane, (index + 1) * hostsPerLane);
  const cloud = `${fleet.name}-${index + 1}`;
  const inventoryFile = join(dirname(fleet.inventoryFile), `${cloud}.yaml`);
  const whole = parse(await readFile(fleet.inventoryFile, 'utf8')) as { nodes: { name: string }[] };
  const nodes = whole.nodes.filter((node) => hosts.some((host) => host.name === node.name));
  await writeFile(inventoryFile, stringify({ ...whole, cloud, nodes }));
  return { cloud, hosts, inventoryFile, fleet };
}
