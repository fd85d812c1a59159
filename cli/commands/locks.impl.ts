import { listed } from '../../domain/names.js';
import { runName } from '../../workflows/messages/names.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import type { CommonFlags } from '../flags.js';
import { table } from '../render/tables.js';
import { printable } from '../render/text.js';
import { heldLeases } from './locks-held.js';

/** Prints the leases of the cloud's keeper. */
export async function locks(this: OstlerContext, flags: CommonFlags): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const leases = await withTemporal(this, flags, ({ client }) => heldLeases(client, cloud));
  if (flags.json) return printJson(this, { cloud, leases });
  if (leases.length === 0) return this.io.stdout(`Nobody holds a lease of ${cloud}.\n`);
  const rows = leases.map(({ owner, run, batch, role, nodes, actor, reason }) =>
    [runName(owner, run), String(batch + 1), role, listed(nodes, 4), actor, reason].map(printable),
  );
  const drawn = table(['RUN', 'BATCH', 'ROLE', 'HOSTS', 'ACTOR', 'REASON'], rows, { colour: this.io.isColour });
  this.io.stdout(`${drawn}\n`);
}
