import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { InventoryError, loadInventory, type SiteInventory } from './load.js';

export { InventoryError, type SiteInventory } from './load.js';

/** Name of the inventory wherever it is looked for. */
const FILE = 'ostler.yaml';

/**
 * Reads the inventory of this machine: the one that is named, else $OSTLER_INVENTORY, else the first there is of
 * ./ostler.yaml, ~/.config/ostler/ostler.yaml ($XDG_CONFIG_HOME counts) and /etc/ostler/ostler.yaml.
 * @param named as the operator typed it, relative to `cwd`
 * @throws {InventoryError} of kind `missing` with every place that was looked at, or with what is wrong with the file
 */
export async function loadSite(
  named: string | undefined,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SiteInventory> {
  const chosen = named ?? env.OSTLER_INVENTORY;
  if (chosen) return loadInventory(resolve(cwd, chosen));
  const config = env.XDG_CONFIG_HOME || join(homedir(), '.config');
  const places = [join(cwd, FILE), join(config, 'ostler', FILE), join('/etc/ostler', FILE)];
  const found = places.find((place) => existsSync(place));
  if (found) return loadInventory(found);
  const reason = `not found; looked at ${places.join(', ')}; \`ostler init\` writes one, --inventory and OSTLER_INVENTORY name another`;
  throw new InventoryError([{ file: FILE, path: '', reason }], 'missing');
}
