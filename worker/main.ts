import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { createActivities } from '../activities/index.js';
import { type ComputeServices, createComputeServices } from '../activities/openstack/compute-services.js';
import { createSshPool } from '../activities/ssh/pool.js';
import type { SiteInventory } from '../inventory/load.js';
import { openStackCredentials } from '../inventory/openstack.js';
import { siteQueue, WORKFLOW_QUEUE } from '../workflows/messages/names.js';
import { workflowBundle } from './bundle.js';
import { keepHeapSmall } from './memory.js';
import type { WorkerSettings } from './options.js';
import { siteWorkerOptions, workflowWorkerOptions } from './sdk-options.js';
import type { TemporalSettings } from './temporal-settings.js';

/** One costs 30 KB. Roles of up to so many hosts are read again and again without connecting anew. */
const MAX_CONNECTIONS = 1_000;

export interface WorkerParts {
  settings: WorkerSettings;
  temporal: TemporalSettings;
  /** The site's own description; needed by every role but `workflows`. */
  inventory?: SiteInventory;
  /** The workflows' code, where it is known already. */
  bundle?: WorkflowBundleOption;
}

/** Workers that are connected and checked, but do not poll before `run`. */
export interface RunningWorker {
  /** The task queues that are polled. */
  readonly taskQueues: readonly string[];
  /**
   * Polls until `shutdown`, or until something breaks; resolves when commands in flight have ended, or the grace period has.
   * Connections to Temporal and to the hosts are closed by then.
   */
  run(): Promise<void>;
  /** Take no new work and let `run` come to its end; called before `run`, that ends at once. */
  shutdown(): void;
}

/**
 * Connects to Temporal and makes the workers of a role: decisions on the one central queue, actions on the cloud's own.
 * @throws {TransportError} when the server cannot be reached, and its gRPC error when the namespace cannot be had
 */
export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { settings, temporal, inventory } = parts;
  keepHeapSmall();
  const connection = await NativeConnection.connect(temporal.connection);
  const ssh = createSshPool({ maxConnections: MAX_CONNECTIONS });
  const close = async (): Promise<void> => {
    await ssh.close();
    await connection.close();
  };
  const common = { connection, namespace: temporal.namespace };
  const workers: Worker[] = [];
  try {
    // A namespace that cannot be had is found here: a worker whose creation fails for it is never freed by the SDK (1.24), and
    // would keep the process from ending.
    await connection.workflowService.describeNamespace({ namespace: temporal.namespace });
    if (settings.role !== 'site') {
      workers.push(
        await Worker.create({
          ...workflowWorkerOptions(settings),
          ...common,
          taskQueue: WORKFLOW_QUEUE,
          workflowBundle: parts.bundle ?? (await workflowBundle()),
        }),
      );
    }
    if (settings.role !== 'workflows') {
      if (!inventory) throw new TypeError(`a worker of the role ${settings.role} needs an inventory`);
      const client = new Client(common);
      workers.push(
        await Worker.create({
          ...siteWorkerOptions(settings),
          ...common,
          taskQueue: siteQueue(inventory.cloud),
          activities: createActivities({ inventory, ssh, client, ...computeServicesOf(inventory) }),
        }),
      );
    }
  } catch (error) {
    // A worker holds its connection until it has run to its end, and there may be one already.
    const made = together(workers, close);
    made.shutdown();
    await made.run();
    throw error;
  }
  return together(workers, close);
}

/** Health from Nova's point of view, where the inventory says how to ask it. */
function computeServicesOf(inventory: SiteInventory): { computeServices?: ComputeServices } {
  const readCredentials = openStackCredentials(inventory);
  // They are read for each use. Whoever starts a worker hears now of what a plan would be refused for later.
  readCredentials?.().catch(({ message }: Error) => {
    Runtime.instance().logger.warn(`until this is mended, plans are refused: ${message}`);
  });
  return readCredentials ? { computeServices: createComputeServices(readCredentials, inventory.nodes) } : {};
}

/** Workers that live and end together: when one breaks, the others are shut down in good order. */
function together(workers: readonly Worker[], close: () => Promise<void>): RunningWorker {
  let stopped = false;
  const shutdown = (): void => {
    stopped = true;
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    taskQueues: workers.map(({ options }) => options.taskQueue),
    shutdown,
    async run() {
      const runs = workers.map((worker) =>
        worker.run().catch((error: unknown) => {
          shutdown();
          throw error;
        }),
      );
      if (stopped) shutdown();
      const ended = await Promise.allSettled(runs);
      await close();
      const broken = ended.find((result) => result.status === 'rejected');
      if (broken) throw broken.reason;
    },
  };
}
