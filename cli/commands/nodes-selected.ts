import type { Node } from '../../domain/inventory.js';
import { orderHosts } from '../../domain/order.js';
import { parseSelection, SelectionError, select } from '../../domain/selection.js';
import { closest } from '../../inventory/suggest.js';
import { UsageError } from '../exit.js';

/**
 * The nodes that `--on` names, whatever their roles, in the order in which they would be worked on; all of them without it.
 * @throws {UsageError} for a selection that cannot be read, names something unknown, or leaves nothing
 */
export function selectedNodes(nodes: readonly Node[], on: string | undefined): Node[] {
  if (on === undefined) return orderHosts(nodes, false);
  try {
    return orderHosts(select(parseSelection(on), nodes), false);
  } catch (error) {
    if (!(error instanceof SelectionError)) throw error;
    const meant = error.unknown && closest(error.unknown.value, error.unknown.known);
    throw new UsageError(
      error.message,
      meant === undefined ? '`ostler nodes` lists the inventory' : `did you mean ${meant}?`,
      { cause: error },
    );
  }
}
