import { z } from 'zod';
import type { CephFlag, CephOsd, CephOsdMap, CephUse } from '../../domain/ceph.js';
import { checked } from '../pacemaker/xml.js';

const node = z.object({
  id: z.number(),
  name: z.string(),
  type: z.string(),
  children: z.array(z.number()).default([]),
  exists: z.number().default(1),
  status: z.string().default('up'),
  // Firefly writes it as text.
  reweight: z.coerce.number().default(1),
});

const tree = z.object({ nodes: z.array(node), stray: z.array(node).default([]) });

/**
 * Reads `ceph osd tree -f json`: its OSDs, each once, with the hosts that they stand under. What no longer exists is left out.
 * @throws {Error} when it is something else
 */
export function parseOsdTree(text: string): CephOsd[] {
  const { nodes, stray } = checked(JSON.parse(text), tree, "the tree of Ceph's OSDs");
  const hosts = new Map(
    nodes
      .filter(({ type }) => type === 'host')
      .flatMap(({ name, children }) => children.map((id) => [id, name] as const)),
  );
  // Below a second root, as for a class of disks, an OSD stands again.
  const osds = new Map(
    [...nodes, ...stray].filter(({ type, exists }) => type === 'osd' && exists > 0).map((one) => [one.id, one]),
  );
  return [...osds.values()].map(({ id, name, status, reweight }) => {
    const host = hosts.get(id);
    return { name, ...(host !== undefined && { host }), status, isIn: reweight > 0 };
  });
}

/** Flags that somebody sets to keep Ceph from something; others say what its daemons can do, or that it is full. */
const RESTRAINTS = new Set([
  ...['noup', 'nodown', 'noout', 'noin', 'nobackfill', 'norebalance', 'norecover', 'noscrub', 'nodeep-scrub'],
  ...['notieragent', 'nosnaptrim', 'pauserd', 'pausewr'],
]);

const groupFlags = z.record(z.string(), z.array(z.string()));

const dump = z.object({
  flags: z.string(),
  crush_node_flags: groupFlags.optional(),
  device_class_flags: groupFlags.default({}),
  osds: z.array(z.object({ osd: z.number(), state: z.array(z.string()).default([]), up_from: z.number().default(0) })),
});

/**
 * Reads of `ceph osd dump -f json` when each OSD came up, and which flags are set: of the cluster and, from Nautilus on, of hosts, classes of
 * devices and OSDs.
 * @throws {Error} when it is something else
 */
export function parseOsdMap(text: string): CephOsdMap {
  const parsed = checked(JSON.parse(text), dump, "the map of Ceph's OSDs");
  const set = (names: readonly string[], on?: string): CephFlag[] =>
    names.filter((name) => RESTRAINTS.has(name)).map((name) => ({ name, ...(on !== undefined && { on }) }));
  const { crush_node_flags: ofHosts, device_class_flags: ofClasses, osds } = parsed;
  const groups = [ofHosts ?? {}, ofClasses].flatMap((all) => Object.entries(all));
  return {
    flags: [
      ...set(parsed.flags.split(',')),
      ...groups.flatMap(([on, names]) => set(names, on)),
      ...osds.flatMap(({ osd, state }) => set(state, `osd.${osd}`)),
    ],
    hasHostFlags: ofHosts !== undefined,
    upFrom: Object.fromEntries(osds.map(({ osd, up_from }) => [`osd.${osd}`, up_from])),
  };
}

const osdDf = z.object({ nodes: z.array(z.object({ name: z.string(), utilization: z.number() })) });

/**
 * Reads `ceph osd df -f json`, of Hammer and later.
 * @throws {Error} when it is something else
 */
export const parseOsdUse = (text: string): CephUse[] =>
  checked(JSON.parse(withoutNan(text)), osdDf, "the use of Ceph's OSDs").nodes.map(({ name, utilization }) => ({
    name,
    percent: utilization,
  }));

const df = z.object({
  pools: z.array(
    z.object({
      name: z.string(),
      stats: z.object({ percent_used: z.number().optional(), stored: z.number().optional() }),
    }),
  ),
});

/**
 * Reads of `ceph df -f json` how full each pool is. Old versions do not say, and Nautilus, which also tells what is stored, made a fraction of what was a
 * percentage.
 * @throws {Error} when it is something else
 */
export const parsePoolUse = (text: string): CephUse[] =>
  checked(JSON.parse(withoutNan(text)), df, "the use of Ceph's pools").pools.flatMap(({ name, stats }) => {
    const { percent_used: used, stored } = stats;
    return used === undefined ? [] : [{ name, percent: stored === undefined ? used : used * 100 }];
  });

/** Before an OSD has reported, some versions divide by nothing and print what is no JSON. */
const withoutNan = (text: string): string => text.replace(/:\s*-?(?:nan|inf)\b/gi, ':0');
