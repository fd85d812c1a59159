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

/** A sudo that stalls or runs, and the shell that is to call it. */
const onItsWay = `${stalled}|^sudo|systemd-run`;

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
    await Promise.all(hosts.map(wakeSudoOn));
  }

  /** Until a sudo waits on each of `hosts`: what was sent has arrived, and is not answered. */
  async untilSudoWaits(hosts: readonly LabHost[]): Promise<void> {
    for (const host of hosts)
      await until(`sudo to wait on ${host.name}`, 180_000, async () => (await count(host, stalled)) > 0);
  }

  /** Whatever the test left: nobody of ours is there any more when the hosts are put right for the next one. */
  private async clear(): Promise<void> {
    const ended = await Promise.allSettled([
      ...this.workers.map((worker) => worker.kill()),
      this.connection?.close(),
      this.server.kill(),
    ]);
    const cleared = await Promise.allSettled([
      rm(this.dir, { recursive: true, force: true }),
      ...this.lane.hosts.map(putRight),
    ]);
    for (const result of [...ended, ...cleared]) if (result.status === 'rejected') throw result.reason;
  }
}

/** How many processes on `host` have a command line like `pattern`. */
async function count(host: LabHost, pattern: string): Promise<number> {
  const { stdout } = await host.exec(['pgrep', '-f', '-c', pattern]);
  return Number(stdout.trim());
}

async function wakeSudoOn(host: LabHost): Promise<void> {
  await until(`no sudo to wait on ${host.name}`, 60_000, async () => {
    await host.exec(['pkill', '-f', stalled]);
    return (await count(host, onItsWay)) === 0;
  });
}

/** Take back every fault that a scene can have set on `host`, set or not, and start what it should run. */
async function putRight(host: LabHost): Promise<void> {
  await host.powerOn();
  await thawSshd(host);
  for (const how of ['slow-start', 'slow-stop'] as const) await unsteer(host, how);
  if ((await host.exec(['test', '-e', '/usr/bin/sudo.real'])).code === 0) await unstallSudo(host);
  await wakeSudoOn(host);
  await host.exec(['systemctl', 'start', 'ssh.service', unit]);
}
