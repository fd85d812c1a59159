import { expect } from 'vitest';
import { until } from '../../lab/real/wait.js';
import { keeperId } from '../../workflows/messages/names.js';
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

/** Long enough to be seen soaking. */
const soakMs = 6_000;

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
  const keeper = run.client.workflow.getHandle(keeperId(scene.lane.cloud));
  await until('the keeper to be asked', 60_000, async () => (await keeper.describe()).raw.pendingWorkflowTask);
  await hands.sleep();
  decider.wake();
  await until('the lease to be granted', 60_000, async () =>
    (await run.leases()).some(({ nodes }) => nodes.includes(scene.host(3).name)),
  );
  expect(await run.completed('admitRestart')).toBe(1);
  return run;
}

/** A run whose second batch has its lease and its fences in history, and nothing that follows: the decider sleeps. */
export async function secondBatchAdmitted(
  scene: Scene,
  crew: Crew,
  whileFirstSoaks?: () => Promise<unknown>,
): Promise<RunOnTrial> {
  const run = await secondBatchLeased(scene, crew, whileFirstSoaks);
  await crew.decider.sleep();
  crew.hands.wake();
  await run.untilCompleted('admitRestart', 2);
  return run;
}
