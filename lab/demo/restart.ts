import { setTimeout as wait } from 'node:timers/promises';
import { listed } from '../../domain/names.js';
import type { DevServer } from '../../worker/server/dev-server.js';
import { rolloutId } from '../../workflows/messages/names.js';
import type { RemoteSimFleet } from '../sim/remote.js';
import { complaints, countLines, type Evidence } from './judge.js';
import { beforeItEnds, bold, isTerminal, judged, Operator, red, say, step, yellow } from './narrator.js';
import { ObservedRun } from './run.js';
import type { Stage } from './stage.js';
import { cloud, type Ending, setUp } from './story.js';

const target = 'nova-compute';
const workflowId = rolloutId('restart', cloud, target);
const budget = 3;
/** The third batch of the plan: the worker is killed when the restarts of these are under way. */
const underTheKill = ['compute-5', 'compute-6', 'compute-7'];
/** In the fourth batch. */
const failing = 'compute-9';
/** What a person needs to read why the run waits. */
const readingMs = 4_000;

/** A rolling restart with a worker that is killed at work and a host that does not come back. */
export async function restart(stage: Stage): Promise<Ending> {
  say(`${bold('A rolling restart of nova-compute on twelve hosts.')} We kill Ostler in the middle of it.`, '');
  const { server, fleet, worker, env } = await setUp(stage, { controllers: 3, computes: 12, restartMs: 1_000 });
  await fleet.host(failing).failNextStart();

  const operator = new Operator(stage, env);
  const flags = ['--batch', '1,3', '--max-unavailable', String(budget), '--soak', '1s'];
  const restarted = operator.onScreen('restart', target, ...flags, '--reason', 'DEMO-1: new oslo.messaging', '--yes');
  await beforeItEnds(restarted, killAtWork(stage, server, fleet, worker));

  const run = await ObservedRun.at(server.address, workflowId);
  // On a terminal `restart` goes on watching while the run waits for a person; elsewhere it leaves and says so.
  if (isTerminal) await beforeItEnds(restarted, run.waitsFor('failures'));
  else if ((await restarted) !== 7)
    throw new Error('`ostler restart` ended, but not because the run waits for a person');
  const { name, page } = await run.identity(server.uiUrl);
  if (!isTerminal) say('');
  step(`${failing} did not come back, as arranged. ${yellow('The run waits')}: Ostler never repeats a failed`);
  say('  start by itself. A person reads why, mends it, and asks for another.', '');
  if (isTerminal) await wait(readingMs);
  await operator.aside('retry', name, failing, '--reason', 'DEMO-1: compute_driver corrected in nova.conf');
  const code = await (isTerminal ? restarted : operator.onScreen('watch', name));

  const evidence = await gather(fleet);
  say('', bold('How often each host started its unit, as its own PID 1 counted:'));
  judged(countLines(evidence));
  say('', `  Most down at once  ${evidence.mostDown} (budget ${budget})`);
  return {
    run: name,
    page,
    wrong: [...complaints(evidence), ...(code === 0 ? [] : [`Ostler ended with exit code ${code}`])],
    moral: 'Killed at work and let down by a host: still nothing was restarted twice.',
    next: [`ostler show ${target}`, `ostler restart ${target} --on compute-1,compute-2 --reason "my first one"`],
    address: server.address,
    inventory: fleet.inventory,
  };
}

/** Kills the worker when it has ordered restarts and heard of none, and starts another. */
async function killAtWork(
  stage: Stage,
  server: DevServer,
  fleet: RemoteSimFleet,
  worker: { pid: number; kill(): Promise<void> },
): Promise<void> {
  /** Those whose restart has begun. */
  const begun = async (): Promise<string[]> => {
    const truths = await Promise.all(underTheKill.map((name) => fleet.host(name).truth()));
    return underTheKill.filter((_, index) => truths[index]?.stops.length !== 0);
  };
  while ((await begun()).length === 0) await wait(20);
  await worker.kill();
  const hit = await begun();
  say('');
  step(`${red(`kill -9 ${worker.pid}`)}: the worker is dead. It was restarting ${listed(hit)}.`);
  say('  Their systemd carries on by itself; Temporal misses the heartbeat after 10 s.');
  const second = await stage.startWorker(server.address, fleet.inventory);
  step(`Another worker, pid ${second.pid}. It asks each host what became of the order that was`);
  say('  on its way: one that has arrived is never given a second time.', '');
}

/** Asks the hosts, not Ostler. */
async function gather(fleet: RemoteSimFleet): Promise<Evidence> {
  const computes = fleet.hosts.filter(({ role }) => role === 'compute');
  const hosts = await Promise.all(
    computes.map(async (host) => {
      const [unit, { starts, outages }] = await Promise.all([host.unitName(target), host.truth()]);
      const mine = <T extends { unit: string }>(events: readonly T[]): T[] => events.filter((one) => one.unit === unit);
      const up = mine(outages).every(({ until }) => until !== undefined);
      return { name: host.name, starts: mine(starts).length, up };
    }),
  );
  return { hosts, failing, budget, mostDown: await fleet.mostDownAtOnce(target) };
}
