import type { OstlerContext } from '../context.js';
import { printReport } from '../runs/finish.js';
import { readReport } from '../runs/report.js';
import { withRun } from '../runs/use.js';
import type { ShowFlags } from './show.js';

/** `ostler show`: one run on a page. Exits 0 whatever the run came to: the question was answered. */
export default async function show(this: OstlerContext, flags: ShowFlags, reference: string): Promise<void> {
  await withRun(this, flags, reference, async (client, run) =>
    printReport(this, await readReport(client, run), flags.json ?? false),
  );
}
