import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODES_AT_ONCE } from '../../activities/audit/index.js';
import { loadInventory } from '../../inventory/load.js';
import { startFarm } from '../ssh/farm.js';
import type { Undo } from '../undo.js';
import type { Task } from './auditors.js';
import { scriptOf } from './script.js';
import { writeSite } from './site.js';
import { answerAtOnce } from './stand-in.js';

/** Hosts, and what there is to do on them. */
export interface Prepared {
  readonly task: Task;
  readonly scriptBytes: number;
  /** Missing where the script really runs. */
  readonly answerBytes?: number;
}

/** Hosts that run the script. All of them are this machine, whose processor is what their readings cost. */
export async function realHosts(count: number, undo: Undo): Promise<Prepared> {
  const farm = await startFarm(count, undo);
  const siteFile = await writeSite(farm);
  const { script, nonce } = await scriptOf(await loadInventory(siteFile));
  const scriptFile = join(farm.dir, 'audit.sh');
  await writeFile(scriptFile, script);
  const task = { farm, hosts: count, fanout: NODES_AT_ONCE, siteFile, scriptFile, nonce };
  return { task, scriptBytes: script.length };
}

/** Hosts that answer any script with what one of them has said to the first, so that clients are measured and not the reading. */
export async function instantHosts(count: number, undo: Undo): Promise<Required<Prepared>> {
  const real = await realHosts(count, undo);
  return { ...real, answerBytes: (await answerAtOnce(real.task)).length };
}
