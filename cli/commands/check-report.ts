import pc from 'picocolors';
import type { Severity } from '../../domain/severity.js';
import { severityWord } from '../render/severity.js';
import { table } from '../render/tables.js';
import { count, printable } from '../render/text.js';
import type { CheckedNode, CheckedUnit } from './check-findings.js';

/** Trouble first. */
const ORDER: readonly Severity[] = ['error', 'warn', 'ok'];

/** The table of a check, what to do about each trouble, and the sum of it all. Ends with a newline. */
export function renderCheck(cloud: string, nodes: readonly CheckedNode[], { colour }: { colour: boolean }): string {
  const paint = pc.createColors(colour);
  const sorted = [...nodes].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  const rows = sorted.map((node) => [
    severityWord(node.severity, colour),
    printable(node.node),
    printable(node.address),
    String(node.systemd ?? '-'),
    ...(['permitted', 'journal'] as const).map((question) => yesOrNo(node, question)),
    printable(
      node.units
        .filter(({ unit }) => unit)
        .map(unitText)
        .join(', ') || '-',
    ),
  ]);
  const drawn = table(['', 'NODE', 'ADDRESS', 'SYSTEMD', 'SUDO', 'JOURNAL', 'UNITS'], rows, { colour });
  const troubles = grouped(sorted).map(
    ({ severity, what, next, names }) =>
      `${severityWord(severity, colour)}  ${printable(names.join(', '))}: ${printable(what)}\n  ${paint.dim(`→ ${printable(next)}`)}`,
  );
  return `${[drawn, ...(troubles.length > 0 ? ['', ...troubles] : []), '', sum(cloud, nodes)].join('\n')}\n`;
}

const unitText = ({ unit, active }: CheckedUnit): string => (active === 'active' ? `${unit}` : `${unit} (${active})`);

function yesOrNo(node: CheckedNode, question: 'permitted' | 'journal'): string {
  if (node.systemd === undefined) return '-';
  if (question === 'journal') return node.journal ? 'yes' : 'no';
  const answers = node.units.flatMap(({ permitted }) => (permitted === undefined ? [] : [permitted]));
  if (answers.length === 0) return '-';
  return answers.every(Boolean) ? 'yes' : 'no';
}

/** One trouble that many hosts share is told once, with as many names as fit a line. */
function grouped(nodes: readonly CheckedNode[]) {
  const groups = new Map<string, { severity: Severity; what: string; next: string; names: string[] }>();
  for (const { node, findings } of nodes) {
    for (const finding of findings) {
      const key = JSON.stringify([finding.severity, finding.what, finding.next]);
      const group = groups.get(key) ?? { ...finding, names: [] };
      group.names.push(node);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ names, ...finding }) => ({
    ...finding,
    names: names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} more`] : names,
  }));
}

function sum(cloud: string, nodes: readonly CheckedNode[]): string {
  const number = (severity: Severity): number => nodes.filter((node) => node.severity === severity).length;
  const parts = [`${number('ok')} ok`, number('warn') && `${number('warn')} with warnings`];
  parts.push(number('error') && `${number('error')} with errors`);
  return `${printable(cloud)}: ${count(nodes.length, 'host')}, ${parts.filter(Boolean).join(', ')}`;
}
