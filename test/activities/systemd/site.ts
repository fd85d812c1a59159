import { randomBytes } from 'node:crypto';
import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import { createRunOnHost } from '../../../activities/hosts.js';
import { type Keeper, KeeperSilent } from '../../../activities/keeper.js';
import { createSshPool } from '../../../activities/ssh/pool.js';
import { createSystemdActivities, type SystemdActivities } from '../../../activities/systemd/index.js';
import { createObserver, type Observer } from '../../../activities/systemd/observe.js';
import { acquire, type BudgetState, type Lease, release, renew } from '../../../domain/budget.js';
import { type CatalogueEntry, catalogue } from '../../../domain/catalogue.js';
import type { ActResult, RestartOrder, RestartTicket, Verdicts, VerifyRequest } from '../../../domain/rollout.js';
import { loadInventory, type SiteInventory } from '../../../inventory/load.js';
import { type SimFleet, startSimFleet } from '../../../lab/sim/fleet.js';
import type { SimHost } from '../../../lab/sim/host.js';
import type { SimOptions } from '../../../lab/sim/options.js';
import { folderWith } from '../../inventory/scratch.js';

export const TARGET = 'nova-compute';
const entry = catalogue.get(TARGET) as CatalogueEntry;

/** A cloud's budget without Temporal: the keeper's own rules, and a switch for its silence. */
export class FakeKeeper implements Keeper {
  readonly state: BudgetState = { leases: [] };
  readonly ended = new Set<string>();
  silent = false;
  renewals = 0;

  acquire: Keeper['acquire'] = (request) => this.answer(() => acquire(this.state, request));
  release: Keeper['release'] = (key) => this.answer(() => void release(this.state, key));
  ownerRuns: Keeper['ownerRuns'] = ({ owner }) => this.answer(() => !this.ended.has(owner));
  renew: Keeper['renew'] = (key) => {
    this.renewals++;
    return this.answer(() => renew(this.state, key));
  };

  private async answer<T>(give: () => T): Promise<T> {
    if (this.silent) throw new KeeperSilent('the keeper locks/sim did not answer');
    return give();
  }
}

/** What an activity's attempt is told, and what its heartbeats said. */
export interface Attempt extends Partial<Info> {
  beats?: unknown[];
  cancelled?: AbortSignal;
}

/** Runs an activity in an environment of its own, as an attempt of a workflow's. */
export function attempt<Argument, Result>(
  activity: (argument: Argument) => Promise<Result>,
  argument: Argument,
  { beats, cancelled, ...info }: Attempt = {},
): Promise<Result> {
  const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
  environment.on('heartbeat', (details) => beats?.push(structuredClone(details)));
  cancelled?.addEventListener('abort', () => environment.cancel());
  return environment.run(activity, argument);
}

/** Starts a simulated fleet that is gone at the end of the test, with what its activities reach it by. */
export async function startFleet(options: Partial<SimOptions>) {
  const fleet = await startSimFleet({ controllers: 0, computes: 1, restartMs: 60, ...options });
  const inventory = await loadInventory(await fleet.writeInventory(await folderWith({})));
  const ssh = createSshPool();
  onTestFinished(async () => {
    await ssh.close();
    await fleet.stop();
  });
  const run = createRunOnHost(inventory, ssh);
  return { fleet, inventory, run, observer: createObserver(inventory, run), keeper: new FakeKeeper() };
}

/** A simulated fleet with the activities of the worker that looks after it. */
export class Site {
  readonly lease: Lease = {
    owner: 'restart/sim/nova-compute',
    run: 'run-1',
    batch: 0,
    role: 'compute',
    nodes: [],
    actor: 'ada@bastion',
    reason: 'OPS-1',
  };

  private constructor(
    readonly fleet: SimFleet,
    readonly inventory: SiteInventory,
    readonly observer: Observer,
    readonly keeper: FakeKeeper,
    readonly activities: SystemdActivities,
  ) {
    keeper.state.leases.push(this.lease);
  }

  /** Starts a fleet that is gone at the end of the test. */
  static async start(options: Partial<SimOptions> = {}): Promise<Site> {
    const { fleet, inventory, run, observer, keeper } = await startFleet(options);
    return new Site(fleet, inventory, observer, keeper, createSystemdActivities({ inventory, run, observer, keeper }));
  }

  host(node = 'compute-1'): SimHost {
    return this.fleet.host(node);
  }

  /** What a host must still look like, as it looks now. */
  async ticket(node = 'compute-1', verb: RestartTicket['verb'] = 'try-restart'): Promise<RestartTicket> {
    const { unit } = await this.observer.probe(node, entry);
    if (!unit) throw new Error(`${node} has no ${TARGET}`);
    return { verb, fence: unit.fence, failedNeeds: unit.failedNeeds };
  }

  /** An order for a host as it looks now, under a new intent. */
  async order(more: Partial<RestartOrder> = {}): Promise<RestartOrder> {
    const node = more.node ?? 'compute-1';
    const { owner, run, batch } = this.lease;
    return {
      node,
      target: TARGET,
      ticket: more.ticket ?? (await this.ticket(node)),
      intent: randomBytes(8).toString('hex'),
      maybeSent: false,
      lease: { owner, run, batch },
      deadlineMs: 20_000,
      ...more,
    };
  }

  restart(order: RestartOrder, info?: Attempt): Promise<ActResult> {
    return attempt(this.activities.restartUnit, order, info);
  }

  verify(more: Partial<VerifyRequest> & Pick<VerifyRequest, 'hosts'>, info?: Attempt): Promise<Verdicts> {
    return attempt(this.activities.verifyRestart, { target: TARGET, soakMs: 0, deadlineMs: 20_000, ...more }, info);
  }

  /** Starts of a host's unit, by whose hand, boots and automatic restarts included. */
  startsOf(node = 'compute-1'): string[] {
    const unit = this.host(node).unitName(TARGET);
    return this.host(node)
      .ledger.starts.filter((start) => start.unit === unit)
      .map(({ by }) => by);
  }
}

/** True for the exec request that would restart something. */
export const isAct = (command: string): boolean => command.includes('systemd-run');
