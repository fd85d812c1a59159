import { readFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import { createRunOnHost } from '../../activities/hosts.js';
import { createSshPool } from '../../activities/ssh/pool.js';
import { loadInventory } from '../../inventory/load.js';
import { keepHeapSmall } from '../../worker/memory.js';
import { bareLoop } from '../ssh/bare-loop.js';
import type { Farm } from '../ssh/farm.js';
import type { Sweeper } from '../sweep-when-told.js';
import { audited, expectEnd } from './script.js';

/** What a process needs to know to ask hosts of a farm. */
export interface Task {
  readonly farm: Farm;
  /** Hosts asked, the first of the farm. */
  readonly hosts: number;
  readonly fanout: number;
  readonly siteFile: string;
  /** A file with the script, for the one who does not make it. */
  readonly scriptFile: string;
  readonly nonce: string;
}

/** Ostler, as a worker audits: makes the script of each host, runs it, and judges what it says. */
async function ostler({ hosts, fanout, siteFile }: Task): Promise<Sweeper> {
  keepHeapSmall();
  const site = await loadInventory(siteFile);
  const names = site.nodes.slice(0, hosts).map(({ name }) => name);
  const pool = createSshPool({ maxConnections: hosts, idleCloseMs: 3_600_000 });
  const run = createRunOnHost(site, pool);
  const limit = pLimit(fanout);
  const { signal } = new AbortController();
  return {
    async sweep() {
      const found = await Promise.all(names.map((name) => limit(audited, site, run, name, signal)));
      if (found.some(({ findings }) => findings.length === 0))
        throw new Error('a host had no findings, so nothing was judged');
    },
  };
}

/** The same script by a bare loop, which throws away what it hears. */
const bare = async ({ farm, hosts, fanout, scriptFile, nonce }: Task): Promise<Sweeper> =>
  bareLoop(farm, {
    addresses: farm.addresses.slice(0, hosts),
    script: await readFile(scriptFile, 'utf8'),
    fanout,
    expect: expectEnd(nonce),
  });

export const auditors = { ostler, bare } as const;
