import { type DetectedNode, detectedNodes } from '../../domain/detected.js';
import type { Node } from '../../domain/inventory.js';
import { ALL_MODULES } from '../../domain/services.js';
import { type OstlerContext, printJson, withTemporal } from '../context.js';
import { table } from '../render/tables.js';
import { printable } from '../render/text.js';
import { readServices } from '../runs/read-services.js';
import type { NodesFlags } from './nodes.js';
import { selectedNodes } from './nodes-selected.js';

/** Prints the selected nodes of the inventory, and what was found on them where that is asked. */
export async function nodes(this: OstlerContext, flags: NodesFlags): Promise<void> {
  const inventory = await this.inventory(flags);
  const chosen = selectedNodes(inventory.nodes, flags.on);
  const found = flags.detect ? await detect(this, flags, inventory.cloud, chosen) : undefined;
  if (flags.json) {
    const listed = chosen.map(({ name, address, roles, failureDomain, labels }, index) => {
      const { node: _, ...detected } = found?.[index] ?? { node: name };
      return { node: name, address, roles, failureDomain, labels, ...(found && { detected }) };
    });
    printJson(this, { cloud: inventory.cloud, nodes: listed });
    return;
  }
  const style = { colour: this.io.isColour };
  const drawn = found
    ? table(['NODE', 'ROLES', 'UNITS OF', 'BY SYSTEMD', 'BY PACEMAKER'], rowsOf(chosen, found), style)
    : table(['NODE', 'ADDRESS', 'ROLES', 'DOMAIN', 'LABELS'], chosen.map(rowOf), style);
  this.io.stdout(`${drawn}\n`);
}

async function detect(
  context: OstlerContext,
  flags: NodesFlags,
  cloud: string,
  chosen: readonly Node[],
): Promise<DetectedNode[]> {
  const read = await withTemporal(context, flags, ({ client }) =>
    readServices(context, client, { cloud, target: ALL_MODULES, on: flags.on }),
  );
  return detectedNodes(chosen, read);
}

const rowOf = ({ name, address, roles, failureDomain, labels }: Node): string[] =>
  [name, address, roles.join(','), failureDomain, labelText(labels)].map(printable);

/** The modules of each node; a host that could not be read says why. */
function rowsOf(nodes: readonly Node[], found: readonly DetectedNode[]): string[][] {
  const modulesBy = ({ services }: DetectedNode, manager: string): string =>
    [...new Set(services.filter((one) => one.manager === manager).map(({ module }) => module))].join(',') || '-';
  return found.map((one, index) =>
    [
      one.node,
      nodes[index]?.roles.join(',') ?? '',
      one.distribution ?? '-',
      one.unknown ?? modulesBy(one, 'systemd'),
      modulesBy(one, 'pacemaker'),
    ].map(printable),
  );
}

const labelText = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
