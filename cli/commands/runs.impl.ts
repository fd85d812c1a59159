import { type OstlerContext, printJson, withTemporal } from '../context.js';
import { runsText } from '../render/runs.js';
import { listRuns } from '../runs/list.js';
import type { RunsFlags } from './runs.js';

const DEFAULT_LIMIT = 20;

/** `ostler runs`: what was done, when, by whom and how it ended. */
export default async function runs(this: OstlerContext, flags: RunsFlags): Promise<void> {
  const cloud = flags.cloud ?? this.env.OSTLER_CLOUD;
  await withTemporal(this, flags, async ({ client }) => {
    const found = await listRuns(client, {
      limit: flags.limit ?? DEFAULT_LIMIT,
      ...(cloud && { cloud }),
      ...(flags.node !== undefined && { node: flags.node }),
      ...(flags.since !== undefined && { since: this.now() - flags.since }),
      ...(flags.outcome !== undefined && { outcome: flags.outcome }),
    });
    if (flags.json) return printJson(this, { runs: found });
    if (found.length === 0) return this.io.stderr('no such runs\n');
    this.io.stdout(`${runsText(found, { colour: this.io.isColour, now: this.now() })}\n`);
  });
}
