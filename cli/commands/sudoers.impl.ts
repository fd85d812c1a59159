import type { Inventory } from '../../domain/inventory.js';
import { renderSudoers, type SudoersRequest } from '../../domain/sudoers.js';
import { type OstlerContext, printJson } from '../context.js';
import { UsageError } from '../exit.js';
import { causesOf, isNamed } from '../explain.js';
import type { SudoersFlags } from './sudoers.js';

/** Prints the sudoers fragment of a role, with what the inventory knows where there is one. */
export async function sudoers(this: OstlerContext, flags: SudoersFlags): Promise<void> {
  const site = await inventoryIfAny(this, flags);
  const { role } = flags;
  const user = flags.user ?? site?.ssh.user ?? 'ops';
  const siteWide = site?.distribution === 'auto' ? undefined : site?.distribution;
  const distribution = flags.distribution ?? siteWide;
  const text = render({
    role,
    user,
    ...(site && { units: site.units, site }),
    ...(distribution && { distribution }),
  });
  if (flags.json) printJson(this, { role, user, ...(distribution && { distribution }), text });
  else this.io.stdout(text);
}

function render(request: SudoersRequest): string {
  const { role, user } = request;
  let text: string | undefined;
  try {
    text = renderSudoers(request);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`"${user}" is not a user name`, 'name the account that Ostler logs in with: --user ops', {
      cause: error,
    });
  }
  if (text === undefined)
    throw new UsageError(`Ostler has nothing to do as root on hosts with the role ${role}`, 'try --role compute');
  return text;
}

/** The inventory, or none where none was named and none is found; one that is wrong is an error. */
async function inventoryIfAny(context: OstlerContext, flags: SudoersFlags): Promise<Inventory | undefined> {
  try {
    return await context.inventory(flags);
  } catch (error) {
    if (flags.inventory === undefined && isNoInventory(error)) return undefined;
    throw error;
  }
}

/** There is no such file, as opposed to one with mistakes. */
function isNoInventory(error: unknown): boolean {
  const found = causesOf(error).find((cause) => isNamed(cause, 'InventoryError'));
  return (found as { kind?: string } | undefined)?.kind === 'missing';
}
