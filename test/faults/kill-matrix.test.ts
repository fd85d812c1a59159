import { describe, expect, it } from 'vitest';
import { until } from '../../lab/real/wait.js';
import { lanes } from './lanes.js';
import { type Crew, firstBatchRecorded, secondBatchAdmitted, secondBatchLeased, soaking, startCrew } from './reach.js';
import type { Account, RunOnTrial } from './run-on-trial.js';
import { Scene } from './scene.js';
import type { WorkerProcess } from './worker-process.js';

interface Point {
  /** Brings a run to the point, and says so only when it provably is there. */
  reach(scene: Scene, crew: Crew): Promise<RunOnTrial>;
  /** What a person does when the run is there and another worker has come. */
  person?(run: RunOnTrial): Promise<unknown>;
  account?: Account;
  outcome?: 'aborted';
  /** Events after which the server suggests to continue as new. */
  suggestContinueAsNewAfter?: number;
}

const everyHostOnce: Account = { states: 'oooo', starts: [1, 1, 1, 1] };

const points = {
  planned: {
    async reach(scene, { decider }) {
      await scene.holdSshd([scene.host(1)]);
      const run = await scene.begin();
      await run.untilInHand('planRollout');
      await decider.sleep();
      await scene.letGo();
      await run.untilCompleted('planRollout');
      return run;
    },
  },
  'lease held': { reach: (scene, crew) => secondBatchLeased(scene, crew) },
  'fence recorded': {
    async reach(scene, crew) {
      const run = await secondBatchAdmitted(scene, crew);
      await scene.holdSshd([scene.host(3), scene.host(4)]);
      crew.decider.wake();
      await run.untilInHand('restartUnit', 2);
      return run;
    },
  },
  'exec sent and unanswered': {
    async reach(scene) {
      const batch = [scene.host(1), scene.host(2)];
      await scene.holdSudo(batch);
      const run = await scene.begin();
      await scene.untilSudoWaits(batch);
      return run;
    },
  },
  'intent running': {
    async reach(scene) {
      const batch = [scene.host(1), scene.host(2)];
      await scene.holdUnit(batch, 'slow-start');
      const run = await scene.begin();
      await run.untilIntentsRun(batch);
      return run;
    },
  },
  soaking: { reach: (scene) => soaking(scene) },
  'at the barrier': { reach: (scene, crew) => firstBatchRecorded(scene, crew) },
  'continuing as new': {
    suggestContinueAsNewAfter: 20,
    async reach(scene, crew) {
      const run = await firstBatchRecorded(scene, crew);
      const first = await run.executionId();
      await crew.hands.sleep();
      crew.decider.wake();
      await until('the run to continue as new', 60_000, async () => (await run.executionId()) !== first);
      return run;
    },
  },
  paused: {
    // The run continues as new on its way into the pause, which must not make it forget the lease it holds.
    suggestContinueAsNewAfter: 20,
    async reach(scene) {
      const run = await soaking(scene);
      await run.tell('pause');
      expect(await run.untilWaiting()).toMatchObject({ states: 'oo..', waiting: { for: 'person' } });
      await until('the lease to be given back', 60_000, async () => (await run.leases()).length === 0);
      return run;
    },
    async person(run) {
      expect(await run.untilWaiting()).toMatchObject({ states: 'oo..', waiting: { for: 'person' } });
      await run.tell('resume');
    },
  },
  compensating: {
    async reach(scene, crew) {
      const run = await firstBatchRecorded(scene, crew, (begun) => begun.tell('abort'));
      await crew.hands.sleep();
      crew.decider.wake();
      await run.untilInHand('releaseBudget');
      expect(await run.leases()).toHaveLength(1);
      return run;
    },
    outcome: 'aborted',
    account: { states: 'oo..', starts: [1, 1] },
  },
} satisfies Record<string, Point>;

interface Blow {
  strike(worker: WorkerProcess): Promise<void>;
  /** After another worker has brought the run to its end. */
  afterwards(worker: WorkerProcess): Promise<void>;
}

const blows: Record<string, Blow> = {
  'SIGKILL of the worker': {
    strike: (worker) => worker.kill(),
    afterwards: async () => {},
  },
  'SIGSTOP of the worker, which wakes after another has finished': {
    strike: (worker) => worker.sleep(),
    async afterwards(worker) {
      worker.wake();
      await worker.retire();
    },
  },
};

const onLane = lanes('kill-matrix', 4);

describe.concurrent.each(Object.entries<Point>(points))('a run that is %s', (_name, point) => {
  it.each(Object.entries(blows))('survives %s', (_blow, { strike, afterwards }) =>
    onLane((lane) => Scene.set(lane, (scene) => play(scene, point, { strike, afterwards }), dynamicConfig(point))),
  );
});

const dynamicConfig = ({ suggestContinueAsNewAfter: count }: Point) =>
  count === undefined ? {} : { 'limit.historyCount.suggestContinueAsNew': count };

async function play(scene: Scene, point: Point, { strike, afterwards }: Blow): Promise<void> {
  const crew = await startCrew(scene);
  const run = await point.reach(scene, crew);
  await Promise.all([strike(crew.decider), strike(crew.hands)]);
  await scene.startWorker();
  await scene.letGo();
  await point.person?.(run);
  const { outcome } = await run.untilEnded();
  expect(outcome).toBe(point.outcome ?? 'ok');
  await Promise.all([afterwards(crew.decider), afterwards(crew.hands)]);
  await scene.wakeSudo(scene.lane.hosts);
  await run.expectAccount(point.account ?? everyHostOnce);
}

describe.concurrent('a worker that wakes late', () => {
  it('restarts nothing on what it saw before it slept, though the lease is still held', () =>
    onLane((lane) =>
      Scene.set(lane, async (scene) => {
        const crew = await startCrew(scene);
        const run = await points['fence recorded'].reach(scene, crew);
        await crew.hands.sleep();
        // The hosts now answer what they were asked: that the fence is still the same.
        await scene.letGo();
        await scene.startWorker('site');
        await run.untilCompleted('restartUnit', 4);
        expect(await run.leases()).toHaveLength(1);
        crew.hands.wake();
        expect(await run.untilEnded()).toMatchObject({ outcome: 'ok' });
        await crew.hands.retire();
        await run.expectAccount(everyHostOnce);
      }),
    ));
});
