import { type OstlerContext, printJson } from '../context.js';
import { table } from '../render/tables.js';
import { printable } from '../render/text.js';
import type { NodesFlags } from './nodes.js';
import { selectedNodes } from './nodes-selected.js';

/** Prints the selected nodes of the inventory. */
export async function nodes(this: OstlerContext, flags: NodesFlags): Promise<void> {
  const inventory = await this.inventory(flags);
  const chosen = selectedNodes(inventory.nodes, flags.on);
  if (flags.json) {
    const listed = chosen.map(({ name, address, roles, failureDomain, labels }) => ({
      node: name,
      address,
      roles,
      failureDomain,
      labels,
    }));
    printJson(this, { cloud: inventory.cloud, nodes: listed });
    return;
  }
  const rows = chosen.map(({ name, address, roles, failureDomain, labels }) =>
    [name, address, roles.join(','), failureDomain, labelText(labels)].map(printable),
  );
  const drawn = table(['NODE', 'ADDRESS', 'ROLES', 'DOMAIN', 'LABELS'], rows, { colour: this.io.isColour });
  this.io.stdout(`${drawn}\n`);
}

const labelText = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
