import { expect, it } from 'vitest';
import type { ServiceStatus } from '../../domain/service-status.js';
import { until } from '../../lab/real/wait.js';
import { lanes } from '../faults/lanes.js';
import { unit } from '../faults/run-on-trial.js';
import { Scene } from '../faults/scene.js';
import { ostler } from './program.js';

const onLane = lanes('e2e-services', 1);

it('stops, starts, disables and enables a service once on each host, though the worker is killed in the middle', () =>
  onLane((lane) =>
    Scene.set(lane, async (scene) => {
      const common = ['--inventory', lane.inventoryFile, '--address', scene.address, '--json'];
      const two = [scene.host(1), scene.host(2)];
      const on = ['--on', two.map(({ name }) => name).join(',')];
      const change = (verb: string, ...more: string[]) =>
        ostler(
          'service',
          verb,
          'nova-compute',
          ...on,
          ...more,
          '--soak',
          '1s',
          '--reason',
          'OPS-1',
          '--yes',
          ...common,
        );
      const status = async (): Promise<{
        code: number | null;
        seen: Pick<ServiceStatus, 'state' | 'why' | 'atBoot'>[];
      }> => {
        const { code, out, err } = await ostler('service', 'status', 'nova-compute', ...on, ...common);
        expect(err).not.toContain('bug');
        const { services } = JSON.parse(out) as { services: ServiceStatus[] };
        return {
          code,
          seen: services.map(({ state, why, atBoot }) => ({ state, ...(why && { why }), ...(atBoot && { atBoot }) })),
        };
      };
      const acts = (what: 'startsByPid1' | 'stopsByPid1') =>
        Promise.all(two.map(async (host) => (await host[what](unit)).length));
      const first = await scene.startWorker();
      expect(await status()).toEqual({ code: 0, seen: Array(2).fill({ state: 'healthy', atBoot: 'enabled' }) });

      const over = await change('stop');
      expect([over.code, over.err]).toEqual([5, expect.stringContaining('--max-unavailable 2')]);

      const stopsBefore = await acts('stopsByPid1');
      await scene.holdUnit([scene.host(2)], 'slow-stop');
      const stopped = change('stop', '--max-unavailable', '2');
      await until('a stop to be under way', 120_000, async () => {
        const { stdout } = await scene.host(2).exec(['systemctl', 'show', '-p', 'ActiveState', unit]);
        return stdout.includes('deactivating');
      });
      await first.kill();
      await scene.startWorker();
      await scene.letGo();
      const { code, out, err } = await stopped;
      expect(code, err).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ operation: 'stop', outcome: 'ok', owed: [] });
      expect(await acts('stopsByPid1')).toEqual(stopsBefore.map((count) => count + 1));
      const byHand = { state: 'inactive', why: 'it was stopped by hand', atBoot: 'enabled' };
      expect(await status()).toEqual({ code: 4, seen: [byHand, byHand] });

      const startsBefore = await acts('startsByPid1');
      expect((await change('start')).code).toBe(0);
      expect(await acts('startsByPid1')).toEqual(startsBefore.map((count) => count + 1));

      expect((await change('disable')).code).toBe(0);
      expect((await status()).seen.map(({ state, atBoot }) => [state, atBoot])).toEqual(
        Array(2).fill(['healthy', 'disabled']),
      );
      expect((await status()).code).toBe(3);
      expect((await change('enable')).code).toBe(0);
      expect((await status()).code).toBe(0);

      // It obeys the signal and ends with exit 0, and nobody has asked systemd for a stop.
      await scene.host(1).exec(['systemctl', 'kill', '--kill-who=main', '-s', 'TERM', unit]);
      await until('it to end', 30_000, async () => (await status()).code === 4);
      expect((await status()).seen[0]).toEqual({
        state: 'inactive',
        why: 'it ended by itself, with exit 0; nobody stopped it',
        atBoot: 'enabled',
      });
      expect((await change('start')).code).toBe(0);
    }),
  ));
