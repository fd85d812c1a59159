import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { expect, vi } from 'vitest';
import type { RolloutProgress } from '../../domain/progress.js';
import { haproxyView, untilControlPlaneRuns, upControlPlane } from '../../lab/real/control-plane/index.js';
import type { LabHost, RealFleet } from '../../lab/real/index.js';
import { clusterView, controllersOf, crm } from '../../lab/real/pacemaker/index.js';
import { type DevServer, startDevServer } from '../../worker/server/dev-server.js';
import { rolloutId, searchAttributes } from '../../workflows/messages/names.js';
import { WorkerProcess } from '../faults/worker-process.js';
import { controllerRules } from './controller-rules.js';
import { build, type Ended, ostler } from './program.js';

/** Patience for one step of an operation on a loaded machine. */
const patience = { timeout: 300_000, interval: 300 };

/** What is left on the controllers, read from CIB and HAProxy themselves and from no record of ours. */
interface Left {
  standby: string[];
  marks: string[];
  constraints: string[];
  maintenance: boolean;
  drained: string[];
}

/** A control plane, a Temporal server and a worker, for operations on controllers. */
export class ControllersOnTrial {
  private worker: WorkerProcess | undefined;
  private connection: Connection | undefined;

  private constructor(
    readonly fleet: RealFleet,
    private readonly server: DevServer,
  ) {}

  static async up(name: string): Promise<ControllersOnTrial> {
    build();
    const fleet = await upControlPlane({ name, sudoers: controllerRules() });
    const trial = new ControllersOnTrial(fleet, await startDevServer({ searchAttributes }));
    trial.connection = await Connection.connect({ address: trial.server.address });
    await trial.startWorker();
    return trial;
  }

  async down(): Promise<void> {
    await this.worker?.kill();
    await this.connection?.close();
    await this.server.stop();
    await this.fleet.down();
  }

  async startWorker(): Promise<void> {
    const { inventoryFile } = this.fleet;
    this.worker = await WorkerProcess.start({ role: 'all', address: this.server.address, inventoryFile });
  }

  async killWorker(): Promise<void> {
    await this.worker?.kill();
    this.worker = undefined;
  }

  /** SIGKILL, and another one in its place. */
  async replaceWorker(): Promise<void> {
    await this.killWorker();
    await this.startWorker();
  }

  get controllers(): LabHost[] {
    return controllersOf(this.fleet);
  }

  private run(argv: readonly string[]): Promise<Ended> {
    return ostler(...argv, '--inventory', this.fleet.inventoryFile, '--address', this.server.address);
  }

  /** Runs a command line as an operator does, and expects its exit code. */
  async ostler(code: number, ...argv: string[]): Promise<Ended> {
    const ended = await this.run(argv);
    expect(ended.code, `${argv.join(' ')}\n${ended.out}\n${ended.err}`).toBe(code);
    return ended;
  }

  /** Says something to a run whose worker has just been replaced: for some seconds nobody may answer, and then it is said again. */
  async untilTold(...argv: string[]): Promise<void> {
    await vi.waitFor(async () => {
      const { code, err } = await this.run(argv);
      expect(code === 0 || err.includes('already'), err).toBe(true);
    }, patience);
  }

  handle(operation: string, target: string): WorkflowHandle {
    if (!this.connection) throw new Error('there is no connection to Temporal');
    const client = new Client({ connection: this.connection });
    return client.workflow.getHandle(rolloutId(operation, this.fleet.name, target));
  }

  progress(operation: string, target: string): Promise<RolloutProgress> {
    return this.handle(operation, target).query('progress');
  }

  /** The controller that an address is on, as another says that is on. */
  async holderOf(vip: string): Promise<LabHost> {
    const [host] = await this.on();
    const [name] = (await clusterView(host as LabHost)).started[vip] ?? [];
    return this.fleet.host(name ?? `${vip} is nowhere`);
  }

  /** A controller without any address. */
  async idle(): Promise<LabHost> {
    const holders = await Promise.all(['vip__management', 'vip__public'].map((vip) => this.holderOf(vip)));
    return this.controllers.find((host) => !holders.includes(host)) as LabHost;
  }

  /** The controllers that have power. */
  async on(): Promise<LabHost[]> {
    const on = await Promise.all(this.controllers.map((host) => host.isOn()));
    return this.controllers.filter((_, index) => on[index]);
  }

  /** What is left on the controllers that are on. */
  async left(): Promise<Left> {
    const hosts = await this.on();
    const [host] = hosts as [LabHost];
    const nodes = await crm(host, ['cibadmin', '-Q', '-o', 'nodes']);
    const constraints = await crm(host, ['cibadmin', '-Q', '-o', 'constraints']);
    const properties = await crm(host, ['cibadmin', '-Q', '-o', 'crm_config']);
    const attributes = (name: string): string[] =>
      [...nodes.matchAll(new RegExp(`<nvpair [^>]*name="${name}" value="([^"]*)"`, 'g'))].map(
        ([, value = '']) => value,
      );
    const drained = await Promise.all(
      hosts.map(async (one) =>
        // A controller in standby runs no HAProxy.
        (await haproxyView(one).catch(() => []))
          .filter(({ status }) => /^(?:MAINT|DRAIN)/.test(status))
          .map(({ proxy, server }) => `${proxy}/${server} on ${one.name}`),
      ),
    );
    return {
      standby: attributes('standby'),
      marks: attributes('ostler'),
      constraints: [...constraints.matchAll(/id="(cli-[^"]*)"/g)].map(([, id = '']) => id),
      maintenance: /maintenance-mode" value="true"/.test(properties),
      drained: drained.flat(),
    };
  }

  async untilLeft(seen: (left: Left) => void): Promise<void> {
    await vi.waitFor(async () => seen(await this.left()), patience);
  }

  /** The rule of every operation's end: nothing is left, everything runs, and nothing is owed. */
  async expectAsBefore(): Promise<void> {
    expect(await this.left()).toEqual({ standby: [], marks: [], constraints: [], maintenance: false, drained: [] });
    await untilControlPlaneRuns(this.fleet);
    const { out } = await this.ostler(0, 'leases');
    expect(out).toContain(`Nothing is owed on ${this.fleet.name}.`);
    const { out: locks } = await this.ostler(0, 'locks');
    expect(locks).toContain('Nobody holds a lease');
  }

  async untilWaitingFor(operation: string, target: string, reason: string): Promise<RolloutProgress> {
    return vi.waitFor(async () => {
      const progress = await this.progress(operation, target);
      expect(progress.waiting?.for).toBe(reason);
      return progress;
    }, patience);
  }
}
