import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checks } from '../../domain/audit/checks.js';
import { type AuditReport, worstOf } from '../../domain/audit/report.js';
import { type OstlerContext, printJson } from '../context.js';
import { CliError, EXIT, type ExitCode } from '../exit.js';
import type { OutputFlags } from '../flags.js';
import { auditHtml } from '../render/audit/html/index.js';
import { auditJunit } from '../render/audit/junit.js';
import { auditTable } from '../render/audit/table.js';
import type { ReportFlags } from './output-flags.js';

/** By the worst that nobody has acknowledged. What could not be asked is not well, and is not known to be broken. */
const EXIT_OF: Record<ReturnType<typeof worstOf>, ExitCode> = {
  ok: EXIT.ok,
  warn: EXIT.warnings,
  unknown: EXIT.warnings,
  error: EXIT.errors,
};

/**
 * Prints a report, writes the files that were asked for, and sets the exit code: 0, 3 or 4.
 * @throws {CliError} 1 for a file that cannot be written
 */
export async function putReport(
  context: OstlerContext,
  flags: ReportFlags & OutputFlags,
  report: AuditReport,
): Promise<void> {
  const { io } = context;
  if (flags.html !== undefined) await save(context, flags.html, auditHtml(report, checks));
  if (flags.junit !== undefined) await save(context, flags.junit, auditJunit(report, checks));
  if (flags.json) printJson(context, report);
  else io.stdout(`${auditTable(report, checks, { columns: io.columns, colour: io.isColour, now: context.now() })}\n`);
  context.process.exitCode = EXIT_OF[worstOf(report.findings.filter(({ ack }) => ack === undefined))];
}

async function save(context: OstlerContext, file: string, content: string): Promise<void> {
  await writeFile(resolve(context.cwd, file), content).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      EXIT.failed,
      `${file} cannot be written (${error.code})`,
      'the report is kept: `ostler audit last` writes it again',
      { cause: error },
    );
  });
  context.io.stderr(`wrote ${file}\n`);
}
