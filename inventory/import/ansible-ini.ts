import { InventoryError, type InventoryProblem } from '../problems.js';
import { expandHosts } from './ansible-pattern.js';
import { emptyTree, groupIn, hostIn, type Tree } from './ansible-tree.js';
import { wordsOf } from './words.js';

/** `[group]`, `[group:children]` or `[group:vars]`, and perhaps a comment. */
const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;

/** A name of a group alone on its line, and perhaps a comment. */
const CHILD = /^([^:\]\s]+)\s*(?:#.*)?$/;

/** A line's meaning, by the kind of its section: what is wrong with it, if anything. */
type Reader = (text: string, group: string, line: number) => string | undefined;

/**
 * Reads an Ansible inventory in the INI format.
 * @throws {InventoryError} with every line that Ansible would refuse
 */
export function parseIni(text: string, file: string): Tree {
  const tree = emptyTree();
  const declared = new Set(['all', 'ungrouped']);
  const needed = new Map<string, { line: number; reason: string }>();
  const need = (group: string, line: number, reason: string): void => {
    if (!needed.has(group)) needed.set(group, { line, reason });
  };

  const readers: Record<string, Reader> = {
    hosts(text, group, line) {
      const [entry, ...variables] = wordsOf(text, { comments: true }) ?? [];
      if (entry === undefined) return 'a quote that is not closed';
      if (variables.some((variable) => !variable.includes('='))) return 'only key=value can follow a host';
      const expanded = expandHosts(entry);
      if ('reason' in expanded) return expanded.reason;
      for (const name of expanded.names) {
        const settings = hostIn(tree, group, name);
        const set = (key: string, value: unknown): void => void settings.set(key, { value, file, line, path: key });
        if (expanded.port !== undefined) set('ansible_port', expanded.port);
        for (const variable of variables) set(...assignment(variable));
      }
      return undefined;
    },
    vars(text, group, line) {
      if (!text.includes('=')) return 'only key=value can stand in a :vars section';
      const [path, value] = assignment(text);
      groupIn(tree, group).settings.set(path, { value, file, line, path });
      return undefined;
    },
    children(text, group, line) {
      const child = CHILD.exec(text)?.[1];
      if (child === undefined) return 'only the name of a group can stand in a :children section';
      need(child, line, 'a child group that has no section of its own');
      groupIn(tree, group).children.add(child);
      groupIn(tree, child);
      return undefined;
    },
  };

  const problems: InventoryProblem[] = [];
  let group = 'ungrouped';
  let kind = 'hosts';
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim();
    const line = index + 1;
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue;
    const section = SECTION.exec(trimmed);
    let reason: string | undefined;
    if (section) {
      [, group = '', kind = 'hosts'] = section;
      groupIn(tree, group);
      if (kind === 'vars') need(group, line, 'variables of a group that has no section of its own');
      else declared.add(group);
      if (!readers[kind]) reason = 'a section can be [group], [group:children] or [group:vars]';
    } else if (/^\[.*\]$/.test(trimmed)) {
      reason = 'a section that is not understood; its name must have no blanks and colons';
    } else reason = readers[kind]?.(trimmed, group, line);
    if (reason !== undefined) problems.push({ file, line, path: '', reason });
  }
  for (const [name, { line, reason }] of needed)
    if (!declared.has(name)) problems.push({ file, line, path: name, reason });
  if (problems.length > 0) throw new InventoryError(problems);
  return tree;
}

/** A literal of Python that can stand for a value: text in quotes or a number, and perhaps a comment. */
const LITERAL = /^(?:'([^']*)'|"([^"]*)"|(\d+))\s*(?:#.*)?$/;

/** `key=value`, where the value may be a literal. */
function assignment(text: string): [key: string, value: string] {
  const at = text.indexOf('=');
  const value = text.slice(at + 1).trim();
  const [, single, double, number] = LITERAL.exec(value) ?? [];
  return [text.slice(0, at).trim(), single ?? double ?? number ?? value];
}
