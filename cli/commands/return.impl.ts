import { rolloutId } from '../../workflows/messages/names.js';
import { type OstlerContext, printJson, withTemporal } from '../context.js';
import { printable } from '../render/text.js';
import { controllerRequest } from '../runs/controller-request.js';
import { describe } from '../runs/find.js';
import { finishWatch } from '../runs/finish.js';
import { launch, whoAsks } from '../runs/launch.js';
import { steerRun } from '../runs/steer.js';
import type { ReturnFlags } from './return.js';

/** `ostler return`: tells the failover that holds the controller, or undoes what one has left. */
export async function returnNode(this: OstlerContext, flags: ReturnFlags, node: string): Promise<void> {
  const who = await whoAsks(this, flags);
  const { cloud } = who;
  if (!flags.dryRun && (await toldFailover(this, flags, { node, ...who }))) return;
  await launch(this, flags, {
    cloud,
    question: `Bring ${node} of ${cloud} back into service?`,
    request: () => controllerRequest('return', node, {}, who),
    agreement: () => `Bring ${node} of ${cloud} back into service?`,
  });
}

/** Tells the failover that goes on with this controller, and watches it come back; false when there is none. */
function toldFailover(
  context: OstlerContext,
  flags: ReturnFlags,
  { cloud, node, ...control }: { cloud: string; node: string; actor: string; reason: string },
): Promise<boolean> {
  return withTemporal(context, flags, async ({ client }) => {
    const run = await describe(client, rolloutId('failover', cloud, node));
    if (run?.description.status.name !== 'RUNNING') return false;
    const steered = await steerRun(client, run, 'return', control);
    context.io.stderr(`${run.name}: ${printable(steered.answer)}\n`);
    if (flags.detach && flags.json) printJson(context, { run: run.name, verb: 'return', ...steered });
    else if (!flags.detach) await finishWatch(context, flags, client, run);
    return true;
  });
}
