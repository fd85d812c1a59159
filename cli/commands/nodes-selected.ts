import type { Node, Role } from '../../domain/inventory.js';
import { orderHosts } from '../../domain/order.js';
import { parseSelection, SelectionError, select } from '../../domain/selection.js';
import { closest } from '../../inventory/suggest.js';
import { UsageError } from '../exit.js';

/** A role that every node has here, so that hosts of any role can be selected. */
const ANY = 'any' as Role;

/**
 * The nodes that `--on` names, whatever their roles, in the order in which they would be worked on; all of them without it.
 * @throws {UsageError} for a selection that cannot be read, names something unknown, or leaves nothing
 */
export function selectedNodes(nodes: readonly Node[], on: string | undefined): Node[] {
  if (on === undefined) return orderHosts(nodes, false);
  try {
    const open = nodes.map((node) => ({ ...node, roles: [...node.roles, ANY] }));
    const names = new Set(select(parseSelection(on), open, ANY).map(({ name }) => name));
    return orderHosts(
      nodes.filter(({ name }) => names.has(name)),
      false,
    );
  } catch (error) {
    if (!(error instanceof SelectionError)) throw error;
    const meant = error.unknown && closest(error.unknown.value, error.unknown.known);
    throw new UsageError(
      error.message.replace(`no host with the role ${ANY} is left`, 'no host is left'),
      meant === undefined ? '`ostler nodes` lists the inventory' : `did you mean ${meant}?`,
      { cause: error },
    );
  }
}
