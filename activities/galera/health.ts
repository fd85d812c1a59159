import type { GaleraHealth } from '../../domain/audit/judge-galera.js';
import { parseGaleraStatus, statusRows } from './status.js';

/**
 * Reads what `mysql -N -B -e "SHOW GLOBAL STATUS LIKE 'wsrep%'"` printed, averages included.
 * @returns undefined for a database that is no member of a Galera cluster
 * @throws {Error} when it is something else
 */
export function parseGaleraHealth(text: string): GaleraHealth | undefined {
  const rows = statusRows(text);
  // Without a provider MariaDB has some of the rows, and MySQL none: neither says what state its member is in.
  if (text.trim() !== '' && rows.size === 0)
    throw new Error(`the database does not answer with a status: ${text.trim().slice(0, 120)}`);
  if (!rows.has('wsrep_local_state_comment')) return undefined;
  const paused = numberIn(rows, 'wsrep_flow_control_paused');
  const queue = numberIn(rows, 'wsrep_local_recv_queue_avg');
  return {
    ...parseGaleraStatus(text),
    ...(paused !== undefined && { flowControlPaused: paused }),
    ...(queue !== undefined && { receiveQueue: queue }),
  };
}

function numberIn(rows: ReadonlyMap<string, string>, name: string): number | undefined {
  const value = Number(rows.get(name) || Number.NaN);
  return Number.isNaN(value) ? undefined : value;
}
