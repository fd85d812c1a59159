import { formatDuration } from '../../domain/duration.js';
import type { ListedRun } from '../runs/list.js';
import { outcomeWord } from './report.js';
import { settledCount } from './states.js';
import { table } from './tables.js';
import { clipped, printable } from './text.js';

/** Characters of a reason in a list. */
const REASON_WIDTH = 40;

/** Runs as a table, one line each. */
export function runsText(runs: readonly ListedRun[], style: { colour: boolean; now: number }): string {
  return table(
    ['run', 'outcome', 'hosts', 'started', 'took', 'by', 'reason'],
    runs.map(({ run, status, startedAt, endedAt, progress }) => [
      run,
      outcomeWord(
        { status, ...(progress && { phase: progress.phase }), ...(progress?.outcome && { outcome: progress.outcome }) },
        style.colour,
      ),
      progress ? `${settledCount(progress.states)}/${progress.states.length}` : '',
      `${formatDuration(Math.max(0, style.now - Date.parse(startedAt)))} ago`,
      endedAt === undefined ? '' : formatDuration(Date.parse(endedAt) - Date.parse(startedAt)),
      printable(progress?.actor ?? ''),
      clipped(printable(progress?.reason ?? ''), REASON_WIDTH),
    ]),
    style,
  );
}
