import type { Client } from '@temporalio/client';
import { cloudOf, type OstlerContext, withTemporal } from '../context.js';
import { UsageError } from '../exit.js';
import type { SiteFlags, TemporalFlags } from '../flags.js';
import { type FoundRun, findRun } from './find.js';
import { parseRunReference } from './name.js';

/** Connects to Temporal, finds the run an operator named and hands both to `use`. */
export async function withRun(
  context: OstlerContext,
  flags: SiteFlags & TemporalFlags,
  reference: string,
  use: (client: Client, run: FoundRun) => Promise<void>,
): Promise<void> {
  const cloud = parseRunReference(reference)?.kind === 'target' ? await cloudIfKnown(context, flags) : undefined;
  await withTemporal(context, flags, async ({ client }) => use(client, await findRun(client, reference, cloud)));
}

/** The cloud, or undefined where nothing says which: then a bare target must be of only one cloud. */
async function cloudIfKnown(context: OstlerContext, flags: SiteFlags): Promise<string | undefined> {
  try {
    return await cloudOf(context, flags);
  } catch (error) {
    if (error instanceof UsageError && flags.inventory === undefined) return undefined;
    throw error;
  }
}
