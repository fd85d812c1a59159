import type { Client } from '@temporalio/client';
import { type OstlerContext, printJson } from '../context.js';
import { EXIT } from '../exit.js';
import type { OutputFlags } from '../flags.js';
import { reportText } from '../render/report.js';
import type { FoundRun } from './find.js';
import { type RunReport, readReport, refusalOf } from './report.js';
import { watchRun } from './watch.js';

/**
 * Watches a run, prints its report on stdout when the watch ends, and sets the exit code: 0 when it ended ok, 1 when not, 7
 * when it waits for a person and there is no terminal.
 * @throws {CliError} 5 when the run refused to begin, because its plan was stale or refused
 */
export async function finishWatch(
  context: OstlerContext,
  { json }: OutputFlags,
  client: Client,
  found: FoundRun,
): Promise<void> {
  const { run, why } = await watchRun(context, client, found);
  const report = await readReport(client, run);
  const refusal = report.plan === undefined ? await refusalOf(client, run) : undefined;
  if (refusal) throw refusal;
  printReport(context, report, json ?? false);
  context.process.exitCode = why === 'waiting' ? EXIT.waiting : report.outcome === 'ok' ? EXIT.ok : EXIT.failed;
}

/** Writes a report on stdout, as a page or as JSON. */
export function printReport(context: OstlerContext, report: RunReport, json: boolean): void {
  const { io } = context;
  if (json) printJson(context, report);
  else io.stdout(`${reportText(report, { colour: io.isColour, columns: io.columns, now: context.now() })}\n`);
}
