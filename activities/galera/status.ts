import type { GaleraView } from '../../domain/galera.js';

/**
 * Reads what `mysql -N -B -e "SHOW GLOBAL STATUS LIKE 'wsrep%'"` printed: a name and a value on each line, between them a tabulator.
 * @throws {Error} when it is no status of a Galera member
 */
export function parseGaleraStatus(text: string): GaleraView {
  const rows = statusRows(text);
  const row = (name: string): string => {
    const value = rows.get(name);
    if (value === undefined) throw new Error(`the database says no ${name}: it is not a member of a Galera cluster`);
    return value;
  };
  const state = row('wsrep_local_state_comment');
  const size = row('wsrep_cluster_size');
  if (!/^\d+$/.test(size)) throw new Error(`the database says wsrep_cluster_size ${size}, which is no number`);
  return {
    size: Number(size),
    status: row('wsrep_cluster_status'),
    stateUuid: row('wsrep_cluster_state_uuid'),
    ready: row('wsrep_ready') === 'ON',
    connected: row('wsrep_connected') === 'ON',
    state,
    isSynced: state === 'Synced',
  };
}

/** The rows of a status by their names. */
export const statusRows = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const tab = line.indexOf('\t');
      return tab < 0 ? [] : [[line.slice(0, tab), line.slice(tab + 1).trim()] as const];
    }),
  );
