import pc from 'picocolors';
import {
  type ClusterNode,
  type ClusterResource,
  type ControllerAnswer,
  isVip,
  quorumOf,
} from '../../domain/cluster.js';
import type { ClusterFinding } from '../../domain/cluster-finding.js';
import { groupsOf, pcsName } from '../../domain/cluster-resources.js';
import type { Vantage } from '../../domain/cluster-vantage.js';
import { listed } from '../../domain/names.js';
import { type Severity, worst } from '../../domain/severity.js';
import { severityWord } from './severity.js';
import { pairs, type Style, table } from './tables.js';
import { count, printable } from './text.js';

/** What `ostler cluster status` found. */
export interface ClusterPage {
  cloud: string;
  findings: readonly ClusterFinding[];
  controllers: readonly ControllerAnswer[];
  /** The view that the tables show; none when no controller has one. */
  best: Vantage | undefined;
}

type Colour = Pick<Style, 'colour'>;

/** Trouble first. */
const ORDER: readonly Severity[] = ['error', 'warn', 'ok'];

/** The cluster on one page: what is wrong and what to do about it, who is in it, what runs where, and the sum of it all. */
export function clusterText(page: ClusterPage, style: Colour): string {
  const { best } = page;
  const sections = [
    page.findings.map((finding) => findingText(finding, page, style)).join('\n'),
    best && summary(best, style),
    best && nodeTable(best, page, style),
    best && resourceTable(best, page, style),
    sum(page),
  ];
  return sections.filter(Boolean).join('\n\n');
}

function findingText(
  { severity, what, evidence, next, seenBy }: ClusterFinding,
  page: ClusterPage,
  { colour }: Colour,
) {
  const { dim } = pc.createColors(colour);
  const readers = page.controllers.filter(({ state }) => state === 'read').length;
  const by = seenBy.length > 0 && seenBy.length < readers ? `, says ${seenBy.join(' and ')}` : '';
  return [
    `${severityWord(severity, colour)}  ${printable(what)}${by}`,
    `  ${dim(printable(evidence))}`,
    `  ${dim(`→ ${printable(next)}`)}`,
  ].join('\n');
}

const summary = ({ controller, view, nameOf }: Vantage, style: Colour): string =>
  pairs(
    [
      ['quorum', view.quorum === undefined ? 'not known' : view.quorum ? 'yes' : 'no'],
      ['decides', view.dc === undefined ? 'nobody' : printable(nameOf(view.dc))],
      [
        'properties',
        Object.entries(view.properties)
          .map(([key, value]) => printable(`${key}=${value}`))
          .join(', ') || 'defaults',
      ],
      ['as seen by', printable(controller)],
    ],
    style,
  );

function nodeTable({ view, nameOf }: Vantage, { findings, controllers }: ClusterPage, { colour }: Colour): string {
  const own = new Map(controllers.map((answer) => [answer.controller, answer]));
  const rows = view.nodes.map((node) => {
    const name = nameOf(node.name);
    return {
      severity: worst(findings.filter(({ about }) => about === name)),
      cells: [
        name,
        stateOf(node),
        `${view.resources.filter(({ nodes }) => nodes.includes(node.name)).length}`,
        saysOf(own.get(name)),
      ],
    };
  });
  return table(['', 'NODE', 'STATE', 'RUNS', 'SAYS'], troubleFirst(rows, colour), { colour });
}

/** `online, standby`. */
function stateOf(node: ClusterNode): string {
  const states = [
    node.online ? 'online' : 'offline',
    node.unclean && 'unclean',
    node.pending && 'pending',
    (node.standby || node.standbyOnFail) && 'standby',
    node.maintenance && 'maintenance',
    node.shutdown && 'shutting down',
    node.isRemote && 'remote',
  ];
  return states.filter(Boolean).join(', ');
}

/** What a controller says of itself. */
function saysOf(answer: ControllerAnswer | undefined): string {
  if (answer === undefined) return 'not asked';
  if (answer.state === 'read') return quorumOf(answer.view);
  return answer.state === 'stopped' ? 'no cluster' : 'no answer';
}

function resourceTable({ view, nameOf }: Vantage, { findings }: ClusterPage, { colour }: Colour): string | undefined {
  const groups = groupsOf(view.resources).sort((a, b) => Number(b.some(isVip)) - Number(a.some(isVip)));
  if (groups.length === 0) return undefined;
  const rows = groups.map((resources) => {
    const [first] = resources as [ClusterResource];
    const names = [pcsName(first), first.id];
    return {
      severity: worst(findings.filter(({ about }) => about !== undefined && names.includes(about))),
      cells: [
        pcsName(first),
        rolesOf(resources),
        resources
          .flatMap(({ nodes }) => nodes.map(nameOf))
          .sort()
          .join(', ') || '-',
        first.agent ?? '-',
      ],
    };
  });
  return table(['', 'RESOURCE', 'STATE', 'ON', 'AGENT'], troubleFirst(rows, colour), { colour });
}

/** `Started`, of a clone `2 Started, 1 Stopped`, with what is unusual. */
function rolesOf(resources: readonly ClusterResource[]): string {
  const roles = [...new Set(resources.map(({ role }) => role))].map((role) => {
    const number = resources.filter((one) => one.role === role).length;
    return resources.length === 1 ? role : `${number} ${role}`;
  });
  const remarks = (['failed', 'blocked', 'disabled'] as const).filter((key) => resources.some((one) => one[key]));
  if (resources.some(({ managed }) => !managed)) return [...roles, ...remarks, 'unmanaged'].join(', ');
  return [...roles, ...remarks].join(', ');
}

const troubleFirst = (rows: { severity: Severity; cells: string[] }[], colour: boolean): string[][] =>
  [...rows]
    .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
    .map(({ severity, cells }) => [severityWord(severity, colour), ...cells.map(printable)]);

function sum({ cloud, findings, controllers }: ClusterPage): string {
  const number = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  if (findings.length === 0)
    return `${cloud}: the cluster is healthy, as ${listed(controllers.map(({ controller }) => controller))} see it`;
  const parts = [
    number('error') && count(number('error'), 'error'),
    number('warn') && count(number('warn'), 'warning'),
  ];
  return `${cloud}: ${parts.filter(Boolean).join(', ')}`;
}
