import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderSudoers } from '../../domain/sudoers.js';
import { loadInventory } from '../../inventory/load.js';
import { freezeSshd, type LabHost, thawSshd } from '../../lab/real/index.js';
import { admin, type NovaService, type OpenStackCloud, upOpenStack } from '../../lab/real/openstack/index.js';
import { until } from '../../lab/real/wait.js';
import { type RunningWorker, startWorker } from '../../worker/main.js';
import { defaultSettings } from '../../worker/options.js';
import { type Ended, ostler, start } from '../cli/fixtures/operator.js';
import { shared } from '../setup/shared.js';
import { connect } from '../setup/temporal.js';

const unit = 'nova-compute.service';
const name = 'real-nova';

let cloud: OpenStackCloud;
let flags: string[];
let worker: RunningWorker;
let workerEnded: Promise<void>;

beforeAll(async () => {
  const sudoers = renderSudoers({ role: 'compute', user: 'ops' }) ?? '';
  cloud = await upOpenStack({ name, computes: 2, extent: 'nova', sudoers });
  const address = await shared('dev-server');
  flags = ['--cloud', name, '--address', address];
  worker = await startWorker({
    settings: { ...defaultSettings, logLevel: 'WARN' },
    temporal: { connection: { address }, namespace: 'default' },
    inventory: await loadInventory(cloud.fleet.inventoryFile),
    bundle: { codePath: await shared('workflow-bundle') },
  });
  workerEnded = worker.run();
}, 1_800_000);

afterAll(async () => {
  worker?.shutdown();
  await workerEnded;
  await cloud?.fleet.down();
});

const restartOf = (soak: string): string[] => [
  ...['restart', 'nova-compute', '--reason', 'OPS-7: new oslo.messaging', '--soak', soak, '--yes', '--json', ...flags],
];

/** Starts of nova-compute by PID 1 of compute-1 and compute-2, since they were made. */
const startCounts = (): Promise<number[]> =>
  Promise.all(cloud.computes.map(async (host) => (await host.startsByPid1(unit)).length));

async function serviceOf(host: string): Promise<NovaService | undefined> {
  return (await cloud.api.services('nova-compute')).find((service) => service.host === host);
}

/** Until Nova tells these things of a host's service, which may be called down for a while when a loaded machine is late with a report. */
const untilServiceIs = (host: string, what: Partial<NovaService>): Promise<void> =>
  expect.poll(() => serviceOf(host), { timeout: 120_000 }).toMatchObject(what);

/** Microseconds since the epoch of Nova's own time: all hosts of the lab share one clock. */
const reportedAtUs = async (host: string): Promise<number> =>
  Date.parse(`${(await serviceOf(host))?.updated_at ?? ''}Z`) * 1_000;

const hostsOf = ({ json }: Ended): Record<string, string> =>
  Object.fromEntries(json().hosts.map(({ node, state }: { node: string; state: string }) => [node, state]));

describe('a rolling restart of real nova-compute', () => {
  it('restarts each once and ends ok when Nova has heard from every new process', async () => {
    const before = await startCounts();
    const ended = await ostler(restartOf('2s'));
    expect(ended.code, ended.err).toBe(0);
    expect(ended.json()).toMatchObject({ outcome: 'ok', plan: { batches: [1, 1], maxUnavailable: 1 } });
    expect(hostsOf(ended)).toEqual({ 'compute-1': 'ok', 'compute-2': 'ok' });
    expect(await startCounts()).toEqual(before.map((count) => count + 1));
    for (const host of cloud.computes) {
      const [last] = (await host.startsByPid1(unit)).slice(-1);
      expect(await reportedAtUs(host.name)).toBeGreaterThan(last?.atRealtimeUs ?? Number.POSITIVE_INFINITY);
      await untilServiceIs(host.name, { state: 'up', status: 'enabled' });
    }
  });

  it('fails a host whose new process Nova does not hear from, and pauses before the next', async () => {
    const host = cloud.fleet.host('compute-1');
    const before = await startCounts();
    const running = start(restartOf('30s'));
    await until('compute-1 to be restarted', 180_000, async () => {
      const active = await host.exec(['systemctl', 'is-active', unit]);
      return (await startCounts())[0] === (before[0] ?? 0) + 1 && active.code === 0;
    });
    await unheard(host, async () => {
      // A process that does not get through its own start ends by itself; one that did lives on and is not heard of.
      const began = await reportedAtUs('compute-1');
      await until('compute-1 to report', 80_000, async () => (await reportedAtUs('compute-1')) > began);
      // What nova-compute reports goes through nova-conductor: a conductor that hangs hears nothing and answers nobody.
      await signalConductor('STOP');
    });
    try {
      expect(await running.ended, running.err).toBe(7);
      const report = JSON.parse(running.out);
      expect(report).toMatchObject({ phase: 'waiting', waiting: { for: 'failures' } });
      expect(report.hosts).toEqual([
        {
          node: 'compute-1',
          state: 'failed',
          note: {
            why: expect.stringMatching(
              /^nova-compute on compute-1 does not report to Nova: last at \d{4}-.+, not again in .+; Nova calls it down$/,
            ),
          },
        },
        { node: 'compute-2', state: 'pending' },
      ]);
      expect(await startCounts()).toEqual([(before[0] ?? 0) + 1, before[1]]);
    } finally {
      await signalConductor('CONT');
    }
    const { run } = JSON.parse(running.out);
    const retried = await ostler(['retry', run, '--reason', 'the conductor answers again', ...flags]);
    expect(retried.code, retried.err).toBe(0);
    const ended = await ostler(['watch', run, '--json', ...flags]);
    expect(ended.code, ended.err).toBe(0);
    expect(hostsOf(ended)).toEqual({ 'compute-1': 'ok', 'compute-2': 'ok' });
    expect(await startCounts()).toEqual([(before[0] ?? 0) + 2, (before[1] ?? 0) + 1]);
  });

  it('leaves out a host that an operator has disabled, which stays disabled', async () => {
    await cloud.api.disable('compute-2', 'bad RAM');
    const before = await startCounts();
    const ended = await ostler(restartOf('2s'));
    expect(ended.code, ended.err).toBe(0);
    expect(ended.json()).toMatchObject({ outcome: 'ok', plan: { excluded: { disabled: ['compute-2'] } } });
    expect(hostsOf(ended)).toEqual({ 'compute-1': 'ok' });
    expect(await startCounts()).toEqual([(before[0] ?? 0) + 1, before[1]]);
    await untilServiceIs('compute-2', { status: 'disabled', disabled_reason: 'bad RAM', state: 'up' });
  });

  it('has put no password into any history', async () => {
    const { client } = await connect(flags.at(-1) ?? '');
    const histories: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) {
      if (!workflowId.includes(`/${name}`)) continue;
      histories.push(textOf(await client.workflow.getHandle(workflowId, runId).fetchHistory()));
    }
    // Three runs, their plans, and the keeper.
    expect(histories.length).toBeGreaterThanOrEqual(7);
    const holds = (text: string): boolean => histories.some((history) => history.includes(text));
    expect({ reason: holds('OPS-7'), password: holds(admin.password) }).toEqual({ reason: true, password: false });
  });
});

/** A history with the data of its payloads, which are base64 in its JSON, as text. */
const textOf = (history: object): string =>
  JSON.stringify(history).replace(/"data":"([^"]*)"/g, (_all, data) => Buffer.from(data, 'base64').toString());

/** Nobody hears of `host` over SSH while `act` lasts, so that its soak cannot be seen to end. */
async function unheard(host: LabHost, act: () => Promise<void>): Promise<void> {
  await freezeSshd(host);
  try {
    await act();
  } finally {
    await thawSshd(host);
  }
}

async function signalConductor(signal: 'STOP' | 'CONT'): Promise<void> {
  const kill = ['systemctl', 'kill', `--signal=${signal}`, 'nova-conductor.service'];
  expect(await cloud.controller.exec(kill)).toMatchObject({ code: 0 });
}
