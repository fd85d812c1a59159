import { expect, it } from 'vitest';
import { until } from '../../lab/real/wait.js';
import { lanes } from '../faults/lanes.js';
import { startsOn } from '../faults/run-on-trial.js';
import { Scene } from '../faults/scene.js';
import { ostler } from './program.js';

const onLane = lanes('e2e-restart', 1);

it('restarts every nova-compute once from the command line, though the worker is killed in the middle', () =>
  onLane((lane) =>
    Scene.set(lane, async (scene) => {
      const temporal = ['--address', scene.address];
      const common = ['--inventory', lane.inventoryFile, ...temporal];
      const job = ['restart', 'nova-compute', '--batch', '1,2', '--max-unavailable', '2', '--soak', '1s', ...common];
      const counts = () => Promise.all(lane.hosts.map(startsOn));
      const before = await counts();
      const first = await scene.startWorker();

      const dry = await ostler(...job, '--dry-run', '--json');
      expect(dry.code, dry.err).toBe(0);
      const { plan } = JSON.parse(dry.out);
      expect(plan).toMatchObject({ batches: [1, 2, 2], maxUnavailable: 2, population: 5 });
      expect(await counts()).toEqual(before);

      const victim = scene.host(2);
      await scene.holdUnit([victim], 'slow-start');
      const restarted = ostler(
        ...job,
        '--expect',
        plan.hash,
        '--reason',
        'OPS-1: new oslo.messaging',
        '--yes',
        '--json',
      );
      await until(`a restart to be under way on ${victim.name}`, 120_000, async () => {
        const { stdout } = await victim.exec(['systemctl', 'list-units', '--no-legend', '--plain', 'ostler-*']);
        return /\brunning\b/.test(stdout);
      });
      await first.kill();
      await scene.startWorker();
      await scene.letGo();

      const { code, out, err } = await restarted;
      expect(code, err).toBe(0);
      const report = JSON.parse(out);
      expect(report).toMatchObject({ outcome: 'ok', status: 'completed', plan: { hash: plan.hash }, owed: [] });
      expect(report.hosts).toEqual(lane.hosts.map(({ name }) => ({ node: name, state: 'ok' })));
      expect(await counts()).toEqual(before.map(([byPid1, byStandIn]) => [byPid1 + 1, byStandIn + 1]));

      const shown = await ostler('show', report.run, '--json', ...temporal);
      expect(shown.code, shown.err).toBe(0);
      expect(JSON.parse(shown.out)).toMatchObject({ run: report.run, outcome: 'ok', hosts: report.hosts });

      const touched = await ostler('runs', '--node', victim.name, '--json', ...temporal);
      expect(touched.code, touched.err).toBe(0);
      expect(JSON.parse(touched.out).runs).toEqual([
        expect.objectContaining({ run: report.run, progress: expect.objectContaining({ outcome: 'ok' }) }),
      ]);
    }),
  ));
