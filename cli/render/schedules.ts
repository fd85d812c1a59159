import pc from 'picocolors';
import { writeInstant } from '../../domain/instant.js';
import { auditInWords, exactly, type Schedule, type ScheduleChange, timesInWords } from '../../domain/schedules.js';
import type { LastRun } from '../schedules/last-run.js';
import type { ListedSchedule } from '../schedules/list.js';
import { pairs } from './tables.js';
import { count, printable } from './text.js';

interface Colour {
  colour: boolean;
}

/** What applying the inventory would do, a schedule after the other, field by field where one is changed. */
export function changesText(changes: readonly ScheduleChange[], { colour }: Colour): string {
  const { green, yellow, red, dim } = pc.createColors(colour);
  return changes
    .map((change): string => {
      const name = printable(change.name);
      switch (change.kind) {
        case 'create':
          return green(`+ create ${name}: ${inOneLine(change.wanted)}${change.wanted.paused ? ', paused' : ''}`);
        case 'change':
          return [
            yellow(`~ change ${name}${change.isEdited ? ' (edited by hand since it was applied)' : ''}`),
            ...change.fields.map(({ field, from, to }) => `    ${field}: ${printable(from)} → ${printable(to)}`),
          ].join('\n');
        case 'delete':
          return red(`- delete ${name}: ${inOneLine(change.found)}`);
        case 'unchanged':
          return dim(`= ${name} is as it should be${pauseKept(change)}`);
        default:
          return dim(`! ${name} was not made by ostler schedule apply and is left alone`);
      }
    })
    .join('\n');
}

const pauseKept = (change: Extract<ScheduleChange, { kind: 'unchanged' }>): string =>
  change.found.paused && !change.wanted.paused ? `, and stays paused (${printable(change.found.state)})` : '';

const inOneLine = (schedule: Schedule): string =>
  printable(`${auditInWords(schedule.audit)}, ${timesInWords(schedule)} (${schedule.timeZone})`);

const participles = { create: 'created', change: 'changed', delete: 'deleted', unchanged: 'unchanged' } as const;

/** `1 created, 2 unchanged`. */
export function changesInWords(changes: readonly ScheduleChange[]): string {
  const counts = Object.entries(participles).map(([kind, participle]) => {
    const number = changes.filter((change) => change.kind === kind).length;
    return number === 0 ? [] : [`${number} ${participle}`];
  });
  return counts.flat().join(', ') || 'nothing';
}

/** Schedules, each a few lines under its name. Times are by its own clock. */
export function schedulesText(schedules: readonly ListedSchedule[], style: Colour): string {
  const { bold } = pc.createColors(style.colour);
  return schedules
    .map((schedule) => `${bold(printable(schedule.name))}\n${indented(pairs(linesOf(schedule, style), style))}`)
    .join('\n\n');
}

const indented = (text: string): string => text.replace(/^/gm, '  ');

function linesOf(schedule: ListedSchedule, { colour }: Colour): [string, string | undefined][] {
  const { yellow } = pc.createColors(colour);
  const { timeZone, paused, state, last, missed, skipped } = schedule;
  const at = (time: string): string => writeInstant(Date.parse(time), timeZone);
  const next = schedule.next.map(at).join(', ') || 'never';
  return [
    ['what', printable(schedule.what)],
    ['when', printable(`${schedule.when} (${timeZone})${withJitter(schedule)}`)],
    ['next', paused ? yellow('paused') : next],
    [paused ? 'why' : 'state', state === '' || state === schedule.note ? undefined : printable(state)],
    ['last', last ? `${at(last.at)}  ${howItEnded(last)}  ${printable(last.run)}` : 'not yet'],
    ['missed', missed === 0 ? undefined : yellow(`${count(missed, 'time')} while Temporal was down too long`)],
    ['skipped', skipped === 0 ? undefined : `${count(skipped, 'time')} because one before still went on`],
    [
      'edited',
      schedule.edited ? yellow(`by hand since it was applied; see \`ostler schedule apply --dry-run\``) : undefined,
    ],
    ['note', printable(schedule.note)],
  ];
}

const howItEnded = ({ status, outcome }: LastRun): string =>
  outcome === undefined ? status : `${status}, ${printable(outcome)}`;

const withJitter = ({ jitterMs }: ListedSchedule): string =>
  jitterMs === 0 ? '' : `, up to ${exactly(jitterMs)} late`;
