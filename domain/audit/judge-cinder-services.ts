import type { Finding } from './finding.js';
import { type NodeOf, placeOf } from './place.js';
import { rowText, type ServiceReport, troubleOf } from './service-report.js';

const command = 'openstack volume service list';

/**
 * What is wrong with the services that report to Cinder, one cinder-volume for each backend (`host@backend`).
 * @param backupOnDemand whether a cinder-backup that is down is as it should be
 */
export const judgeCinderServices = (
  rows: readonly ServiceReport[],
  backupOnDemand: boolean,
  nodeOf: NodeOf,
): Finding[] =>
  rows
    .filter((row) => !isLeftover(row) && !(backupOnDemand && isAtRest(row)))
    .flatMap((row) => {
      const trouble = troubleOf(row);
      if (!trouble) return [];
      const [host = '', backend] = row.host.split('@', 2);
      const thing = backend === undefined ? row.binary : `${row.binary}@${backend}`;
      const { where, ...place } = placeOf(nodeOf, host, thing);
      return [
        {
          check: 'cinder-services',
          ...place,
          severity: trouble.severity,
          what: `${row.binary} on ${where}${backend === undefined ? '' : ` for the backend ${backend}`} is ${trouble.said} for Cinder`,
          evidence: [{ value: `${row.host}: ${rowText(row)}`, threshold: 'state up, status enabled', command }],
          next:
            trouble.severity === 'warn'
              ? `ask who disabled it and why, then \`openstack volume service set --enable ${row.host} ${row.binary}\``
              : `look at the log of ${row.binary} there: is its ${backend === undefined ? 'database or RabbitMQ' : 'storage'} out of reach?`,
        },
      ];
    });

/** What cinder-volume was called before it had backends. */
const isLeftover = ({ binary, host, status, state }: ServiceReport): boolean =>
  binary === 'cinder-volume' && !host.includes('@') && status === 'disabled' && state === 'down';

const isAtRest = ({ binary, state }: ServiceReport): boolean => binary === 'cinder-backup' && state === 'down';
