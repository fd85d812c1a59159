import { parse } from 'csv-parse/sync';
import type { HaproxyView } from '../../domain/haproxy.js';

/** What was read is no CSV of HAProxy's: an admin socket answers a refusal in words, and with exit 0. */
export class NotStatistics extends Error {
  override name = 'NotStatistics';
}

/**
 * Reads the CSV of `show stat`, by the names in its first line: columns grow with every version, and each line ends with a comma. An empty
 * line ends the answer; without it the rest is missing, and servers with it.
 * @throws {NotStatistics} for anything else
 */
export function parseStat(text: string): HaproxyView {
  if (!text.trimStart().startsWith('# pxname,svname,'))
    throw new NotStatistics(
      `HAProxy does not answer with statistics: ${text.trim().slice(0, 120) || 'it says nothing'}`,
    );
  if (!/\n\r?\n\s*$/.test(text)) throw new NotStatistics("the answer of HAProxy's statistics breaks off");
  const view: HaproxyView = { frontends: [], backends: [], servers: [] };
  for (const row of rowsOf(text.trim().slice(2))) {
    const { pxname: proxy = '', svname: server = '', status = '', bck, scur } = row;
    if (proxy === '' || status === '')
      throw new NotStatistics(`this is no row of HAProxy's statistics: ${Object.values(row).join(',').slice(0, 120)}`);
    if (server === 'FRONTEND') view.frontends.push({ proxy, status });
    else if (server === 'BACKEND') view.backends.push({ proxy, status });
    else view.servers.push({ proxy, server, status, isBackup: Number(bck) > 0, sessions: Number(scur || 0) });
  }
  return view;
}

function rowsOf(csv: string): Partial<Record<string, string>>[] {
  try {
    return parse(csv, { columns: true, relax_column_count: true });
  } catch (error) {
    throw new NotStatistics(`HAProxy does not answer with statistics: ${(error as Error).message}`, { cause: error });
  }
}
