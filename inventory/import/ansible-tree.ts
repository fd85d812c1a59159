import { InventoryError } from '../problems.js';
import type { Place } from './hosts.js';

/** A variable's value, and where it was set. */
export interface Setting extends Place {
  value: unknown;
  path: string;
}

/** Variables by name. */
export type Settings = Map<string, Setting>;

export interface Group {
  name: string;
  children: Set<string>;
  hosts: Set<string>;
  settings: Settings;
}

/** The groups and hosts of an Ansible inventory, as its file says them. */
export interface Tree {
  groups: Map<string, Group>;
  hosts: Map<string, Settings>;
}

/** Variables of `group_vars/` and `host_vars/`, by the name of their group or host. */
export interface VarsBeside {
  groups: Map<string, Settings>;
  hosts: Map<string, Settings>;
}

/** An inventory without hosts: Ansible always has these two groups. */
export function emptyTree(): Tree {
  const tree: Tree = { groups: new Map(), hosts: new Map() };
  groupIn(tree, 'all');
  groupIn(tree, 'ungrouped');
  return tree;
}

/** The group of this name; it is there from now on. */
export function groupIn({ groups }: Tree, name: string): Group {
  const group = groups.get(name) ?? { name, children: new Set(), hosts: new Set(), settings: new Map() };
  groups.set(name, group);
  return group;
}

/** The variables of a host, which is in the group from now on. */
export function hostIn(tree: Tree, group: string, name: string): Settings {
  groupIn(tree, group).hosts.add(name);
  const settings = tree.hosts.get(name) ?? new Map();
  tree.hosts.set(name, settings);
  return settings;
}

/** One host with the groups it is in and the variables that hold for it. */
export interface PlacedHost {
  name: string;
  /** Those whose own host it is. */
  direct: string[];
  /** These and all above them but `all`, the ones whose variables win last. */
  groups: string[];
  settings: Settings;
}

/**
 * Every host with what holds for it, by Ansible's precedence: `all`, then parents before children, of one depth by
 * `ansible_group_priority` and then by name, then the host; `group_vars/` over every group's variables in the inventory, and
 * `host_vars/` over the host's there.
 * @throws {InventoryError} for a group that is its own ancestor
 */
export function placedHosts(tree: Tree, beside: VarsBeside, file: string): PlacedHost[] {
  const parents = parentsOf(tree);
  const depth = depths(tree, parents, file);
  const priority = (name: string): number => Number(tree.groups.get(name)?.settings.get(PRIORITY)?.value ?? 1) || 0;
  const inOrder = (a: string, b: string): number =>
    (depth.get(a) ?? 0) - (depth.get(b) ?? 0) || priority(a) - priority(b) || (a < b ? -1 : 1);
  const direct = directGroups(tree);

  return [...tree.hosts].map(([name, own]) => {
    const directly = direct.get(name) ?? ['ungrouped'];
    const groups = [...withAncestors(directly, parents)].filter((group) => group !== 'all').sort(inOrder);
    const inventory = (group: string): Settings | undefined => tree.groups.get(group)?.settings;
    const layers = [
      inventory('all'),
      ...groups.map(inventory),
      beside.groups.get('all'),
      ...groups.map((group) => beside.groups.get(group)),
      own,
      beside.hosts.get(name),
    ];
    return { name, direct: directly, groups, settings: new Map(layers.flatMap((layer) => [...(layer ?? [])])) };
  });
}

const PRIORITY = 'ansible_group_priority';

function parentsOf({ groups }: Tree): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const { name, children } of groups.values())
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name]);
  return parents;
}

/** How far each group is below `all`, by the longest way. */
function depths({ groups }: Tree, parents: ReadonlyMap<string, string[]>, file: string): Map<string, number> {
  const known = new Map<string, number>();
  const depthOf = (name: string, below: readonly string[]): number => {
    if (below.includes(name)) throw new InventoryError([{ file, path: name, reason: 'is a group inside of itself' }]);
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const above = (parents.get(name) ?? []).map((parent) => depthOf(parent, [...below, name]));
    const depth = name === 'all' && above.length === 0 ? 0 : Math.max(0, ...above) + 1;
    known.set(name, depth);
    return depth;
  };
  for (const name of groups.keys()) depthOf(name, []);
  return known;
}

/** The groups that list each host themselves; `all` and `ungrouped` only for who is in no other. */
function directGroups({ groups }: Tree): Map<string, string[]> {
  const direct = new Map<string, string[]>();
  for (const { name, hosts } of groups.values()) {
    if (name === 'all' || name === 'ungrouped') continue;
    for (const host of hosts) direct.set(host, [...(direct.get(host) ?? []), name]);
  }
  return direct;
}

function withAncestors(groups: readonly string[], parents: ReadonlyMap<string, string[]>): Set<string> {
  const all = new Set(groups);
  for (const group of all) for (const parent of parents.get(group) ?? []) all.add(parent);
  return all;
}
