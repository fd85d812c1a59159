import { rolloutRequest } from '../../cli/runs/request.js';
import { planOnWorker, startRollout } from '../../cli/runs/start.js';
import { spawnSimFleet } from '../../lab/sim/remote.js';
import type { Bench, BenchResult, BenchSettings } from '../bench.js';
import { install } from '../installation.js';
import { peakMegabytes } from '../memory.js';
import { measure } from '../statistics.js';
import { timed } from '../turns.js';
import { readHistories } from './histories.js';

/** Design, rule 10; the memory is the issue's. */
const EVENTS_PER_HOST = { atMost: 10 };
const PLAN_BYTES_PER_HOST = { atMost: 64 };
const PLAN_BYTES = { atMost: 1_000_000 };
const OTHER_BYTES = { atMost: 256 * 1024 };
const WORKER_MB = { atMost: 512 };

/** How a run of ten thousand hosts fares: its histories, its worker's memory, its time. Measured once: it takes minutes. */
export const scaleBench: Bench = {
  brief: '10,000 simulated hosts in batches of 100: history, memory, time',
  commands: {},
  run: measureScale,
};

async function measureScale({ quick, undo, say }: BenchSettings): Promise<BenchResult> {
  const [hosts, batch] = quick ? [300, 20] : [10_000, 100];
  const dir = await undo.folder('bench-scale');
  const fleet = await spawnSimFleet({ controllers: 0, computes: hosts, restartMs: 50, sharedHostKey: true, dir });
  undo.push(() => fleet.stop());
  const { client, worker } = await install(fleet.inventory, undo);
  say(`scale: ${hosts} hosts listen, worker ${worker.pid} polls`);

  const who = { cloud: 'sim', actor: 'bench', reason: 'bench', now: Date.now() };
  const request = rolloutRequest('nova-compute', { batch: [batch], maxUnavailable: batch, soak: 0 }, who);
  let proposed: Awaited<ReturnType<typeof planOnWorker>> | undefined;
  const planMs = await timed(async () => {
    proposed = await planOnWorker(client, request);
  });
  if (!proposed) throw new Error('there is no plan');
  say(`scale: planned in ${(planMs / 1_000).toFixed(1)} s; the worker used ${await peakMegabytes(worker.pid)} MB`);
  const run = await startRollout(client, request, proposed);
  const runMs = await timed(() => client.workflow.getHandle(run.workflowId).result());

  const megabytes = await peakMegabytes(worker.pid);
  const history = await readHistories(client, run.workflowId, run.runId);
  const down = await fleet.mostDownAtOnce('nova-compute');
  if (history.restarts !== hosts || down > batch)
    throw new Error(`${history.restarts} of ${hosts} hosts were restarted, ${down} were down at once`);
  say(`scale: ran ${(runMs / 1_000).toFixed(1)} s; the worker used ${megabytes} MB`);
  return {
    findings: [
      measure('events per host', 'events', history.events / hosts, EVENTS_PER_HOST),
      measure('events of the run', 'events', history.events),
      measure('executions (continued as new)', 'executions', history.executions),
      measure('events of the longest execution', 'events', history.mostEvents),
      measure('plan payload per host', 'bytes', history.planBytes / hosts, PLAN_BYTES_PER_HOST),
      measure('plan payload', 'bytes', history.planBytes, PLAN_BYTES),
      measure('largest other payload', 'bytes', history.otherBytes, OTHER_BYTES),
      measure("the worker's memory at its peak", 'MB', megabytes, WORKER_MB),
      measure('plan', 's', planMs / 1_000),
      measure('run', 's', runMs / 1_000),
    ],
    conditions: { hosts, batch },
    samples: {},
  };
}
