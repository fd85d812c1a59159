import { batchesOf } from '../../domain/plan.js';
import { hostStates, tally } from '../../domain/progress.js';
import type { RunBook } from './run-state.js';

/** Rows shown of each table: the UI's panel is for a glance, `ostler show` has the rest. */
const MOST_ROWS = 20;

/** The live picture of a run in the Temporal UI, as Markdown: what it waits for, its batches, and the hosts with something to say. */
export function detailsOf(book: RunBook<unknown>): string {
  const { plan, state, request } = book;
  const { progress } = state;
  const counts = tally(progress.states);
  const summary = Object.keys(hostStates)
    .map((name) => ({ name, count: counts[name as keyof typeof counts] }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`)
    .join(', ');

  let place = 0;
  const batches = batchesOf(plan).map((nodes, index) => {
    const states = tally(progress.states.slice(place, place + nodes.length));
    place += nodes.length;
    const done = nodes.length - states.pending - states.running;
    return { index, nodes, done, active: states.running > 0 || (done > 0 && done < nodes.length) };
  });
  const from = Math.max(0, Math.min(progress.batch - 5, batches.length - MOST_ROWS));
  const shown = batches.slice(from, from + MOST_ROWS);

  return [
    `**${request.operation} ${request.target}** on ${plan.nodes.length} hosts of ${request.cloud}, for ${request.actor}: ${request.reason}`,
    `${progress.outcome ?? progress.step ?? progress.phase} · ${summary}`,
    ...(progress.waiting ? [`**waits**: ${progress.waiting.why}`] : []),
    ...(progress.ending ? [progress.ending] : []),
    table(
      ['batch', 'hosts', 'done'],
      shown.map(({ index, nodes, done, active }) => [
        `${index + 1} of ${batches.length}${active ? ' ◀' : ''}`,
        nodes.length > 3 ? `${nodes[0]} … ${nodes.at(-1)}` : nodes.join(', '),
        `${done} of ${nodes.length}`,
      ]),
    ),
    ...(Object.keys(progress.notes).length > 0
      ? [
          table(
            ['host', 'state', 'why'],
            Object.entries(progress.notes)
              .slice(-MOST_ROWS)
              .map(([node, { why }]) => [node, book.stateOf(node), why.replaceAll('|', '\\|').replaceAll('\n', ' ')]),
          ),
        ]
      : []),
  ].join('\n\n');
}

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
