import pc from 'picocolors';
import type { ServiceState, ServiceStatus } from '../../domain/service-status.js';
import type { Severity } from '../../domain/severity.js';
import { severityWord } from './severity.js';
import { type Style, table } from './tables.js';
import { count, printable } from './text.js';

/** Trouble first. */
const ORDER: readonly Severity[] = ['error', 'warn', 'ok'];

/** What is told of each service that is in trouble, at most; `--json` has all. */
const MOST_TOLD = 20;

/** How services are, on one page: what is wrong and what to do about it, and then every service on every host that has it. */
export function servicesText(cloud: string, services: readonly ServiceStatus[], style: Pick<Style, 'colour'>): string {
  const { dim } = pc.createColors(style.colour);
  const installed = services.filter(({ state }) => state !== 'not installed');
  const sorted = [...installed].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  const troubled = sorted.filter(({ severity }) => severity !== 'ok');
  const told = troubled
    .slice(0, MOST_TOLD)
    .map(({ severity, service, node, state, why, next }) =>
      [
        `${severityWord(severity, style.colour)}  ${service} on ${printable(node)} is ${state}${why === undefined ? '' : `: ${printable(why)}`}`,
        ...(next === undefined ? [] : [`  ${dim(`→ ${printable(next)}`)}`]),
      ].join('\n'),
    );
  if (troubled.length > told.length) told.push(dim(`and ${troubled.length - told.length} more, in the table`));
  const rows = sorted.map((one) => [
    severityWord(one.severity, style.colour),
    ...[one.service, one.node, one.state, one.atBoot ?? '-', one.manager, one.name ?? '-'].map(printable),
  ]);
  const sections = [
    told.join('\n'),
    rows.length > 0 && table(['', 'SERVICE', 'NODE', 'STATE', 'AT BOOT', 'BY', 'NAME'], rows, style),
    sum(cloud, services),
  ];
  return sections.filter(Boolean).join('\n\n');
}

/** `prod: 12 healthy, 1 failed; 4 not installed`. */
function sum(cloud: string, services: readonly ServiceStatus[]): string {
  const number = (state: ServiceState): number => services.filter((one) => one.state === state).length;
  const states = (['healthy', 'failed', 'unhealthy', 'unknown', 'inactive', 'masked'] as const)
    .filter((state) => number(state) > 0)
    .map((state) => `${number(state)} ${state}`);
  const absent = number('not installed');
  const rest =
    absent > 0
      ? `${states.length > 0 ? '; ' : ''}${count(absent, 'service')} not installed where there could be one`
      : '';
  return `${cloud}: ${states.join(', ')}${rest}`;
}
