import { beforeAll, describe, expect, it } from 'vitest';
import type { RolloutProgress } from '../../domain/progress.js';
import { WORKFLOW_QUEUE } from '../../workflows/messages/names.js';
import { type RunningWorker, uniqueName } from '../setup/temporal.js';
import { type OperatorOptions, ostler, start } from './fixtures/operator.js';
import { proxyTo } from './fixtures/proxy.js';
import { planOf, type Space, space, until } from './fixtures/space.js';

const plan = planOf([1, 2]);
const restart = (cloud: string, here: Space): string[] => [
  ...['restart', 'nova-compute', '--reason', 'OPS-1', '--yes', '--detach', '--cloud', cloud],
  ...here.flags,
];

describe.concurrent('without a Temporal server', () => {
  it.each([
    ['restart', ['restart', 'nova-compute', '--cloud', 'prod', '--dry-run']],
    ['runs', ['runs']],
    ['pause', ['pause', 'restart/prod/nova-compute', '--reason', 'x']],
  ])('%s leaves with 6, naming the address and how to get a server', async (_verb, argv) => {
    const { code, err, json } = await ostler([...argv, '--json', '--address', '127.0.0.1:1']);
    expect(code).toBe(6);
    expect(err).toMatch(/no Temporal server answers at 127\.0\.0\.1:1[\s\S]*ostler dev/);
    expect(json().error.exitCode).toBe(6);
  });

  it('the address may come from the environment, and the flag wins', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:2' };
    expect((await ostler(['runs'], { env })).err).toContain('127.0.0.1:2');
    expect((await ostler(['runs', '--address', '127.0.0.1:1'], { env })).err).toContain('127.0.0.1:1');
  });
});

describe('on a server without the search attributes', () => {
  let here: Space;
  beforeAll(async () => {
    here = await space({ setUp: false });
    await here.workflowWorker();
  });

  it('restart leaves with 2 and names `ostler setup`; nothing was started', async () => {
    const { cloud } = await here.site(() => plan);
    const { code, err } = await ostler(restart(cloud, here));
    expect(err).toMatch(/search attribute[\s\S]*ostler setup/);
    expect(code).toBe(2);
    await expect(here.client.workflow.getHandle(`restart/${cloud}/nova-compute`).describe()).rejects.toThrow();
  });

  it('runs leaves with 2 and names `ostler setup`', async () => {
    const { code, err } = await ostler(['runs', ...here.flags]);
    expect(err).toContain('ostler setup');
    expect(code).toBe(2);
  });

  it('a namespace that is not there is 2', async () => {
    const { code, err } = await ostler(['runs', '--address', here.server.address, '--namespace', 'nowhere']);
    expect(err).toMatch(/Namespace not found[\s\S]*--namespace/);
    expect(code).toBe(2);
  });
});

describe('without a worker', () => {
  let here: Space;
  let worker: RunningWorker;
  let cloud: string;
  let name: string;
  const workflowId = (): string => `restart/${cloud}/nova-compute`;
  const progress = (): Promise<RolloutProgress> => here.client.workflow.getHandle(workflowId()).query('progress');

  beforeAll(async () => {
    here = await space({ setUp: true });
  });

  it('restart leaves with 6 and names the queue that nobody polls', async () => {
    const none = await ostler(restart('prod', here));
    expect(none.code).toBe(6);
    expect(none.err).toMatch(/no worker polls ostler,[\s\S]*ostler worker/);
    worker = await here.workflowWorker();
    const noSite = await ostler(restart('prod', here));
    expect(noSite.code).toBe(6);
    expect(noSite.err).toContain('no worker polls ostler-prod');
  });

  it('show tells what the run noted at its last barrier', async () => {
    ({ cloud } = await here.site(() => plan));
    name = (await ostler(restart(cloud, here))).out.trim();
    await until(async () => (await progress()).phase === 'running');
    await here.tell(workflowId(), { progress: { states: 'o..', batch: 1 }, memo: true });
    await until(async () => (await progress()).states === 'o..');
    await worker.stop();
    const { code, json } = await ostler(['show', name, '--json', ...here.flags]);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ run: name, source: 'memo', plan, phase: 'running' });
    expect(json().hosts[0]).toEqual({ node: 'compute-1', state: 'ok' });
    expect((await ostler(['show', name, ...here.flags])).out).toContain('no worker answered');
  });

  it('a watch without a terminal leaves with 6 once patience is over', async () => {
    let shift = 0;
    const watch = start(['watch', name, ...here.flags], { now: () => Date.now() + shift });
    await until(() => watch.err.includes('no worker answers'));
    shift = 600_000;
    expect(await watch.ended).toBe(6);
    expect(watch.err).toMatch(/no worker polls[\s\S]*goes on by itself/);
  });

  it('pause is recorded, retry is 6, and the pause is obeyed when a worker is back', async () => {
    const paused = await ostler(['pause', name, '--reason', 'night', ...here.flags]);
    expect(paused.out).toContain('recorded; it takes effect when a worker is back');
    expect(paused.code).toBe(0);
    const retried = await ostler(['retry', name, '--reason', 'again', ...here.flags]);
    expect(retried.err).toMatch(/no worker answered within 5 s[\s\S]*ostler worker/);
    expect(retried.code).toBe(6);
    await here.workflowWorker();
    await until(async () => (await progress()).controls.some(({ verb }) => verb === 'pause'));
  });
});

describe('a watch without a worker of the site', () => {
  let here: Space;
  beforeAll(async () => {
    here = await space({ setUp: true });
    await here.workflowWorker();
  });

  /** Starts a run and a watch whose clock can be put forward. */
  async function watchRunOf(cloud: string, options: OperatorOptions = {}) {
    const request = { operation: 'restart', cloud, target: 'nova-compute', actor: 'ada@bastion', reason: 'OPS-1' };
    const workflowId = `restart/${cloud}/nova-compute`;
    await here.client.workflow.start('rollingRestart', { workflowId, taskQueue: WORKFLOW_QUEUE, args: [{ request }] });
    let shift = 0;
    let looks = 0;
    const now = (): number => {
      looks += 1;
      return Date.now() + shift;
    };
    const watch = start(['watch', workflowId, ...here.flags], { now, ...options });
    const looksOn = async (): Promise<void> => {
      const before = looks;
      await until(() => looks > before + 20);
    };
    await looksOn();
    shift = 600_000;
    return { workflowId, watch, looksOn };
  }

  it('leaves with 6 once patience is over, and names the queue', async () => {
    const cloud = uniqueName('deserted');
    const { watch } = await watchRunOf(cloud);
    expect(await watch.ended).toBe(6);
    expect(watch.err).toMatch(
      new RegExp(`no worker polls ostler-${cloud}, so restart/${cloud}[\\s\\S]*goes on by itself`),
    );
  });

  it('says so on a terminal, and goes on watching', async () => {
    const cloud = uniqueName('deserted');
    const { watch } = await watchRunOf(cloud, { yes: true, live: true });
    await until(() => watch.err.includes(`no worker polls ostler-${cloud}; the run goes on when one does`));
    watch.interrupt();
    expect(await watch.ended).toBe(130);
  });

  it('is patient with one that works and asks for nothing more', async () => {
    let plans: (value: typeof plan) => void = () => {};
    const { cloud } = await here.site(() => new Promise((resolve) => (plans = resolve)));
    const { watch, workflowId, looksOn } = await watchRunOf(cloud);
    await looksOn();
    plans(plan);
    await here.tell(workflowId, { progress: { states: 'ooo' }, end: 'ok' });
    expect(await watch.ended, watch.err).toBe(0);
  });
});

describe('a server that goes away during a watch', () => {
  let here: Space;
  let cloud: string;
  beforeAll(async () => {
    here = await space({ setUp: true });
    await here.workflowWorker();
    ({ cloud } = await here.site(() => plan));
    expect((await ostler(restart(cloud, here))).code).toBe(0);
  });
  const watchVia = (address: string, now?: () => number) =>
    start(['watch', 'nova-compute', '--cloud', cloud, '--address', address, '--namespace', here.namespace], {
      ...(now && { now }),
    });

  it('and stays away ends it with 6', async () => {
    const proxy = await proxyTo(here.server.address);
    let shift = 0;
    const watch = watchVia(proxy.address, () => Date.now() + shift);
    await until(() => watch.err.includes('3 hosts'));
    await proxy.cut();
    await until(() => watch.err.includes('does not answer'));
    shift = 600_000;
    expect(await watch.ended).toBe(6);
  });

  it('and comes back does not end it', async () => {
    const proxy = await proxyTo(here.server.address);
    const watch = watchVia(proxy.address);
    await until(() => watch.err.includes('3 hosts'));
    await proxy.cut();
    await until(() => watch.err.includes('does not answer'));
    await proxy.mend();
    await here.tell(`restart/${cloud}/nova-compute`, { progress: { states: 'ooo' }, end: 'ok' });
    expect(await watch.ended).toBe(0);
    await proxy.cut();
  });
});
