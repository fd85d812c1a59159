import pc from 'picocolors';
import { formatDuration } from '../../domain/duration.js';
import { listed } from '../../domain/names.js';
import { hostStates, isFailure } from '../../domain/progress.js';
import type { RunReport } from '../runs/report.js';
import { localTime } from './plan-lines.js';
import { controlLine } from './progress.js';
import { stateWord, tallyText } from './states.js';
import { pairs, type Style, table } from './tables.js';
import { count, printable } from './text.js';
import { waitingLines } from './waiting.js';

/** A run on one page: how it stands, which hosts need a look and why, who steered. */
export function reportText(report: RunReport, style: Style & { now: number }): string {
  const { bold, dim } = pc.createColors(style.colour);
  const states = lettersOf(report);
  const { waiting } = report;
  const sections = [
    bold(`${report.operation} ${report.target} · ${report.cloud}`),
    pairs(
      [
        ['run', report.run],
        ['outcome', outcomeWord(report, style.colour)],
        ['ending', report.ending && printable(report.ending)],
        ['hosts', report.plan && `${count(report.hosts.length, 'host')}: ${tallyText(states, style.colour)}`],
        ['started', `${localTime(Date.parse(report.startedAt))} by ${printable(report.actor)}`],
        ['reason', printable(report.reason)],
        ['took', report.endedAt && formatDuration(Date.parse(report.endedAt) - Date.parse(report.startedAt))],
        ['left out', leftOut(report)],
        ['owed', report.owed.length > 0 ? `${listed(report.owed.map(printable))}; see ostler leases` : undefined],
        ['plan', report.plan?.hash],
      ],
      style,
    ),
    waiting &&
      waitingLines(
        report.run,
        { ...waiting, since: Date.parse(waiting.since), deadline: Date.parse(waiting.deadline) },
        style,
      ).join('\n'),
    remarkableHosts(report, style),
    report.controls.map((one) => `${dim(localTime(Date.parse(one.at)))}  ${controlLine({ ...one, at: 0 })}`).join('\n'),
    report.source === 'memo' ? dim('no worker answered: this is what the run noted at its last barrier') : undefined,
  ];
  return sections.filter((section): section is string => Boolean(section)).join('\n\n');
}

/** `ok`, `failed`, ... once it has ended, `terminated` when it could not say so itself, else what it is doing. */
export const outcomeWord = (
  { outcome, phase, status }: Pick<RunReport, 'outcome' | 'phase' | 'status'>,
  colour: boolean,
): string => {
  const { yellow } = pc.createColors(colour);
  if (outcome) return stateWord(outcome === 'ok' ? 'ok' : 'failed', colour, outcome);
  if (status !== 'running') return stateWord('failed', colour, status.replaceAll('_', ' '));
  return phase === 'waiting' ? yellow('waiting') : (phase ?? status);
};

/** The hosts that are neither ok nor still to come, with the last journal lines of those that failed. */
function remarkableHosts({ hosts }: RunReport, style: Style): string | undefined {
  const { dim } = pc.createColors(style.colour);
  const rows = hosts.filter(({ state, note }) => note !== undefined || !['ok', 'pending'].includes(state));
  if (rows.length === 0) return undefined;
  const drawn = table(
    ['host', 'state', 'what was seen', 'next'],
    rows.map(({ node, state, note }) => [
      node,
      stateWord(state, style.colour),
      printable(note?.why ?? ''),
      printable(note?.next ?? ''),
    ]),
    style,
  );
  const journals = rows
    .filter(({ state, note }) => isFailure(state) && (note?.journal?.length ?? 0) > 0)
    .map(({ node, note }) =>
      [dim(`journal of ${node}`), ...(note?.journal ?? []).map((line) => `  ${printable(line)}`)].join('\n'),
    );
  return [drawn, ...journals].join('\n\n');
}

function leftOut({ plan }: RunReport): string | undefined {
  const reasons = Object.entries(plan?.excluded ?? {}).map(
    ([why, names]) => `${names.length} ${why}: ${listed(names)}`,
  );
  return reasons.length > 0 ? reasons.join('; ') : undefined;
}

const lettersOf = ({ hosts }: RunReport): string => hosts.map(({ state }) => hostStates[state]).join('');
