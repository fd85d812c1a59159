import pc from 'picocolors';
import { formatDuration } from '../../domain/duration.js';
import type { HostState, RolloutProgress, Waiting } from '../../domain/progress.js';
import { localTime } from './plan-lines.js';
import { printable } from './text.js';

const headings: Record<Waiting['for'], string> = {
  person: 'paused',
  promotion: 'waits for a promotion',
  failures: 'waits for you: hosts failed',
  budget: 'waits for you: no room in the budget',
  keeper: 'waits for you: no leave to go on',
  return: 'held out of service',
  restore: 'waits for you: not put back',
};

const ABORTS = 'aborts by itself';

/** What the end of the wait brings. */
const afterwards: Record<Waiting['for'], string> = {
  person: ABORTS,
  promotion: ABORTS,
  failures: ABORTS,
  budget: ABORTS,
  keeper: ABORTS,
  return: 'until',
  restore: 'is left as it is, and owed,',
};

/** The commands that would make a waiting run go on, the likeliest first. */
export function nextCommands(run: string, waiting: Waiting): string[] {
  const steer = (verb: string): string => `ostler ${verb} ${run} --reason "..."`;
  switch (waiting.for) {
    case 'promotion':
      return [steer('promote'), steer('abort')];
    case 'failures':
      return [steer('retry'), steer('skip'), steer('abort')];
    case 'person':
      return [steer('resume'), steer('abort')];
    case 'return':
      return [`ostler return ${nodeOf(run)} --reason "..."`, steer('abort')];
    case 'restore':
      return [steer('retry'), steer('skip')];
    case 'budget':
    case 'keeper':
      return ['ostler locks', steer('resume'), steer('abort')];
  }
}

/** The controller that a failover is about, by the run's name. */
const nodeOf = (run: string): string => run.replace(/@.*$/, '').split('/').at(-1) ?? run;

/** Why a run stands still, until when, and what to type: one line for each. */
export function waitingLines(run: string, waiting: Waiting, style: { colour: boolean; now: number }): string[] {
  const { yellow, dim } = pc.createColors(style.colour);
  const left = Math.max(0, waiting.deadline - style.now);
  return [
    yellow(`${headings[waiting.for]}: ${printable(waiting.why)}`),
    dim(`${afterwards[waiting.for]} ${localTime(waiting.deadline)}, in ${formatDuration(left)}`),
    ...nextCommands(run, waiting).map((command) => `  ${command}`),
  ];
}

/** What is worth saying about one host that is not ok: `compute-7 failed: … → …`. */
export function noteLine(node: string, state: HostState, notes: RolloutProgress['notes']): string {
  const note = notes[node];
  const why = note ? `: ${printable(note.why)}` : '';
  return `${node} ${state}${why}${note?.next === undefined ? '' : `; ${printable(note.next)}`}`;
}
