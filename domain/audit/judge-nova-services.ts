import type { Finding } from './finding.js';
import { type NodeOf, placeOf } from './place.js';
import { rowText, type ServiceReport, troubleOf } from './service-report.js';

const CHECK = 'nova-services';
const command = 'openstack compute service list --long';

/**
 * What is wrong with the services that report to Nova.
 * @param computes names of the nodes on which nova-compute must be
 */
export function judgeNovaServices(
  rows: readonly ServiceReport[],
  computes: readonly string[],
  nodeOf: NodeOf,
): Finding[] {
  if (rows.length === 0)
    return [
      {
        check: CHECK,
        severity: 'error',
        what: 'Nova lists no service at all, not even a conductor',
        evidence: [{ value: 'an empty list', command }],
        next: 'see whether the database of Nova is the one it should be: an API that has just been installed has no services',
      },
    ];
  return [...rows.flatMap((row) => findingOf(row, nodeOf)), ...unlisted(rows, computes)];
}

function findingOf(row: ServiceReport, nodeOf: NodeOf): Finding[] {
  const trouble = troubleOf(row);
  if (!trouble) return [];
  const { where, ...place } = placeOf(nodeOf, row.host, row.binary);
  return [
    {
      check: CHECK,
      ...place,
      severity: trouble.severity,
      what: `${row.binary} on ${where} is ${trouble.said} for Nova`,
      evidence: [{ value: rowText(row), threshold: 'state up, status enabled', command }],
      next: nextFor(row),
    },
  ];
}

function nextFor({ state, binary, forcedDown }: ServiceReport): string {
  if (state === 'up')
    return `ask who disabled it and why, then \`openstack compute service set --enable HOST ${binary}\``;
  if (forcedDown)
    return 'somebody, or what evacuates computes, has forced it down: make sure that no guest runs there twice, then `openstack compute service set --up`';
  return binary === 'nova-compute'
    ? 'look whether the host is on; an active nova-compute that does not report wants a restart: `ostler restart nova-compute`'
    : `look at the unit of ${binary} and its log; it reports through RabbitMQ and the database`;
}

/** Computes of which Nova lists nothing that may be theirs. A row that may be of two of them is a matter of names. */
function unlisted(rows: readonly ServiceReport[], computes: readonly string[]): Finding[] {
  const labels = new Set(rows.filter(({ binary }) => binary === 'nova-compute').map(({ host }) => labelOf(host)));
  return computes
    .filter((node) => !labels.has(labelOf(node)))
    .map((node) => ({
      check: CHECK,
      node,
      about: 'nova-compute',
      severity: 'warn',
      what: `Nova lists no nova-compute on ${node}, which is a compute in the inventory`,
      evidence: [{ value: 'no row', command }],
      next: 'start nova-compute there and see in its log whether it registers; or take the role from the node in ostler.yaml',
    }));
}

const labelOf = (name: string): string => name.toLowerCase().split('.', 1)[0] as string;
