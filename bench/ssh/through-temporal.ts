import { createRunOnHost } from '../../activities/hosts.js';
import { createSshPool } from '../../activities/ssh/pool.js';
import { createObserver } from '../../activities/systemd/observe.js';
import { rolloutRequest } from '../../cli/runs/request.js';
import { planOnWorker } from '../../cli/runs/start.js';
import { type CatalogueEntry, catalogue } from '../../domain/catalogue.js';
import { loadInventory } from '../../inventory/load.js';
import type { BenchResult, BenchSettings } from '../bench.js';
import { install } from '../installation.js';
import { slowdown } from '../statistics.js';
import { takeTurns, timed } from '../turns.js';
import type { Farm } from './farm.js';

/**
 * What Temporal adds: the plan of a rolling restart, which reads every host, made through a real server and worker; and the same
 * reads without them. Connections are there in both; nothing is promised of the ratio.
 */
export async function throughTemporal(
  farm: Farm,
  { rounds, undo, say }: Pick<BenchSettings, 'rounds' | 'undo' | 'say'>,
): Promise<Pick<BenchResult, 'findings' | 'samples'>> {
  const { client } = await install(farm.inventoryFile, undo);
  const who = { cloud: 'bench', actor: 'bench', reason: 'bench', now: Date.now() };
  const request = rolloutRequest('nova-compute', {}, who);
  const planned = async (): Promise<void> => {
    const { plan } = await planOnWorker(client, request);
    if (plan.nodes.length !== farm.addresses.length) throw new Error(`the plan has ${plan.nodes.length} hosts only`);
  };

  const site = await loadInventory(farm.inventoryFile);
  const pool = createSshPool({ maxConnections: farm.addresses.length });
  undo.push(() => pool.close());
  const observer = createObserver(site, createRunOnHost(site, pool));
  const names = site.nodes.map(({ name }) => name);
  const swept = async (): Promise<void> => {
    const seen = await observer.sweep(names, catalogue.get('nova-compute') as CatalogueEntry);
    const silent = [...seen.values()].find((one) => 'unreachable' in one);
    if (silent) throw new Error(JSON.stringify(silent));
  };

  await Promise.all([planned(), swept()]);
  const samples = await takeTurns(
    { 'through temporal': () => timed(planned), 'the same reads directly': () => timed(swept) },
    rounds,
    (name, ms) => say(`ssh: ${name} ${ms.toFixed(0)} ms`),
  );
  const direct = 'the same reads directly';
  const ours = samples['through temporal'];
  return {
    findings: [slowdown({ name: 'a plan end to end through Temporal', ours, peer: [direct, samples[direct]] })],
    samples,
  };
}
