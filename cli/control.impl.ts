import { isHostName } from '../domain/names.js';
import type { ControlVerb } from '../domain/progress.js';
import { actorOf, type OstlerContext, printJson, reasonOf } from './context.js';
import type { ControlFlags } from './control-command.js';
import { UsageError } from './exit.js';
import { printable } from './render/text.js';
import { steerRun } from './runs/steer.js';
import { withRun } from './runs/use.js';

/** What a command that steers a run does: name who and why, send it, print the answer. */
export const steering = (verb: ControlVerb) =>
  async function steer(this: OstlerContext, flags: ControlFlags, reference = '', ...nodes: string[]): Promise<void> {
    const wrong = nodes.find((node) => !isHostName(node));
    if (wrong !== undefined) throw new UsageError(`"${wrong}" is not the name of a host`, 'see `ostler nodes`');
    const control = { actor: actorOf(this, flags), reason: await reasonOf(this, flags) };
    await withRun(this, flags, reference, async (client, run) => {
      const steered = await steerRun(client, run, verb, nodes.length > 0 ? { ...control, nodes } : control);
      if (flags.json) printJson(this, { run: run.name, verb, ...steered });
      else this.io.stdout(`${printable(steered.answer)}\n`);
    });
  };
