import { InventoryError, type InventoryProblem, pathText } from '../problems.js';
import { expandHosts } from './ansible-pattern.js';
import { emptyTree, groupIn, hostIn, type Settings, type Tree } from './ansible-tree.js';
import { isMap } from './yaml-text.js';

/**
 * Reads an Ansible inventory in the YAML format, or what `ansible-inventory --list` and dynamic inventories print.
 * @param document the text's content
 * @param isList whether it may be the latter: groups that are lists, or have lists of hosts and of children
 * @throws {InventoryError} with every place that Ansible would refuse
 */
export function treeOf(document: Record<string, unknown>, file: string, isList: boolean): Tree {
  const tree = emptyTree();
  const problems: InventoryProblem[] = [];
  const refuse = (path: PropertyKey[], reason: string): void =>
    void problems.push({ file, path: pathText(path), reason });

  /** A section of a group as a map; a single name and, in a list, many stand for themselves. */
  const section = (value: unknown, path: PropertyKey[]): [name: string, value: unknown][] => {
    if (value === undefined || value === null) return [];
    if (isMap(value)) return Object.entries(value);
    const names = isList && Array.isArray(value) ? value : [value];
    if (names.every((name) => typeof name === 'string')) return names.map((name) => [name, null]);
    refuse(path, isList ? 'must be a map or a list of names' : 'must be a map; each name in it ends with a colon');
    return [];
  };

  const addHost = (group: string, entry: string, variables: unknown, path: PropertyKey[]): void => {
    const expanded = expandHosts(entry);
    if ('reason' in expanded) {
      refuse(path, expanded.reason);
      return;
    }
    const port = expanded.port === undefined ? {} : { ansible_port: expanded.port };
    if (variables !== null && !isMap(variables)) refuse(path, 'must be a map of variables, or empty');
    for (const name of expanded.names)
      setAll(hostIn(tree, group, name), { ...port, ...(isMap(variables) && variables) }, file, path);
  };

  const addGroup = (name: string, value: unknown, path: PropertyKey[]): void => {
    const group = groupIn(tree, name);
    const content = isList && Array.isArray(value) ? { hosts: value } : (value ?? {});
    if (!isMap(content)) {
      refuse(path, 'must be a group: a map with hosts, children and vars');
      return;
    }
    for (const [entry, variables] of section(content.hosts, [...path, 'hosts']))
      addHost(name, entry, variables, [...path, 'hosts', entry]);
    for (const [child, inner] of section(content.children, [...path, 'children'])) {
      group.children.add(child);
      addGroup(child, inner, [...path, 'children', child]);
    }
    if (isMap(content.vars)) setAll(group.settings, content.vars, file, [...path, 'vars']);
    else if (content.vars) refuse([...path, 'vars'], 'must be a map of variables');
  };

  const { _meta: meta, ...groups } = document;
  for (const [name, value] of Object.entries(groups)) addGroup(name, value, [name]);
  const hostvars = isMap(meta) && isMap(meta.hostvars) ? meta.hostvars : {};
  for (const [name, variables] of Object.entries(hostvars))
    if (isMap(variables)) setAll(hostIn(tree, 'ungrouped', name), variables, file, ['_meta', 'hostvars', name]);
  if (problems.length > 0) throw new InventoryError(problems);
  return tree;
}

/** Adds variables that stand at one place of a file. */
export function setAll(
  settings: Settings,
  variables: Record<string, unknown>,
  file: string,
  around: PropertyKey[] = [],
): void {
  for (const [key, value] of Object.entries(variables))
    settings.set(key, { value, file, path: pathText([...around, key]) });
}
