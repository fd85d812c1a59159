import { expect } from 'vitest';
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
 * A run whose second batch is being admitted by a worker that waits for the last host of the lane to be heard; the decider
 * sleeps. `scene.letGo()` lets the admission go on.
 */
export async function secondBatchBeingAdmitted(
  scene: Scene,
  { decider }: Crew,
  whileFirstSoaks?: () => Promise<unknown>,
): Promise<RunOnTrial> {
  const run = await soaking(scene);
  await whileFirstSoaks?.();
  await scene.holdSshd([scene.host(6)]);
  expect(await run.inHand('verifyRestart')).toBe(1);
  await run.untilInHand('admitRestart');
  await decider.sleep();
  return run;
}

/** A run whose second batch has its lease and its fences in history, and nothing else: the decider sleeps. */
export async function secondBatchAdmitted(
  scene: Scene,
  crew: Crew,
  whileFirstSoaks?: () => Promise<unknown>,
): Promise<RunOnTrial> {
  const run = await secondBatchBeingAdmitted(scene, crew, whileFirstSoaks);
  await scene.letGo();
  await run.untilCompleted('admitRestart', 2);
  return run;
}
