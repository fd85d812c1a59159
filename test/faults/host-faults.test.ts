import { describe, expect, it } from 'vitest';
import {
  freezeSshd,
  type LabHost,
  stallSudo,
  startSshd,
  stopSshd,
  thawSshd,
  unstallSudo,
  unsteer,
} from '../../lab/real/index.js';
import { type Lane, lanes } from './lanes.js';
import { secondBatchAdmitted, soaking, startCrew } from './reach.js';
import { unit } from './run-on-trial.js';
import { Scene } from './scene.js';

const onLane = lanes('host-faults', 4);

/** A test on a lane with one worker that lives through it. */
const withWorker = (play: (scene: Scene) => Promise<void>) => () =>
  onLane((lane: Lane) =>
    Scene.set(lane, async (scene) => {
      await scene.startWorker();
      await play(scene);
    }),
  );

/** What an administrator does in a shell of their own. */
async function byHand(host: LabHost, verb: 'restart' | 'stop'): Promise<void> {
  expect(await host.exec(['systemctl', verb, unit])).toMatchObject({ code: 0 });
}

describe.concurrent('a run whose Temporal server is killed', () => {
  it(
    'goes on by itself when the server is started again on its file',
    withWorker(async (scene) => {
      const batch = [scene.host(1), scene.host(2)];
      await scene.holdUnit(batch, 'slow-start');
      const run = await scene.begin();
      await run.untilIntentsRun(batch);
      await scene.replaceServer();
      await scene.letGo();
      expect(await run.untilEnded()).toMatchObject({ outcome: 'ok' });
      await run.expectAccount({ states: 'oooo', starts: [1, 1, 1, 1] });
    }),
  );
});

describe.concurrent('a run one of whose hosts', () => {
  it(
    'loses its power before its turn pauses, and restarts it when it is back and a person says retry',
    withWorker(async (scene) => {
      const run = await soaking(scene);
      await scene.host(3).powerOff();
      expect(await run.untilWaiting()).toMatchObject({ states: 'oouo', waiting: { for: 'failures' } });
      await scene.host(3).powerOn();
      await run.untilStarted([scene.host(3)]);
      expect(await run.tell('retry')).toBe(`${scene.host(3).name}: next`);
      expect(await run.untilEnded()).toMatchObject({ outcome: 'ok' });
      await run.expectAccount({ states: 'oooo', starts: [1, 1, 1, 1] });
    }),
  );

  it(
    'loses its power during its turn does not restart it again when it is back in time',
    withWorker(async (scene) => {
      await scene.holdUnit([scene.host(1)], 'slow-start');
      const run = await scene.begin();
      await run.untilIntentsRun([scene.host(1)]);
      await run.untilStartsCounted([scene.host(1)]);
      await scene.host(1).powerOff();
      await scene.host(1).powerOn();
      await scene.letGo();
      const { outcome, notes } = await run.untilEnded();
      expect(outcome).toBe('ok');
      expect(notes[scene.host(1).name]?.why).toBe('restarted by another hand, not by us; it is well');
      await run.expectAccount({ states: 'oooo', starts: [1, 1, 1, 1] });
    }),
  );

  it(
    'loses its power, and another its sshd, during their turn calls both unknown, and resolves them when they are back',
    withWorker(async (scene) => {
      const [dark, silent] = [scene.host(1), scene.host(2)];
      await scene.holdUnit([dark, silent], 'slow-start');
      const run = await scene.begin();
      await run.untilIntentsRun([dark, silent]);
      await run.untilStartsCounted([dark, silent]);
      await stopSshd(silent);
      await unsteer(silent, 'slow-start');
      await dark.powerOff();
      const { states, notes, waiting } = await run.untilWaiting();
      expect({ states, for: waiting?.for }).toEqual({ states: '??..', for: 'failures' });
      for (const host of [dark, silent]) {
        expect(notes[host.name]).toEqual({
          why: expect.stringMatching(/^it may have been restarted; /),
          next: 'when the host is back, `ostler retry` looks what happened and sends nothing twice',
        });
      }
      await dark.powerOn();
      await startSshd(silent);
      await scene.letGo();
      await run.tell('retry');
      expect(await run.untilEnded()).toMatchObject({ outcome: 'ok' });
      await run.expectAccount({ states: 'oooo', starts: [1, 1, 1, 1] });
    }),
  );

  it(
    'stops its sshd during its turn, listener or all, goes on when sshd does',
    withWorker(async (scene) => {
      const [frozen, stopped] = [scene.host(1), scene.host(2)];
      await scene.holdUnit([frozen, stopped], 'slow-start');
      const run = await scene.begin();
      await run.untilIntentsRun([frozen, stopped]);
      await run.untilStartsCounted([frozen, stopped]);
      await Promise.all([freezeSshd(frozen), stopSshd(stopped)]);
      await scene.letGo();
      await run.untilStarted([frozen, stopped]);
      await Promise.all([thawSshd(frozen), startSshd(stopped)]);
      expect(await run.untilEnded()).toMatchObject({ outcome: 'ok' });
      await run.expectAccount({ states: 'oooo', starts: [1, 1, 1, 1] });
    }),
  );

  it(
    'has an sshd that hangs for ever before its turn calls it unreachable, pauses, and ends well without it when told',
    withWorker(async (scene) => {
      const run = await soaking(scene);
      await scene.holdSshd([scene.host(3)]);
      const { states, notes } = await run.untilWaiting();
      expect(states).toBe('oouo');
      expect(notes[scene.host(3).name]?.next).toBe('when the host is back, `ostler retry` gives it its turn');
      await run.tell('skip');
      expect(await run.untilEnded()).toMatchObject({ outcome: 'ok' });
      await run.expectAccount({ states: 'ooso', starts: [1, 1, 0, 1] });
    }),
  );

  it(
    'has a sudo that stalls for a minute restarts it once all the same',
    withWorker(async (scene) => {
      await stallSudo(scene.host(1), 60);
      const run = await scene.begin();
      await scene.untilSudoWaits([scene.host(1)]);
      expect(await run.untilEnded()).toMatchObject({ outcome: 'ok' });
      await unstallSudo(scene.host(1));
      await scene.wakeSudo([scene.host(1)]);
      await run.expectAccount({ states: 'oooo', starts: [1, 1, 1, 1] });
    }),
  );

  it(
    'is restarted by another hand during its soak soaks it anew and restarts it no more',
    withWorker(async (scene) => {
      const run = await soaking(scene);
      await byHand(scene.host(1), 'restart');
      expect(await run.untilEnded()).toMatchObject({ outcome: 'ok' });
      await run.expectAccount({ states: 'oooo', starts: [2, 1, 1, 1] });
    }),
  );
});

describe.concurrent('another hand between fence and act', () => {
  const withCrew = (play: (scene: Scene, crew: Awaited<ReturnType<typeof startCrew>>) => Promise<void>) => () =>
    onLane((lane: Lane) => Scene.set(lane, async (scene) => play(scene, await startCrew(scene))));

  it(
    'that restarts the unit is enough: Ostler does not, and proves it well',
    withCrew(async (scene, crew) => {
      const run = await secondBatchAdmitted(scene, crew);
      await byHand(scene.host(3), 'restart');
      crew.decider.wake();
      const { outcome, notes } = await run.untilEnded();
      expect(outcome).toBe('ok');
      expect(notes).toEqual({ [scene.host(3).name]: { why: 'restarted by another hand, not by us; it is well' } });
      await run.expectAccount({ states: 'oooo', starts: [1, 1, 1, 1] });
    }),
  );

  it(
    'that restarts the unit when our own restart is on its way does not make us restart it twice',
    withCrew(async (scene, crew) => {
      const run = await secondBatchAdmitted(scene, crew);
      await scene.holdSudo([scene.host(3)]);
      crew.decider.wake();
      await scene.untilSudoWaits([scene.host(3)]);
      await byHand(scene.host(3), 'restart');
      await scene.letGo();
      await scene.wakeSudo([scene.host(3)]);
      expect(await run.untilEnded()).toMatchObject({ outcome: 'ok' });
      await run.expectAccount({ states: 'oooo', starts: [1, 1, 2, 1] });
    }),
  );

  it(
    'that stops the unit, or has stopped it before its turn, is respected: it stays stopped, and the run says so',
    withCrew(async (scene, crew) => {
      const [before, between] = [scene.host(3), scene.host(4)];
      const run = await secondBatchAdmitted(scene, crew, () => byHand(before, 'stop'));
      await byHand(between, 'stop');
      crew.decider.wake();
      const { outcome, notes } = await run.untilEnded();
      expect(outcome).toBe('failed');
      expect(notes).toEqual({
        [before.name]: { why: `${unit} is inactive already, before its turn; it stays as it is` },
        [between.name]: { why: 'somebody stopped it before its turn; it stays stopped' },
      });
      for (const host of [before, between])
        expect((await host.exec(['systemctl', 'is-active', unit])).stdout).toBe('inactive\n');
      await run.expectAccount({ states: 'ooss', starts: [1, 1] });
    }),
  );
});
