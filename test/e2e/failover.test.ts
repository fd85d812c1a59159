import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RolloutProgress } from '../../domain/progress.js';
import {
  galeraView,
  haproxySocketLevel,
  mysqldPort,
  probeVip,
  rowsOn,
  startWriter,
  untilControlPlaneRuns,
} from '../../lab/real/control-plane/index.js';
import type { LabHost } from '../../lab/real/index.js';
import { clusterView, crm, vipAddress } from '../../lab/real/pacemaker/index.js';
import { names } from './controller-rules.js';
import { ControllersOnTrial } from './controllers-on-trial.js';

/** A failover and its return on a loaded machine, with several workers killed. */
const testMs = 1_800_000;

let trial: ControllersOnTrial;
beforeAll(async () => {
  trial = await ControllersOnTrial.up('failover');
}, testMs);
afterAll(() => trial?.down(), testMs);

/** Whatever a test measured, for a person who reads the log. */
const figures: string[] = [];
afterEach(() => {
  for (const figure of figures.splice(0)) process.stdout.write(`  figure: ${figure}\n`);
});

const why = ['--reason', 'OPS-7: new memory', '--yes'];
const management = (): string => vipAddress('vip__management', (trial.controllers[0] as LabHost).address);

const tookSeconds = ({ startedAt, endedAt = 0 }: RolloutProgress): string => ((endedAt - startedAt) / 1_000).toFixed(0);

async function historyLength(operation: string, target: string): Promise<number> {
  return (await trial.handle(operation, target).fetchHistory()).events?.length ?? 0;
}

describe('a planned failover', () => {
  it(
    'moves everything off the controller that holds the addresses and writes, and brings it all back, without losing a row',
    async () => {
      const node = (await trial.holderOf('vip__management')).name;
      const probe = probeVip(management(), mysqldPort, { everyMs: 20 });
      const writer = startWriter({ address: management(), port: mysqldPort });

      await trial.ostler(7, 'failover', node, '--until-returned', '--vips-home', ...why);
      const held = await trial.left();
      expect(held).toMatchObject({
        standby: ['on'],
        marks: [expect.stringMatching(/^[0-9a-f]{16}$/)],
        constraints: [],
      });
      const others = trial.controllers.filter(({ name }) => name !== node);
      const proxies = ['glance-api', 'keystone-1', 'mysqld', 'nova-api', 'rabbitmq'];
      const drained = others.flatMap(({ name }) => proxies.map((proxy) => `${proxy}/${node} on ${name}`));
      expect([...new Set(held.drained)].sort()).toEqual(drained.sort());
      const [witness] = others as [LabHost];
      const { started } = await clusterView(witness);
      expect(Object.values(started).flat()).not.toContain(node);
      expect(started.vip__management).toHaveLength(1);
      expect(started.p_haproxy?.toSorted()).toEqual(others.map(({ name }) => name));
      const { out } = await trial.ostler(0, 'leases');
      expect(out).toMatch(new RegExp(`${node}: standby`));

      await trial.ostler(0, 'return', node, ...why);
      const { longestGapMs, probes, answered } = await probe.stop();
      const { acknowledged } = await writer.stop();
      await trial.expectAsBefore();
      expect((await trial.holderOf('vip__management')).name).toBe(node);
      expect(acknowledged.length).toBeGreaterThan(50);
      for (const host of trial.controllers) {
        const rows = await rowsOn(host);
        expect(
          acknowledged.filter((id) => !rows.has(id)),
          `rows lost on ${host.name}`,
        ).toEqual([]);
      }
      const progress = await trial.progress('failover', node);
      figures.push(
        `failover and return: the address was silent for ${longestGapMs} ms at most (${answered} of ${probes} answered), ` +
          `${acknowledged.length} rows acknowledged and none lost, ${tookSeconds(progress)} s, ${await historyLength('failover', node)} events`,
      );
    },
    testMs,
  );

  it(
    'plans without changing anything, and says who keeps a majority with one more gone',
    async () => {
      const { out } = await trial.ostler(0, 'failover', 'controller-2', '--dry-run', '--json');
      const { plan } = JSON.parse(out);
      expect(
        plan.forecast.quorum.map(({ group, holds, holdsWithOneMore }: Record<string, unknown>) => [
          group,
          holds,
          holdsWithOneMore,
        ]),
      ).toEqual([
        ['Pacemaker', true, false],
        ['Galera', true, false],
        ['RabbitMQ', true, false],
      ]);
      expect(plan.forecast.backends.toSorted()).toEqual(['glance-api', 'keystone-1', 'mysqld', 'nova-api', 'rabbitmq']);
      await trial.expectAsBefore();
    },
    testMs,
  );

  it(
    'is refused, with the number, while another controller lacks its broker',
    async () => {
      const [, two] = trial.controllers as [LabHost, LabHost];
      await two.exec(['systemctl', 'stop', 'rabbitmq-server']);
      try {
        const { err } = await trial.ostler(5, 'failover', 'controller-1', ...why);
        expect(err).toContain('RabbitMQ would have 1 of 3 without controller-1, and needs 2');
      } finally {
        await two.exec(['systemctl', 'start', 'rabbitmq-server']);
      }
      await untilControlPlaneRuns(trial.fleet);
      await trial.expectAsBefore();
    },
    testMs,
  );

  it(
    'that an admin socket refuses with exit 0 puts everything back, and says so',
    async () => {
      const [one] = trial.controllers as [LabHost];
      await haproxySocketLevel(one, 'user');
      try {
        const { out } = await trial.ostler(1, 'failover', 'controller-2', ...why);
        expect(out).toContain('did not obey');
      } finally {
        await haproxySocketLevel(one, 'admin');
      }
      await untilControlPlaneRuns(trial.fleet);
      await trial.expectAsBefore();
    },
    testMs,
  );

  it(
    'survives a SIGKILL of its worker after each of its steps',
    async () => {
      const { name: node } = await trial.idle();
      await trial.ostler(0, 'failover', node, '--until-returned', '--detach', ...why);
      let kills = 0;
      const killWhen = async (seen: Parameters<ControllersOnTrial['untilLeft']>[0]): Promise<void> => {
        await trial.untilLeft(seen);
        await trial.replaceWorker();
        kills++;
      };
      await killWhen(({ marks }) => expect(marks).toHaveLength(1));
      await killWhen(({ drained }) => expect(drained.length).toBeGreaterThan(0));
      await killWhen(({ standby }) => expect(standby).toEqual(['on']));
      await trial.untilWaitingFor('failover', node, 'return');
      await trial.replaceWorker();
      kills++;
      await trial.untilTold('return', node, '--detach', ...why);
      await killWhen(({ standby }) => expect(standby).toEqual([]));
      await killWhen(({ drained }) => expect(drained).toEqual([]));
      await killWhen(({ marks }) => expect(marks).toEqual([]));
      await trial.ostler(0, 'watch', `failover/${trial.fleet.name}/${node}`);
      await trial.expectAsBefore();
      figures.push(`kills survived in one failover and return: ${kills}`);
    },
    testMs,
  );

  const steps: [string, Parameters<ControllersOnTrial['untilLeft']>[0]][] = [
    ['is marked', ({ marks }) => expect(marks).toHaveLength(1)],
    ['is drained', ({ drained }) => expect(drained.length).toBeGreaterThan(0)],
    ['is in standby', ({ standby }) => expect(standby).toEqual(['on'])],
  ];
  it.each(steps)(
    'that is aborted without any worker when the controller %s leaves nothing behind',
    async (_step, seen) => {
      const { name: node } = await trial.idle();
      await trial.ostler(0, 'failover', node, '--until-returned', '--detach', ...why);
      await trial.untilLeft(seen);
      await trial.killWorker();
      await trial.ostler(0, 'abort', `failover/${trial.fleet.name}/${node}`, '--reason', 'wrong rack');
      await trial.startWorker();
      await trial.ostler(1, 'watch', `failover/${trial.fleet.name}/${node}`);
      expect((await trial.progress('failover', node)).outcome).toBe('aborted');
      await trial.expectAsBefore();
    },
    testMs,
  );

  it(
    'whose run was terminated is found in the cluster, and brought back by `ostler return`',
    async () => {
      const { name: node } = await trial.idle();
      await trial.ostler(7, 'failover', node, '--until-returned', ...why);
      await trial.handle('failover', node).terminate('a person in a hurry');
      const { out } = await trial.ostler(0, 'leases');
      expect(out).toMatch(new RegExp(`terminated +${node}: standby`));
      await trial.ostler(0, 'unlock', `failover/${trial.fleet.name}/${node}`, ...why);
      await trial.ostler(0, 'return', node, ...why);
      await trial.expectAsBefore();
    },
    testMs,
  );

  it(
    'during whose hold a second controller loses its power waits for a person, who brings both back',
    async () => {
      const { name: node } = await trial.idle();
      await trial.ostler(7, 'failover', node, '--until-returned', ...why);
      const second = trial.controllers.find(({ name }) => name !== node) as LabHost;
      await second.powerOff();
      const progress = await vi.waitFor(
        async () => {
          const now = await trial.progress('failover', node);
          expect(now.waiting?.why).toContain(second.name);
          return now;
        },
        { timeout: 300_000, interval: 1_000 },
      );
      expect(progress.waiting?.for).toBe('return');
      expect((await trial.left()).standby).toEqual(['on']);
      await second.powerOn();
      await trial.ostler(0, 'return', node, ...why);
      await trial.expectAsBefore();
    },
    testMs,
  );
});

describe('a controller that died by itself', () => {
  it(
    'is not called dead while it answers',
    async () => {
      const { name: node } = await trial.idle();
      const { err } = await trial.ostler(5, 'failover', node, '--dead', '--confirm-off', ...why);
      expect(err).toContain(`${node} answers over SSH`);
      await trial.expectAsBefore();
    },
    testMs,
  );

  it(
    'is proven gone, kept out, and taken back when it has power again',
    async () => {
      const dead = await trial.holderOf('vip__management');
      const writer = startWriter({ address: management(), port: mysqldPort });
      const probe = probeVip(management(), mysqldPort, { everyMs: 20 });
      await dead.powerOff();
      await vi.waitFor(async () => expect((await trial.holderOf('vip__management')).name).not.toBe(dead.name), {
        timeout: 300_000,
        interval: 500,
      });
      await trial.ostler(7, 'failover', dead.name, '--dead', '--confirm-off', ...why);
      const { longestGapMs } = await probe.stop();
      expect(await trial.left()).toMatchObject({ standby: ['on'] });
      await dead.powerOn();
      await trial.ostler(0, 'return', dead.name, ...why);
      const { acknowledged } = await writer.stop();
      await trial.expectAsBefore();
      for (const host of trial.controllers) {
        const rows = await rowsOn(host);
        expect(
          acknowledged.filter((id) => !rows.has(id)),
          `rows lost on ${host.name}`,
        ).toEqual([]);
      }
      figures.push(
        `power cut of the holder: the address was silent for ${longestGapMs} ms, ${acknowledged.length} rows acknowledged and none lost`,
      );
    },
    testMs,
  );
});

describe('an address', () => {
  it(
    'is moved, the gap measured, and no constraint left',
    async () => {
      const from = (await trial.holderOf('vip__public')).name;
      const to = names.find((name) => name !== from) as string;
      const { out } = await trial.ostler(0, 'vip', 'move', 'vip__public', '--to', to, ...why);
      expect(out).toMatch(/it did not answer for \d+ ms at most/);
      expect((await trial.holderOf('vip__public')).name).toBe(to);
      await trial.expectAsBefore();
      figures.push(`move of an address: ${/for (\d+ ms)/.exec(out)?.[1]}`);
    },
    testMs,
  );
});

describe('all controllers', () => {
  it(
    'are rebooted one at a time, each back with everything before the next',
    async () => {
      const boots = async (): Promise<string[]> =>
        Promise.all(
          trial.controllers.map(async (host) =>
            (await host.exec(['cat', '/proc/sys/kernel/random/boot_id'])).stdout.trim(),
          ),
        );
      const before = await boots();
      const writer = startWriter({ address: management(), port: mysqldPort });
      await trial.ostler(0, 'restart', 'controllers', ...why);
      const { acknowledged } = await writer.stop();
      const after = await boots();
      for (const [index, boot] of before.entries()) expect(after[index]).not.toBe(boot);
      await trial.expectAsBefore();
      for (const host of trial.controllers) {
        const rows = await rowsOn(host);
        expect(
          acknowledged.filter((id) => !rows.has(id)),
          `rows lost on ${host.name}`,
        ).toEqual([]);
        expect((await galeraView(host)).get('wsrep_cluster_size')).toBe('3');
      }
      const progress = await trial.progress('restart', 'controllers');
      figures.push(
        `rolling reboot of three: ${tookSeconds(progress)} s, ${await historyLength('restart', 'controllers')} events`,
      );
    },
    testMs,
  );

  it.each([
    ['haproxy', 'haproxy'],
    ['clone_p_mysql', 'mysql'],
    ['rabbitmq-server', 'rabbitmq'],
  ])('%s is not restarted behind the back of Pacemaker: what fits is said', async (target, module) => {
    const { err } = await trial.ostler(2, 'restart', target, ...why);
    expect(err).toContain(`ostler restart controllers --module ${module}`);
  });
});

describe('a service that Pacemaker runs', () => {
  const soak = ['--soak', '1s'];
  const running = async (resource: string): Promise<string[]> => {
    const [host] = trial.controllers as [LabHost];
    return (await clusterView(host)).started[resource]?.toSorted() ?? [];
  };
  /** How often PID 1 of any controller was told to run a command that begins so, under an intent. */
  const told = async (command: string): Promise<number> => {
    const journals = await Promise.all(
      trial.controllers.map((host) => host.exec(['journalctl', '-q', '-o', 'cat', '_PID=1'])),
    );
    const line = new RegExp(`^Started ostler-[0-9a-f]{16}\\.service - ${command}`, 'gm');
    return journals.reduce((sum, { stdout }) => sum + [...stdout.matchAll(line)].length, 0);
  };

  it(
    'is kept off one controller until its start, whatever dies in between, and everybody says how that ends',
    async () => {
      const { name: holder } = await trial.holderOf('vip__management');
      const addressed = await trial.ostler(5, 'service', 'stop', 'haproxy', '--on', holder, ...why);
      expect(addressed.err).toContain('ostler vip move vip__management --to controller-');
      const { name: node } = await trial.idle();
      const others = names.filter((name) => name !== node);
      const ban = `cli-ban-clone_p_haproxy-on-${node}`;
      const before = await told('/usr/sbin/crm_resource --ban');
      await trial.ostler(0, 'service', 'stop', 'haproxy', '--on', node, ...soak, '--detach', ...why);
      await trial.untilLeft(({ constraints }) => expect(constraints).toEqual([ban]));
      await trial.replaceWorker();
      await trial.ostler(0, 'watch', `stop/${trial.fleet.name}/haproxy`);
      expect(await running('p_haproxy')).toEqual(others);
      expect((await trial.fleet.host(node).exec(['pgrep', '-x', 'haproxy'])).code).toBe(1);
      expect(await told('/usr/sbin/crm_resource --ban')).toBe(before + 1);

      const ends = `ostler service start haproxy --on ${node}`;
      const status = await trial.ostler(4, 'service', 'status', 'haproxy', '--on', node);
      expect(status.out).toContain(ends);
      const [other = ''] = others;
      const refused = await trial.ostler(5, 'failover', other, ...why);
      expect(refused.err).toContain(ends);
      expect((await trial.ostler(0, 'leases')).out).toContain(ends);
      const again = await trial.ostler(5, 'service', 'stop', 'haproxy', '--on', other, ...why);
      expect(again.err).toContain('2 of 3 controller hosts');

      await trial.ostler(0, 'service', 'start', 'haproxy', '--on', node, ...soak, '--detach', ...why);
      await trial.untilLeft(({ constraints }) => expect(constraints).toEqual([]));
      await trial.replaceWorker();
      await trial.ostler(0, 'watch', `start/${trial.fleet.name}/haproxy`);
      expect(await running('p_haproxy')).toEqual(names);
      await trial.expectAsBefore();
    },
    testMs,
  );

  it(
    'of which there is one is stopped on all controllers or not at all',
    async () => {
      const [one] = trial.controllers as [LabHost];
      const dhcp = 'p_neutron-dhcp-agent';
      await crm(one, ['pcs', 'resource', 'create', dhcp, 'ocf:pacemaker:Dummy', '--disabled']);
      for (const name of names) await crm(one, ['pcs', 'constraint', 'location', dhcp, 'prefers', `${name}=100`]);
      await crm(one, ['pcs', 'resource', 'enable', dhcp]);
      await vi.waitFor(async () => expect(await running(dhcp)).toHaveLength(1), { timeout: 60_000, interval: 500 });
      const [holder = ''] = await running(dhcp);
      const service = (verb: string, ...more: string[]): string[] => ['service', verb, 'neutron-dhcp-agent', ...more];
      const { err } = await trial.ostler(5, ...service('stop', '--on', holder, ...why));
      expect(err).toContain('neutron-dhcp-agent would only move');
      expect(await running(dhcp)).toEqual([holder]);

      const { out } = await trial.ostler(0, ...service('stop', '--max-unavailable', '3', '--dry-run', '--json'));
      const { plan } = JSON.parse(out);
      expect([plan.nodes.at(-1), plan.units.outages]).toEqual([holder, ['neutron-dhcp-agent']]);
      await trial.ostler(0, ...service('stop', '--max-unavailable', '3', ...soak, ...why));
      expect(await running(dhcp)).toEqual([]);
      await trial.ostler(0, ...service('start', ...soak, ...why));
      expect(await running(dhcp)).toHaveLength(1);
      await crm(one, ['pcs', 'resource', 'delete', dhcp]);
    },
    testMs,
  );

  it(
    'is stopped on all controllers where that is said, and started again on all',
    async () => {
      const { err } = await trial.ostler(5, 'service', 'stop', 'haproxy', ...why);
      expect(err).toContain('--max-unavailable 3');
      await trial.ostler(0, 'service', 'stop', 'haproxy', '--max-unavailable', '3', ...soak, ...why);
      expect([await running('p_haproxy'), await running('vip__management')]).toEqual([[], []]);
      await trial.ostler(0, 'service', 'start', 'haproxy', ...soak, ...why);
      expect(await running('p_haproxy')).toEqual(names);
      await trial.expectAsBefore();
    },
    testMs,
  );
});

describe('a module of the controllers', () => {
  /** Asks for a page again and again, each time over a new connection, until it is told to stop. */
  function ask(url: string): { stop(): Promise<{ asked: number; failed: string[] }> } {
    const failed: string[] = [];
    let asked = 0;
    let isOver = false;
    const asking = (async () => {
      while (!isOver) {
        asked += 1;
        await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(5_000) })
          .then((answer) => answer.ok || failed.push(`HTTP ${answer.status}`))
          .catch((error: Error) => failed.push(error.message));
      }
    })();
    return {
      async stop() {
        isOver = true;
        await asking;
        return { asked, failed };
      },
    };
  }

  const invocations = (unit: string): Promise<string[]> =>
    Promise.all(
      trial.controllers.map(async (host) =>
        (await host.exec(['systemctl', 'show', '-p', 'InvocationID', unit])).stdout.trim(),
      ),
    );

  it(
    'is restarted on each in turn, with a worker killed halfway, and no request is lost',
    async () => {
      const before = await invocations('glance-api.service');
      const starts = await journalStarts('glance-api.service');
      const asking = ask(`http://${management()}:9292/`);
      await trial.ostler(0, 'restart', 'controllers', '--module', 'glance', '--soak', '3s', '--detach', ...why);
      await vi.waitFor(async () => expect(await invocations('glance-api.service')).not.toEqual(before), {
        timeout: 300_000,
        interval: 100,
      });
      await trial.replaceWorker();
      const progress = (await trial.handle('restart', 'controllers').result()) as RolloutProgress;
      const { asked, failed } = await asking.stop();
      expect(progress).toMatchObject({ outcome: 'ok', states: 'ooo', owed: [] });
      const after = await invocations('glance-api.service');
      for (const [index, one] of before.entries()) expect(after[index]).not.toBe(one);
      expect((await journalStarts('glance-api.service')).map((count, index) => count - (starts[index] ?? 0))).toEqual([
        1, 1, 1,
      ]);
      expect([asked > 50, failed]).toEqual([true, []]);
      await trial.expectAsBefore();
      figures.push(
        `glance on three controllers: ${tookSeconds(progress)} s, ${await historyLength('restart', 'controllers')} events, ${asked} requests and none failed`,
      );
    },
    testMs,
  );

  it(
    'that Pacemaker runs is banned from a controller and let back, and no constraint is left',
    async () => {
      const before = await invocations('haproxy.service');
      const { out } = await trial.ostler(0, 'restart', 'controllers', '--module', 'haproxy', '--dry-run', '--json');
      expect(JSON.parse(out).plan.forecast.restarts).toEqual(['clone_p_haproxy (Pacemaker)']);
      await trial.ostler(0, 'restart', 'controllers', '--module', 'haproxy', '--on', 'controller-2', ...why);
      const after = await invocations('haproxy.service');
      expect(after.map((one, index) => one !== before[index])).toEqual([false, true, false]);
      await trial.expectAsBefore();
    },
    testMs,
  );

  it(
    'of which one service is meant is restarted by itself, where systemd runs it',
    async () => {
      const before = await invocations('keystone.service');
      await trial.ostler(0, 'restart', 'keystone', '--on', 'controller-3', '--soak', '1s', ...why);
      const after = await invocations('keystone.service');
      expect(after.map((one, index) => one !== before[index])).toEqual([false, false, true]);
    },
    testMs,
  );

  /** How often PID 1 of each controller has said that it started a unit. */
  const journalStarts = (unit: string): Promise<number[]> =>
    Promise.all(
      trial.controllers.map(async (host) => {
        const { stdout } = await host.exec([
          'journalctl',
          '-q',
          '-o',
          'cat',
          `UNIT=${unit}`,
          'JOB_TYPE=start',
          'JOB_RESULT=done',
        ]);
        const restarts = await host.exec([
          'journalctl',
          '-q',
          '-o',
          'cat',
          `UNIT=${unit}`,
          'JOB_TYPE=restart',
          'JOB_RESULT=done',
        ]);
        return `${stdout}${restarts.stdout}`.split('\n').filter((line) => line.startsWith('Started')).length;
      }),
    );
});
