import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  freezeSshd,
  type LabHost,
  type Steering,
  stallSudo,
  steer,
  thawSshd,
  unstallSudo,
  unsteer,
} from '../../lab/real/index.js';
import { until } from '../../lab/real/wait.js';
import type { WorkerRole } from '../../worker/options.js';
import { type DevServer, type DevServerOptions, startDevServer } from '../../worker/server/dev-server.js';
import { searchAttributes } from '../../workflows/messages/names.js';
import type { Lane } from './lanes.js';
import { beginRun, type RunOnTrial, type RunOptions, unit } from './run-on-trial.js';
import { WorkerProcess } from './worker-process.js';

/** What a hold of {@link Scene} lasts unless it is let go: longer than any test. */
const tillLetGo = 3_000;

/** The wait of a sudo that stalls; the stand-ins sleep for tenths or for ever. */
const stalled = '^sleep [0-9]+$';

/** One test's server, workers and run, on the hosts of its lane. */
export class Scene {
  private readonly workers: WorkerProcess[] = [];
  private readonly holds: (() => Promise<void>)[] = [];
  private connection: Connection | undefined;

  private constructor(
    readonly lane: Lane,
    private readonly dir: string,
    private readonly serverOptions: DevServerOptions,
    private server: DevServer,
  ) {}

  /** Set a scene for `play`, and clear it away afterwards: hosts as they were, no process left. */
  static async set<T>(
    lane: Lane,
    play: (scene: Scene) => Promise<T>,
    dynamicConfig: DevServerOptions['dynamicConfig'] = {},
  ): Promise<T> {
    const dir = await mkdtemp(join(tmpdir(), 'ostler-fault-'));
    const options = { dbFile: join(dir, 'temporal.db'), searchAttributes, dynamicConfig };
    const scene = new Scene(lane, dir, options, await startDevServer(options));
    try {
      return await play(scene);
    } finally {
      await scene.clear();
    }
  }

  /** The lane's hosts by their place in the plan: host(1) is the first of the first batch. */
  host(place: number): LabHost {
    const host = this.lane.hosts[place - 1];
    if (!host) throw new Error(`there is no host ${place} in this lane`);
    return host;
  }

  get address(): string {
    return this.server.address;
  }

  async startWorker(role: WorkerRole = 'all'): Promise<WorkerProcess> {
    const { address } = this;
    const worker = await WorkerProcess.start({ role, address, inventoryFile: this.lane.inventoryFile });
    this.workers.push(worker);
    return worker;
  }

  /** Start a run on the first two batches of the lane. */
  async begin(options: RunOptions = {}): Promise<RunOnTrial> {
    this.connection = await Connection.connect({ address: this.address });
    return beginRun(new Client({ connection: this.connection }), this.lane, options);
  }

  /** SIGKILL of the server, and another one on its file at its port; everything that is connected must find it by itself. */
  async replaceServer(): Promise<void> {
    await this.server.kill();
    const port = Number(this.server.address.split(':')[1]);
    this.server = await startDevServer({ ...this.serverOptions, port });
  }

  /** Hold every start (or stop) of the unit on `hosts` where it is. */
  holdUnit(hosts: readonly LabHost[], how: Steering): Promise<void> {
    return this.hold(
      hosts,
      (host) => steer(host, how, tillLetGo),
      (host) => unsteer(host, how),
    );
  }

  /** Let every sudo on `hosts` wait; those that wait when it is let go go on waiting until {@link wakeSudo}. */
  holdSudo(hosts: readonly LabHost[]): Promise<void> {
    return this.hold(hosts, (host) => stallSudo(host, tillLetGo), unstallSudo);
  }

  /** Let nobody on `hosts` be heard over SSH. */
  holdSshd(hosts: readonly LabHost[]): Promise<void> {
    return this.hold(hosts, freezeSshd, thawSshd);
  }

  private async hold(
    hosts: readonly LabHost[],
    take: (host: LabHost) => Promise<void>,
    letGo: (host: LabHost) => Promise<void>,
  ): Promise<void> {
    this.holds.push(async () => void (await Promise.all(hosts.map(letGo))));
    await Promise.all(hosts.map(take));
  }

  /** Let go whatever is held. */
  async letGo(): Promise<void> {
    for (const release of this.holds.splice(0)) await release();
  }

  /** Let calls of sudo that still wait run at last, and wait until they have. */
  async wakeSudo(hosts: readonly LabHost[]): Promise<void> {
    await Promise.all(
      hosts.map(async (host) => {
        await host.exec(['pkill', '-f', stalled]);
        await until(`no sudo to wait on ${host.name}`, 30_000, async () => (await sudosOn(host)) === 0);
      }),
    );
  }

  /** Until a sudo waits on each of `hosts`: what was sent has arrived, and is not answered. */
  async untilSudoWaits(hosts: readonly LabHost[]): Promise<void> {
    for (const host of hosts)
      await until(`sudo to wait on ${host.name}`, 60_000, async () => (await sudosOn(host)) > 0);
  }

  private async clear(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.connection?.close();
    await this.server.kill();
    await rm(this.dir, { recursive: true, force: true });
    await Promise.all(this.lane.hosts.map((host) => host.powerOn()));
    await this.letGo();
    await Promise.all(
      this.lane.hosts.map(async (host) => {
        await host.exec(['pkill', '-f', stalled]);
        await host.exec(['systemctl', 'start', 'ssh.service', unit]);
      }),
    );
  }
}

async function sudosOn(host: LabHost): Promise<number> {
  const { stdout } = await host.exec(['pgrep', '-f', '-c', `${stalled}|^sudo|systemd-run`]);
  return Number(stdout.trim());
}
