import { expect } from 'vitest';
import { until } from '../../lab/real/wait.js';
import { hostsPerLane } from './lanes.js';
import type { RunOnTrial } from './run-on-trial.js';
import type { Scene } from './scene.js';
import type { WorkerProcess } from './worker-process.js';

/**
 * A worker in two processes, one that decides and one that acts. To stop the one is to hold a run exactly where the other has
 * brought it.
 */
export interface Crew {
  decider: WorkerProcess;
  hands: WorkerProcess;
}

export const startCrew = async (scene: Scene): Promise<Crew> => ({
  decider: await scene.startWorker('workflows'),
  hands: await scene.startWorker('site'),
});

/** Long enough to be seen soaking, and to do something meanwhile, on a loaded machine; the first 2 s may go by unseen. */
const soakMs = 20_000;

/** For a step that the server makes by itself, tasks that a sleeper took with it and lost included. */
const stepLimitMs = 120_000;

/** A run whose first batch was restarted and soaks. */
export async function soaking(scene: Scene): Promise<RunOnTrial> {
  const run = await scene.begin({ soakMs });
  await run.untilInHand('verifyRestart');
  return run;
}

/** A run of which the first batch's end is recorded, and nothing that follows from it: the decider sleeps. */
export async function firstBatchRecorded(
  scene: Scene,
  { decider }: Crew,
  whileItSoaks?: (run: RunOnTrial) => Promise<unknown>,
): Promise<RunOnTrial> {
  const run = await soaking(scene);
  await whileItSoaks?.(run);
  await decider.sleep();
  expect(await run.inHand('verifyRestart')).toBe(1);
  await run.untilCompleted('verifyRestart');
  return run;
}

/**
 * A run to which the keeper has granted the lease of its second batch, which nobody has heard yet: the one who asked sleeps.
 * @param whileFirstSoaks done to the hosts before any of the second batch is looked at
 */
export async function secondBatchLeased(
  scene: Scene,
  { decider, hands }: Crew,
  whileFirstSoaks?: () => Promise<unknown>,
): Promise<RunOnTrial> {
  const run = await soaking(scene);
  await whileFirstSoaks?.();
  await scene.holdSshd([scene.host(hostsPerLane)]);
  expect(await run.inHand('verifyRestart')).toBe(1);
  // Every host is read before the keeper is asked, and the last one of the lane does not answer.
  await run.untilInHand('admitRestart');
  await decider.sleep();
  await scene.letGo();
  await until('the keeper to be asked', stepLimitMs, () => run.keeperIsAsked());
  await hands.sleep();
  decider.wake();
  await untilLeased(run, scene);
  expect(await run.completed('admitRestart')).toBe(1);
  return run;
}

/** Until the keeper has answered whoever asked it, and the second batch has its lease. */
async function untilLeased(run: RunOnTrial, scene: Scene): Promise<void> {
  await until('the lease to be granted', stepLimitMs, async () => {
    if (await run.keeperIsAsked()) return false;
    return (await run.leases()).some(({ nodes }) => nodes.includes(scene.host(3).name));
  });
}

/**
 * A run whose second batch has its lease and its fences in history, and nothing that follows: the decider sleeps. Hands that slept
 * for longer than a heartbeat may be missed have lost their attempt; the next one asks the keeper anew, which only the decider can
 * answer.
 */
export async function secondBatchAdmitted(
  scene: Scene,
  crew: Crew,
  whileFirstSoaks?: () => Promise<unknown>,
): Promise<RunOnTrial> {
  const { decider, hands } = crew;
  const run = await secondBatchLeased(scene, crew, whileFirstSoaks);
  const isAdmitted = async (): Promise<boolean> => (await run.completed('admitRestart')) === 2;
  for (;;) {
    await decider.sleep();
    hands.wake();
    await until('an admission, or another try', stepLimitMs, async () => (await isAdmitted()) || run.keeperIsAsked());
    if (await isAdmitted()) break;
    await hands.sleep();
    decider.wake();
    await untilLeased(run, scene);
  }
  expect((await run.answers('admitRestart'))[1]).toMatchObject({ admitted: true });
  return run;
}
