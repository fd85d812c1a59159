import pc from 'picocolors';
import { formatDuration } from '../../domain/duration.js';
import { listed } from '../../domain/names.js';
import { batchesOf, type Plan } from '../../domain/plan.js';
import { type ControlRecord, type HostState, hostsOf, isFailure, type RolloutProgress } from '../../domain/progress.js';
import { settledCount, stateWord, tallyText } from './states.js';
import type { Style } from './tables.js';
import { clipped, count, printable } from './text.js';
import { noteLine, waitingLines } from './waiting.js';

/** What a watch has just seen. */
export interface Snapshot {
  /** The run's name. */
  run: string;
  progress: RolloutProgress;
  /** Missing until the run has planned. */
  plan?: Plan;
  /** What the operator should know about the watching itself: no worker, no server. */
  remark?: string;
}

/** Bars of this many batches are shown around the one in hand. */
const BATCH_BARS = 5;
/** Failed hosts shown; `ostler show` has them all. */
const MOST_NOTES = 6;

/** The live picture, line by line, for a terminal that is redrawn. No line is wider than the terminal. */
export function progressFrame({ run, progress, plan, remark }: Snapshot, style: Style & { now: number }): string[] {
  const { bold, dim, red, yellow } = pc.createColors(style.colour);
  const elapsed = formatDuration((progress.endedAt ?? style.now) - progress.startedAt);
  const width = Math.min(40, Math.max(10, style.columns - 60));
  const bar = (states: string): string => barOf(states, width, style.colour);
  const hosts = progress.states.length;
  const lines = [
    `${bold(`${progress.operation} ${progress.target} · ${progress.cloud}`)} ${dim(run)}`,
    hosts === 0
      ? dim(`  planning ${elapsed}`)
      : `  all hosts  ${bar(progress.states)} ${settledCount(progress.states)}/${hosts}  ${elapsed}`,
    ...batchBars(progress, plan, bar),
    ...(hosts === 0 ? [] : [`  ${tallyText(progress.states, style.colour)}`]),
  ];
  for (const line of doingLines(undefined, { run, progress, ...(plan && { plan }) }))
    lines.push(dim(`  ${clipped(line, style.columns - 3)}`));
  const failed = failedHosts(progress, plan);
  for (const { node, state } of failed.slice(0, MOST_NOTES))
    lines.push(red(`  ${clipped(noteLine(node, state, progress.notes), style.columns - 3)}`));
  if (failed.length > MOST_NOTES) lines.push(dim(`  and ${failed.length - MOST_NOTES} more; see ostler show ${run}`));
  if (progress.waiting) lines.push(...waitingLines(run, progress.waiting, style).map((line) => `  ${line}`));
  if (remark !== undefined) lines.push(yellow(`  ${clipped(remark, style.columns - 3)}`));
  return lines;
}

/** Bars of the batch in hand and its neighbours. */
function batchBars(
  { states, batch }: RolloutProgress,
  plan: Plan | undefined,
  bar: (states: string) => string,
): string[] {
  if (!plan || plan.batches.length < 2) return [];
  const first = Math.max(0, Math.min(batch - Math.floor(BATCH_BARS / 2), plan.batches.length - BATCH_BARS));
  return plan.batches.slice(first, first + BATCH_BARS).map((size, offset) => {
    const index = first + offset;
    const start = plan.batches.slice(0, index).reduce((sum, one) => sum + one, 0);
    const slice = states.slice(start, start + size);
    return `  ${`batch ${index + 1}`.padEnd(9)}  ${bar(slice)} ${settledCount(slice)}/${size}`;
  });
}

/** A bar in which every state has its share and colour, hosts that are not done being light. */
function barOf(states: string, width: number, colour: boolean): string {
  const order: HostState[] = ['ok', 'skipped', 'vetoed', 'failed', 'unreachable', 'unknown', 'running', 'pending'];
  const nodes = Array.from(states, (_, index) => String(index));
  const found = hostsOf({ nodes }, states);
  let seen = 0;
  let drawn = 0;
  return order
    .map((state) => {
      seen += found.filter((host) => host.state === state).length;
      const until = states.length === 0 ? 0 : Math.round((seen / states.length) * width);
      const piece = (state === 'pending' ? '░' : state === 'running' ? '▒' : '█').repeat(until - drawn);
      drawn = until;
      return piece && stateWord(state, colour, piece);
    })
    .join('');
}

const failedHosts = ({ states }: RolloutProgress, plan: Plan | undefined): { node: string; state: HostState }[] =>
  plan ? hostsOf(plan, states).filter(({ state }) => isFailure(state) || state === 'vetoed') : [];

/**
 * What has changed between two snapshots, for output that is not redrawn: a line for each change and nothing for none.
 * @param before undefined at the start of the watch
 */
export function progressChanges(
  before: Snapshot | undefined,
  after: Snapshot,
  style: Style & { now: number },
): string[] {
  const { progress, plan, run, remark } = after;
  const lines: string[] = [];
  if (progress.states.length > 0 && (before?.progress.states.length === 0 || before === undefined))
    lines.push(`${run}: ${count(progress.states.length, 'host')} in ${count(progress.batches, 'batch', 'batches')}`);
  if (progress.states.length > 0 && progress.batch < progress.batches && progress.batch !== before?.progress.batch)
    lines.push(batchLine(progress.batch, plan, progress));
  lines.push(...hostChanges(before, after), ...doingLines(before, after));
  for (const control of progress.controls.slice(before?.progress.controls.length ?? 0))
    lines.push(controlLine(control));
  const waited = before?.progress.waiting;
  if (progress.waiting && progress.waiting.since !== waited?.since)
    lines.push(...waitingLines(run, progress.waiting, style));
  if (waited && !progress.waiting) lines.push('goes on');
  if (remark !== undefined && remark !== before?.remark) lines.push(remark);
  return lines;
}

function batchLine(batch: number, plan: Plan | undefined, { batches }: RolloutProgress): string {
  const nodes = plan && batchesOf(plan)[batch];
  return `batch ${batch + 1} of ${batches}${nodes ? `: ${listed(nodes)}` : ''}`;
}

/** Hosts that came to rest, one line for each state; failures one line for each host, with the reason. */
function hostChanges(before: Snapshot | undefined, { progress, plan }: Snapshot): string[] {
  if (!plan) return [];
  const was = before?.plan ? hostsOf(plan, before.progress.states) : [];
  const changed = hostsOf(plan, progress.states).filter(
    ({ state }, index) => state !== (was[index]?.state ?? 'pending'),
  );
  const quiet = (['ok', 'skipped'] as const).flatMap((state) => {
    const nodes = changed.filter((host) => host.state === state).map(({ node }) => node);
    return nodes.length > 0
      ? [`${state}: ${listed(nodes, 10)} (${settledCount(progress.states)}/${progress.states.length})`]
      : [];
  });
  const loud = changed
    .filter(({ state }) => isFailure(state) || state === 'vetoed')
    .map(({ node, state }) => noteLine(node, state, progress.notes));
  return [...quiet, ...loud];
}

/** What is being done to a host that has its turn: procedures of many steps say so. */
function doingLines(before: Snapshot | undefined, { progress, plan }: Snapshot): string[] {
  if (!plan) return [];
  return hostsOf(plan, progress.states)
    .filter(({ node, state }) => {
      const why = progress.notes[node]?.why;
      return why !== undefined && state === 'running' && why !== before?.progress.notes[node]?.why;
    })
    .map(({ node }) => `${node}: ${printable(progress.notes[node]?.why ?? '')}`);
}

/** `pause by ops@bastion: lunch`. */
export const controlLine = ({ verb, actor, reason, nodes }: ControlRecord): string =>
  `${verb}${nodes ? ` ${listed(nodes)}` : ''} by ${printable(actor)}: ${printable(reason)}`;
