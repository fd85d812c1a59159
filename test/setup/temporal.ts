import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { afterAll } from 'vitest';
import { startTimeSkippingServer } from '../../worker/server/test-server.js';
import { shared } from './shared.js';

// Every test file is a process of its own, so this happens once in each, before any connection or worker exists.
Runtime.install({ logger: new DefaultLogger('WARN') });

/** A Temporal server as tests and their workers see it. */
export interface TestServer {
  readonly address: string;
  readonly client: Client;
  readonly nativeConnection: NativeConnection;
}

/** A worker that runs in the background until `stop()`, or else until the end of its test file. */
export interface RunningWorker {
  readonly taskQueue: string;
  /** Shut down gracefully. Throws what made the worker fail, if it did. */
  readonly stop: () => Promise<void>;
}

const closers: (() => Promise<unknown>)[] = [];

/** Ends what this file started, the last first: workers before their connections, connections before their server. */
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

let dev: Promise<TestServer> | undefined;
let timeSkipping: Promise<TestWorkflowEnvironment> | undefined;

/** The development server that all files of a run share, with Ostler's search attributes. Use names of your own on it. */
export function devClient(): Promise<TestServer> {
  dev ??= shared('dev-server').then(connect);
  return dev;
}

/** Clients of a Temporal server at `address`, closed at the end of the test file. */
export async function connect(address: string): Promise<TestServer> {
  const connection = await Connection.connect({ address });
  closers.push(() => connection.close());
  const nativeConnection = await NativeConnection.connect({ address });
  closers.push(() => nativeConnection.close());
  return { address, client: new Client({ connection }), nativeConnection };
}

/** A time-skipping server of this test file alone: its clock runs ahead for everybody who uses it. */
export function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  timeSkipping ??= shared('test-server').then(async (executable) => {
    const environment = await startTimeSkippingServer(executable);
    closers.push(() => environment.teardown());
    return environment;
  });
  return timeSkipping;
}

/** A name nobody else uses, for task queues and workflow ids: `prefix-` and 12 hex digits. */
export const uniqueName = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;

/**
 * Start a worker, by default on the shared development server, with the run's bundle of `workflows/`, on a task queue of its own.
 *
 * @param on      server to poll: what `devClient`, `connect` or `timeSkippingServer` returned
 * @param options anything else a worker takes; what is given here wins
 */
export async function startWorker({
  on,
  ...options
}: Partial<Omit<WorkerOptions, 'connection'>> & { on?: Pick<TestServer, 'nativeConnection'> }): Promise<RunningWorker> {
  const { nativeConnection } = on ?? (await devClient());
  const taskQueue = options.taskQueue ?? uniqueName('test');
  const ownWorkflows = options.workflowBundle ?? options.workflowsPath;
  const worker = await Worker.create({
    ...(ownWorkflows === undefined && { workflowBundle: { codePath: await shared('workflow-bundle') } }),
    ...options,
    taskQueue,
    connection: nativeConnection,
  });
  const finished = worker.run();
  finished.catch(() => {});
  const stop = async (): Promise<void> => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await finished;
  };
  closers.push(stop);
  return { taskQueue, stop };
}
