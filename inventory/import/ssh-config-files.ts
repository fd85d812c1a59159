import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { globMatches, isGlob } from '../../domain/glob.js';
import { absolutePath } from '../paths.js';
import { InventoryError } from '../problems.js';
import { readText } from './files.js';
import type { Imported } from './hosts.js';
import type { RoleRule } from './roles.js';
import { type Directive, hostsOfSshConfig, parseSshConfig } from './ssh-config.js';

/** As deep as ssh reads files that include others. */
const DEEPEST = 16;

/**
 * Reads an ssh_config and what it includes.
 * @param file absolute path
 * @param rules roles by patterns of host names
 * @param home the folder in whose .ssh the files of an Include are, unless it says otherwise
 * @throws {InventoryError} with what cannot be read
 */
export async function importSshConfig(
  file: string,
  rules: readonly RoleRule[],
  home: string = homedir(),
): Promise<Imported> {
  return hostsOfSshConfig(await readConfig(file, [join(home, '.ssh'), dirname(file)], 0), file, rules);
}

async function readConfig(file: string, folders: readonly string[], depth: number): Promise<Directive[]> {
  const directives = parseSshConfig(await readText(file), file);
  for (const { keyword, values, at, included } of directives) {
    if (keyword !== 'include') continue;
    if (depth === DEEPEST) throw new InventoryError([{ ...at, path: '', reason: 'includes files too deeply' }]);
    for (const pattern of values)
      for (const inner of await filesLike(pattern, folders))
        included.push(...(await readConfig(inner, folders, depth + 1)));
  }
  return directives;
}

/** The files that an Include names: in the first of the folders that has any. ssh itself looks in ~/.ssh only. */
async function filesLike(pattern: string, [folder, ...others]: readonly string[]): Promise<string[]> {
  if (folder === undefined) return [];
  const found = await matches(absolutePath(pattern, folder));
  return found.length > 0 ? found : filesLike(pattern, others);
}

/** The files that an absolute path with `*` and `?` fits, in order of their names. */
async function matches(pattern: string): Promise<string[]> {
  let places = ['/'];
  for (const step of pattern.split('/').filter((part) => part !== ''))
    places = (await Promise.all(places.map((place) => entriesLike(place, step)))).flat();
  return places.filter((place) => existsSync(place));
}

async function entriesLike(folder: string, step: string): Promise<string[]> {
  if (!isGlob(step)) return [join(folder, step)];
  const names = await readdir(folder).catch(() => []);
  const seen = names.filter((name) => globMatches(step, name) && (step.startsWith('.') || !name.startsWith('.')));
  return seen.sort().map((name) => join(folder, name));
}
