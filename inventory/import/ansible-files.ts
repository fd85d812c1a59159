import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { InventoryError, type InventoryProblem } from '../problems.js';
import { hostsOfAnsible, parseAnsible, parseVars } from './ansible.js';
import type { Settings, VarsBeside } from './ansible-tree.js';
import { readText } from './files.js';
import type { Imported } from './hosts.js';
import type { RoleRule } from './roles.js';

/** Endings of files with variables, in the order in which Ansible looks for them. */
const ENDINGS = ['', '.yml', '.yaml', '.json'];

/**
 * Reads an Ansible inventory with the `group_vars/` and `host_vars/` beside it.
 * @param file absolute path of the inventory
 * @param rules the roles of groups whose names do not say it
 * @throws {InventoryError} with what cannot be read
 */
export async function importAnsible(file: string, rules: readonly RoleRule[]): Promise<Imported> {
  const tree = parseAnsible(await readText(file), file);
  const omissions: InventoryProblem[] = [];
  const beside: VarsBeside = {
    groups: await varsOf(join(dirname(file), 'group_vars'), tree.groups.keys(), omissions),
    hosts: await varsOf(join(dirname(file), 'host_vars'), tree.hosts.keys(), omissions),
  };
  const { hosts, omissions: others } = hostsOfAnsible(tree, beside, file, rules);
  return { hosts, omissions: [...omissions, ...others] };
}

/** The variables that a folder has for each of these names. */
async function varsOf(
  folder: string,
  names: Iterable<string>,
  omissions: InventoryProblem[],
): Promise<Map<string, Settings>> {
  const entries = new Set(await readdir(folder).catch(() => []));
  const vars = new Map<string, Settings>();
  for (const name of names) {
    const entry = ENDINGS.map((ending) => name + ending).find((candidate) => entries.has(candidate));
    if (entry === undefined) continue;
    const settings: Settings = new Map();
    for (const file of await filesIn(join(folder, entry))) {
      const parsed = parseVars(await readText(file), file);
      if (parsed === undefined)
        omissions.push({ file, path: '', reason: 'not taken over: it is encrypted by the vault' });
      for (const [key, setting] of parsed ?? []) settings.set(key, setting);
    }
    vars.set(name, settings);
  }
  return vars;
}

/** A file itself; of a folder the files with variables, in order of their names. */
async function filesIn(path: string): Promise<string[]> {
  if (!(await isFolder(path))) return [path];
  const files: string[] = [];
  for (const name of (await readdir(path)).sort()) {
    if (name.startsWith('.') || name.endsWith('~')) continue;
    const ending = extname(name);
    const inner = join(path, name);
    if (await isFolder(inner)) files.push(...(ending === '' ? await filesIn(inner) : []));
    else if (ENDINGS.includes(ending)) files.push(inner);
  }
  return files;
}

/** @throws {InventoryError} for a link to nowhere */
async function isFolder(path: string): Promise<boolean> {
  const facts = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new InventoryError([{ file: path, path: '', reason: `cannot be read (${cause.code})` }], 'invalid', {
      cause,
    });
  });
  return facts.isDirectory();
}
