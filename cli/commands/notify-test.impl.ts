import { randomUUID } from 'node:crypto';
import type { ChannelTest } from '../../domain/notifications.js';
import { notifyTestId, workflowTypes } from '../../workflows/messages/names.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import { EXIT } from '../exit.js';
import type { CommonFlags } from '../flags.js';
import { severityWord } from '../render/severity.js';
import { table } from '../render/tables.js';
import { printable } from '../render/text.js';
import { askWorker } from '../runs/ask.js';
import { requireWorkers } from '../runs/workers.js';

/** Longer than the workflow's activities may take, so that their own words are heard. */
const LIMIT = '3m';

/** `ostler notify test`: has the worker tell people something invented, prints what became of it, and leaves with 0 or 1. */
export async function notifyTest(this: OstlerContext, flags: CommonFlags, channel?: string): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const channels = await withTemporal(this, flags, async ({ client }) => {
    await requireWorkers(client, cloud, this.now());
    return askWorker<{ cloud: string; channel?: string }, ChannelTest[]>(client, workflowTypes.notifyTest, {
      workflowId: notifyTestId(cloud, randomUUID()),
      argument: { cloud, ...(channel !== undefined && { channel }) },
      limit: LIMIT,
      summary: `test of how the people of ${cloud} are told`,
      unanswered: `no worker of ${cloud} told anybody`,
    });
  });
  if (flags.json) printJson(this, { cloud, channels });
  else this.io.stdout(`${testedText(channels, this.io.isColour)}\n`);
  this.process.exitCode = channels.every(({ isDelivered }) => isDelivered) ? EXIT.ok : EXIT.failed;
}

const testedText = (channels: readonly ChannelTest[], colour: boolean): string =>
  table(
    ['', 'CHANNEL', 'KIND', 'RESULT'],
    channels.map(({ channel, kind, isDelivered, said }) => [
      severityWord(isDelivered ? 'ok' : 'error', colour),
      ...[channel, kind, said].map(printable),
    ]),
    { colour },
  );
