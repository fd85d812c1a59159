import type { OstlerContext } from '../context.js';
import { finishWatch } from '../runs/finish.js';
import { withRun } from '../runs/use.js';
import type { WatchFlags } from './watch.js';

/** `ostler watch`: follow a run to its end. */
export default async function watch(this: OstlerContext, flags: WatchFlags, reference: string): Promise<void> {
  await withRun(this, flags, reference, (client, run) => finishWatch(this, flags, client, run));
}
