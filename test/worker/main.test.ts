import { TransportError } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInventory, type SiteInventory, siteOf } from '../../inventory/load.js';
import { type RunningWorker, startWorker, type WorkerParts } from '../../worker/main.js';
import { defaultSettings, type WorkerRole } from '../../worker/options.js';
import { type DevServer, startDevServer } from '../../worker/server/dev-server.js';
import { anyFreePort } from '../../worker/server/ports.js';
import { searchAttributes, workflowTypes } from '../../workflows/messages/names.js';
import { shared } from '../setup/shared.js';
import { connect, type TestServer, uniqueName } from '../setup/temporal.js';

let server: DevServer;
let client: TestServer['client'];
let inventory: SiteInventory;
const cloud = uniqueName('cloud');

beforeAll(async () => {
  const nodes = '[{ name: c1, address: 127.0.0.1, roles: [compute] }]';
  const openstack = '{ authUrl: "https://127.0.0.1:1", username: u, password: "env:OSTLER_TEST_UNSET", project: p }';
  const text = `{ cloud: ${cloud}, ssh: { user: ops, agent: /nonexistent }, nodes: ${nodes}, openstack: ${openstack} }`;
  inventory = siteOf(parseInventory(text, 'ostler.yaml'), '/nonexistent/ostler.yaml');
  server = await startDevServer({ searchAttributes });
  client = (await connect(server.address)).client;
});
afterAll(() => server.stop());

async function parts(role: WorkerRole, address = server.address, namespace = 'default'): Promise<WorkerParts> {
  return {
    settings: { ...defaultSettings, role },
    temporal: { connection: { address }, namespace },
    bundle: { codePath: await shared('workflow-bundle') },
    ...(role !== 'workflows' && { inventory }),
  };
}

/** Starts a worker, lets `use` run beside it, and shuts it down. */
async function beside(role: WorkerRole, use: (worker: RunningWorker) => Promise<void>): Promise<void> {
  const worker = await startWorker(await parts(role));
  const ended = worker.run();
  try {
    await use(worker);
  } finally {
    worker.shutdown();
    await ended;
  }
}

/** Why the worker beside us makes no plan: every failure on the way here, the outermost first. */
async function refusalOf(request: object): Promise<{ type?: string; message: string }[]> {
  const failure = await client.workflow
    .execute(workflowTypes.planRollout, {
      workflowId: uniqueName('plan'),
      taskQueue: 'ostler',
      args: [{ request: { cloud, operation: 'restart', ...request } }],
      workflowExecutionTimeout: '30s',
    })
    .catch((error: unknown) => error);
  const chain: Error[] = [];
  for (let cause = failure; cause instanceof Error; cause = cause.cause) chain.push(cause);
  return chain;
}

describe('a worker', () => {
  it.each([
    ['all', ['ostler', `ostler-${cloud}`]],
    ['workflows', ['ostler']],
    ['site', [`ostler-${cloud}`]],
  ] as const)('of the role %s polls the queues of its role and no other', (role, queues) =>
    beside(role, async ({ taskQueues }) => {
      expect(taskQueues).toEqual(queues);
    }),
  );

  it('carries an operation from the central queue to the cloud’s own and back', () =>
    beside('all', async () => {
      // The activity's own refusal has come all the way back.
      expect((await refusalOf({ target: 'no-such-thing' })).map(({ type }) => type)).toContain('InvalidRequest');
    }));

  it('runs without its OpenStack password, and says so when an operation needs it', () =>
    beside('all', async () => {
      const policy = { soakMs: 0, maxFailures: 0, onFailure: 'pause', promote: false };
      const limits = { pauseDeadlineMs: 60_000, admitDeadlineMs: 60_000 };
      const request = { target: 'nova-compute', ...policy, ...limits, actor: 'ada@bastion', reason: 'OPS-1' };
      expect(await refusalOf(request)).toContainEqual(
        expect.objectContaining({
          type: 'PlanRefused',
          message: expect.stringContaining('env:OSTLER_TEST_UNSET is not set in the environment of this process'),
        }),
      );
    }));

  it('ends at once when it is shut down before it runs', async () => {
    const worker = await startWorker(await parts('all'));
    worker.shutdown();
    await expect(worker.run()).resolves.toBeUndefined();
  });

  it('does not start without a server', async () => {
    await expect(startWorker(await parts('all', `127.0.0.1:${await anyFreePort()}`))).rejects.toThrow(TransportError);
  });

  it('does not start in a namespace that is not there', async () => {
    await expect(startWorker(await parts('all', server.address, 'nowhere'))).rejects.toMatchObject({ code: 5 });
  });

  it('of a site needs an inventory', async () => {
    const { inventory: _none, ...rest } = await parts('site');
    await expect(startWorker(rest)).rejects.toThrow('a worker of the role site needs an inventory');
  });
});
