import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Inventory, Node } from '../domain/inventory.js';
import { inventorySchema } from '../domain/inventory.schema.js';
import { faultsOf, reasonFor } from './explain.js';
import { withAbsolutePaths } from './paths.js';
import { InventoryError, pathText } from './problems.js';
import { readSource } from './source.js';
import { didYouMean } from './suggest.js';
import { templateFaults } from './templates.js';

export { InventoryError } from './problems.js';

/** `ostler.yaml` as this machine uses it: every path in it is absolute. */
export interface SiteInventory extends Inventory {
  /** Absolute path of the file. */
  file: string;
  /** The inventory as written, the same on every machine that holds it: what plans are made from and hashed over. */
  inventory: Inventory;
  /** One node by its name. @throws {UnknownNode} */
  readonly node: (name: string) => Node;
}

/** A name that is no node of this site's inventory. */
export class UnknownNode extends Error {
  override name = 'UnknownNode';

  constructor(
    readonly node: string,
    { file, nodes }: Pick<SiteInventory, 'file' | 'nodes'>,
  ) {
    const suggestion = didYouMean(
      node,
      nodes.map(({ name }) => name),
    );
    super(`the node ${node} is not in ${file}${suggestion ?? '; `ostler nodes` lists those that are'}`);
  }
}

/**
 * Reads and checks an inventory.
 * @param file path of an `ostler.yaml`; messages repeat it as given
 * @throws {InventoryError} with everything that is wrong with it
 */
export async function loadInventory(file: string): Promise<SiteInventory> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const missing = error.code === 'ENOENT';
    const reason = missing
      ? 'there is no such file; `ostler init` writes one to start from'
      : `cannot be read (${error.code})`;
    throw new InventoryError([{ file, path: '', reason }], missing ? 'missing' : 'invalid', { cause: error });
  });
  return siteOf(parseInventory(text, file), resolve(file));
}

/**
 * Checks the text of an inventory.
 * @param file only named in messages
 * @returns the inventory as written, defaults filled in
 * @throws {InventoryError} with everything that is wrong with it
 */
export function parseInventory(text: string, file: string): Inventory {
  const source = readSource(text);
  const broken = source.problems.map(({ path, ...problem }) => ({ file, ...problem, path: pathText(path) }));
  if (source.value === undefined) throw new InventoryError(broken);
  if (source.value === null)
    throw new InventoryError([{ file, line: 1, path: '', reason: 'is empty; `ostler init` writes one to start from' }]);

  const checked = inventorySchema.safeParse(source.value, { error: reasonFor });
  const faults = (checked.error?.issues ?? []).flatMap((issue) => faultsOf(issue, source.value));
  const wrong = [...faults, ...templateFaults(checked.data?.notify)].map(({ path, reason }) => ({
    file,
    line: source.lineOf(path),
    path: pathText(path),
    reason,
  }));
  const problems = [...broken, ...wrong].sort((a, b) => a.line - b.line);
  if (problems.length > 0 || !checked.success) throw new InventoryError(problems);
  return checked.data;
}

/** An inventory as the machine that holds it uses it. `file` is the absolute path it was read from. */
export function siteOf(inventory: Inventory, file: string): SiteInventory {
  const site = withAbsolutePaths(inventory, dirname(file));
  const byName = new Map(site.nodes.map((node) => [node.name, node]));
  const node = (name: string): Node => {
    const found = byName.get(name);
    if (!found) throw new UnknownNode(name, { file, nodes: site.nodes });
    return found;
  };
  return { ...site, file, inventory, node };
}
