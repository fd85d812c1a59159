import { ApplicationFailure } from '@temporalio/activity';
import { type Client, WithStartWorkflowOperation, type WorkflowHandle } from '@temporalio/client';
import { vi } from 'vitest';
import type { Finding } from '../../domain/audit/finding.js';
import type { ControllerRequest } from '../../domain/failover.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { RolloutProgress, Waiting } from '../../domain/progress.js';
import {
  auditId,
  clusterStatusId,
  keeperId,
  notifyTestId,
  serviceStatusId,
  WORKFLOW_QUEUE,
  workflowTypes,
} from '../../workflows/messages/names.js';
import { startWorker, uniqueName } from '../setup/temporal.js';
import { FakeCeph, type FakeCephOptions } from '../workflows/fake-ceph.js';
import { type Call, FakeControllers, type FakeControllersOptions } from '../workflows/fake-controllers.js';
import { ledgerWith, memory } from '../workflows/fake-ledger.js';
import { FakeReplicaSet, type FakeReplicaSetOptions } from '../workflows/fake-replica-set.js';
import { FakeServices, type FakeServicesOptions } from '../workflows/fake-services.js';
import { FakeSite, type FakeSiteOptions } from '../workflows/fake-site.js';
import { launch, operate } from '../workflows/steering.js';

type Server = Parameters<FakeSite['start']>[0] & { client: Client };

/** Which history to keep; of the latest run where none is named. */
export interface Recorded {
  workflowId: string;
  runId?: string;
}

/** One way a shipped workflow can go, brought about on a server. */
type Outcome = (server: Server) => Promise<Recorded>;

const alice = { actor: 'alice', reason: 'told so' };
const failed = { state: 'failed' as const, note: { why: 'exit 1' } };
const unknown = { state: 'unknown' as const, note: { why: 'no answer' } };
const acted = { state: 'acted' as const, byUs: true };

/** Every outcome whose history is kept, by the name of its file. */
export const outcomes: Record<string, Outcome> = {
  ok: (server) => restart(server, { hosts: ['c1', 'c2', 'c3'] }, { batch: [1, 2] }),
  refused: (server) => restart(server, { hosts: ['c1'], refusal: '3 of 3 are down' }, {}),
  'failed-within-allowance': (server) =>
    restart(server, { hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed] } } }, { maxFailures: 1 }),
  'paused-and-resumed': (server) =>
    restart(server, { hosts: ['c1', 'c2'] }, { promote: true }, async (handle) => {
      await waiting(handle, 'promotion');
      await tell(handle, 'pause');
      await tell(handle, 'promote');
      await waiting(handle, 'person');
      await tell(handle, 'resume');
    }),
  'retried-and-skipped': (server) =>
    restart(
      server,
      { hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed, acted] }, c2: { verdicts: [failed] } } },
      {},
      async (handle) => {
        await waiting(handle, 'failures');
        await tell(handle, 'retry', { nodes: ['c1'] });
        await vi.waitFor(
          async () => {
            if ((await progressOf(handle)).states !== 'of') throw new Error('c2 has not failed yet');
          },
          { timeout: 20_000 },
        );
        await waiting(handle, 'failures');
        await tell(handle, 'skip', { nodes: ['c2'] });
      },
    ),
  'unknown-resolved': (server) =>
    restart(
      server,
      { hosts: ['c1'], behaviour: { c1: { acts: [{ state: 'unknown', note: { why: 'no answer' } }, acted] } } },
      {},
      async (handle) => {
        await waiting(handle, 'failures');
        await tell(handle, 'retry');
      },
    ),
  'no-room-then-keeper-silent': (server) =>
    restart(
      server,
      {
        hosts: ['c1'],
        admissions: [
          { admitted: false, silent: false, why: '3 would be down' },
          { admitted: false, silent: true, why: 'no answer' },
        ],
      },
      {},
      async (handle) => {
        await waiting(handle, 'budget');
        await tell(handle, 'resume');
        await waiting(handle, 'keeper');
        await tell(handle, 'resume');
      },
    ),
  aborted: (server) =>
    restart(server, { hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed] } } }, {}, async (handle) => {
      await waiting(handle, 'failures');
      await tell(handle, 'abort');
    }),
  'aborted-on-failure': (server) =>
    restart(server, { hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed] } } }, { onFailure: 'abort' }),
  cancelled: (server) =>
    restart(server, { hosts: ['c1', 'c2'] }, { promote: true }, async (handle) => {
      await waiting(handle, 'promotion');
      await handle.cancel();
    }),
  'aborted-while-waiting-for-room': (server) =>
    restart(
      server,
      { hosts: ['c1'] },
      {},
      async (handle) => {
        await vi.waitFor(
          async () => {
            if ((await progressOf(handle)).step !== 'waiting for room') throw new Error('it does not ask for room yet');
          },
          { timeout: 20_000 },
        );
        await tell(handle, 'abort');
      },
      (site) => site.hold('room'),
    ),
  'continued-as-new-first': async (server) => {
    const { workflowId, firstExecutionRunId } = await restart(server, { hosts: hosts(8) }, {});
    return { workflowId, runId: firstExecutionRunId };
  },
  'continued-as-new-last': async (server) => {
    const { workflowId } = await restart(server, { hosts: hosts(8) }, {});
    return { workflowId };
  },
  planned: async (server) => {
    const site = new FakeSite({ hosts: ['c1'] });
    const taskQueue = await site.start(server);
    const handle = await server.client.workflow.start(workflowTypes.planRollout, {
      workflowId: uniqueName('plan'),
      taskQueue,
      args: [{ request: site.request() }],
    });
    await handle.result();
    return { workflowId: handle.workflowId };
  },
  'cluster-read': async (server) => clusterStatus(server, { hosts: [], answers: [unread] }),
  'cluster-refused': async (server) => clusterStatus(server, { hosts: [], refusal: 'no node has the role controller' }),
  'notify-tested': async (server) => notifyTest(server, { hosts: [], channels: ['chat', 'mail'], deaf: ['mail'] }),
  'notify-test-refused': async (server) => notifyTest(server, { hosts: [] }),
  'audit-well': async (server) => audit(server, { hosts: ['c1', 'c2'], auditPlan: galera }),
  'audit-with-findings': async (server) =>
    audit(server, {
      hosts: ['c1', 'c2'],
      auditPlan: galera,
      findings: { c1: [shortOfMemory], galera: [{ ...shortOfMemory, check: 'galera', severity: 'error' }] },
    }),
  'audit-partly-unknown': async (server) => audit(server, { hosts: ['c1'], auditPlan: galera, mute: ['c1', 'galera'] }),
  'audit-refused': async (server) => audit(server, { hosts: [], refusal: 'there is no check memry' }),
  ledger: (server) =>
    ledger(server, ['ops', 'chat'], async ({ audit, channel, settled, handle }) => {
      channel('chat').severities = ['error'];
      await audit([memory]);
      await settled();
      await handle.executeUpdate('acknowledge', { args: [{ key: 'memory/c1', until: '2099-01-01', ...alice }] });
      await audit([{ ...memory, severity: 'error' }]);
      await settled();
      await audit([]);
      await settled();
    }),
  'ledger-in-quiet-hours': (server) =>
    ledger(server, ['ops'], async ({ audit, channel, settled }) => {
      const ops = channel('ops');
      ops.quietUntil = Date.now() + 3_600_000;
      ops.except = ['error'];
      await audit([memory, { ...memory, check: 'reachable', severity: 'error' }]);
      await vi.waitFor(() => {
        if (ops.events.length === 0) throw new Error('the error has not been told yet');
      });
      ops.quietUntil = undefined;
      await audit([{ ...memory, node: 'c2' }]);
      await settled();
    }),
  'ledger-of-a-deaf-channel': (server) =>
    ledger(server, ['ops'], async ({ audit, channel, settled }) => {
      channel('ops').take = () => {
        throw ApplicationFailure.nonRetryable('the webhook answered 404');
      };
      await audit([memory]);
      await settled();
      await audit([memory]);
    }),
  keeper: async (server) => {
    const site = new FakeSite({ hosts: [] });
    const taskQueue = await site.start(server);
    const workflowId = keeperId(site.cloud);
    const lease = {
      owner: 'a',
      run: 'r',
      batch: 0,
      role: 'compute',
      nodes: ['c1'],
      ...alice,
      maxUnavailable: 1,
      missing: [],
    };
    const ask = (update: string, argument: object) =>
      server.client.workflow.executeUpdateWithStart(update, {
        args: [argument],
        startWorkflowOperation: new WithStartWorkflowOperation(workflowTypes.cloudKeeper, {
          workflowId,
          taskQueue,
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      });
    await ask('acquire', lease);
    await ask('acquire', { ...lease, owner: 'b' });
    await ask('renew', lease);
    await ask('release', lease);
    await ask('acquire', { ...lease, batch: 1 });
    await ask('unlock', { owner: 'a', ...alice });
    await server.client.workflow.getHandle(workflowId).terminate('recorded');
    return { workflowId };
  },
  failover: (server) => controllers(server, {}, {}),
  'failover-held-and-returned': (server) =>
    controllers(server, {}, { ...untilReturned, vipsHome: true }, {}, async (handle) => {
      await waiting(handle, 'return');
      await tell(handle, 'return');
    }),
  'failover-held-for-a-time': (server) => controllers(server, {}, { hold: { kind: 'for', ms: 1_000 } }),
  'failover-with-trouble-while-held': (server) =>
    controllers(
      server,
      { answers: { guard: [{ trouble: 'Galera on controller-3 is Joined, not Synced' }] } },
      { hold: { kind: 'for', ms: 3_600_000 } },
      {},
      async (handle) => {
        await saying(handle, 'Galera');
        await tell(handle, 'return');
      },
    ),
  'failover-aborted-in-standby': (server) =>
    controllers(
      server,
      {},
      {},
      {},
      async (handle, site) => {
        await asked(site, 'away');
        await tell(handle, 'abort');
      },
      (site) => site.hold('away'),
    ),
  'failover-cancelled-while-held': (server) =>
    controllers(server, {}, untilReturned, {}, async (handle, site) => {
      await waiting(handle, 'return');
      await asked(site, 'guard');
      await handle.cancel();
    }),
  'failover-refused-step': (server) =>
    controllers(server, { answers: { 'take drain': [{ state: 'refused', why: 'RabbitMQ does not answer' }] } }, {}),
  'failover-refused-untouched': (server) =>
    controllers(
      server,
      { answers: { 'take drain': [{ state: 'refused', why: 'Galera has 2 of 3', isUntouched: true }] } },
      {},
    ),
  'failover-vetoed': (server) =>
    controllers(server, { answers: { admit: [{ state: 'vetoed', note: { why: 'Galera would have 1 of 3' } }] } }, {}),
  'failover-restored-again': (server) =>
    controllers(
      server,
      { answers: { 'undo standby': [{ state: 'refused', why: 'no quorum' }, { state: 'done' }] } },
      {},
      {},
      async (handle) => {
        await waiting(handle, 'restore');
        await tell(handle, 'retry');
      },
    ),
  'failover-left-out-of-service': (server) =>
    controllers(
      server,
      { answers: { 'undo drain': [{ state: 'refused', why: 'no quorum' }] } },
      {},
      {},
      async (handle) => {
        await waiting(handle, 'restore');
        await tell(handle, 'skip');
      },
    ),
  'failover-of-a-dead-controller': (server) =>
    controllers(server, {}, { dead: { confirmed: true }, ...untilReturned }, {}, async (handle) => {
      await waiting(handle, 'return');
      await tell(handle, 'return');
    }),
  'failover-not-proven-dead': (server) =>
    controllers(server, { answers: { 'prove dead': [{ proofs: [], doubts: ['it answers over SSH'] }] } }, gone),
  returned: (server) =>
    controllers(
      server,
      {
        before: { left: [{ kind: 'mark', mark: '0123456789abcdef' }, { kind: 'drain' }, { kind: 'standby' }] },
      },
      {},
      { operation: 'return' },
    ),
  'address-moved': (server) => controllers(server, {}, to, move),
  'address-not-moved': (server) =>
    controllers(server, { answers: { 'address there': [{ state: 'hopeless', why: 'it is blocked' }] } }, to, move),
  'controllers-rebooted-first': async (server) => {
    const { workflowId, firstExecutionRunId } = await controllers(server, { hosts: bothControllers }, {}, reboots);
    return { workflowId, runId: firstExecutionRunId };
  },
  'controllers-rebooted-last': (server) => controllers(server, { hosts: bothControllers }, {}, reboots),
  'controllers-reboot-failed': (server) =>
    controllers(
      server,
      {
        hosts: ['controller-1'],
        answers: { reboot: [{ state: 'failed', note: { why: 'it was not rebooted' } }] },
      },
      {},
      reboots,
    ),
  'module-restarted': (server) =>
    controllers(
      server,
      { hosts: bothControllers, before: { restarts: { units: [glance], resources: ['clone_p_haproxy'] } } },
      { module: 'glance' },
      reboots,
    ),
  'module-restart-failed': (server) =>
    controllers(
      server,
      {
        hosts: bothControllers,
        before: { restarts: { units: [glance], resources: [] } },
        answers: { 'restart units': [{ state: 'failed', note: { why: 'glance-api: exit 1' } }] },
      },
      { module: 'glance' },
      reboots,
    ),
  'replica-set-restarted': (server) => replicaSet(server, { hosts: mongoHosts, primary: 'mongo-2' }),
  'replica-set-no-step-down': (server) =>
    replicaSet(
      server,
      { hosts: mongoHosts, primary: 'mongo-2', stepsDown: [{ state: 'refused', why: 'nobody has caught up' }] },
      { onFailure: 'abort' },
    ),
  'replica-set-host-failed': (server) =>
    replicaSet(server, { hosts: mongoHosts, unproven: { 'mongo-1': failed } }, {}, async (handle) => {
      await waiting(handle, 'failures');
      await tell(handle, 'skip');
    }),
  'replica-set-host-vetoed': (server) =>
    replicaSet(server, {
      hosts: mongoHosts,
      inspected: { 'mongo-1': { state: 'vetoed', note: { why: 'mongo-2 is behind' } } },
    }),
  'ceph-restarted': (server) => ceph(server, { hosts: cephHosts }),
  'ceph-monitors-restarted': (server) => ceph(server, { hosts: cephHosts }, { target: 'ceph-mon' }),
  'ceph-host-failed': (server) =>
    ceph(server, { hosts: cephHosts, unproven: { 'ceph-1': failed } }, {}, async (handle) => {
      await waiting(handle, 'failures');
      await tell(handle, 'skip');
    }),
  'ceph-host-vetoed': (server) =>
    ceph(server, { hosts: ['ceph-1'], inspected: { 'ceph-1': { state: 'vetoed', note: { why: 'noout is set' } } } }),
  'ceph-flag-not-set': (server) =>
    ceph(server, { hosts: ['ceph-1'], sets: [{ state: 'refused', why: 'exit 1' }] }, { onFailure: 'abort' }),
  'ceph-flag-untouched': (server) =>
    ceph(
      server,
      { hosts: ['ceph-1'], sets: [{ state: 'refused', why: 'norecover is set', isUntouched: true }] },
      { onFailure: 'abort' },
    ),
  'ceph-flag-unset-again': (server) =>
    ceph(server, { hosts: ['ceph-1'], unsets: [notUnset, { state: 'done' }] }, {}, async (handle) => {
      await waiting(handle, 'restore');
      await tell(handle, 'retry');
    }),
  'ceph-flag-left': (server) =>
    ceph(server, { hosts: ['ceph-1'], unsets: [notUnset] }, { onFailure: 'abort' }, async (handle) => {
      await waiting(handle, 'restore');
      await tell(handle, 'skip');
    }),
  'ceph-aborted': (server) =>
    ceph(
      server,
      { hosts: cephHosts },
      {},
      async (handle, site) => {
        await vi.waitFor(() => {
          if (site.orders.length === 0) throw new Error('no host has its turn yet');
        }, 20_000);
        await tell(handle, 'abort');
        site.let('ceph-1');
      },
      (site) => site.hold('ceph-1'),
    ),
  'services-changed': (server) => services(server, { hosts: ['c1', 'c2', 'c3'] }, { batch: [1, 2] }),
  'services-change-retried': (server) =>
    services(server, { hosts: ['c1', 'c2'], changes: { c1: [failed, acted] } }, {}, async (handle) => {
      await waiting(handle, 'failures');
      await tell(handle, 'retry');
    }),
  'services-change-aborted': (server) =>
    services(server, { hosts: ['c1', 'c2'], unproven: { c1: failed } }, { onFailure: 'abort' }),
  'services-operated': (server) => services(server, { hosts: ['c1'], parts: serviceParts }, everyService),
  'services-part-retried': (server) =>
    services(
      server,
      { hosts: ['c1'], parts: serviceParts, changes: { c1: [failed, acted] } },
      everyService,
      async (handle) => {
        await waiting(handle, 'failures');
        await tell(handle, 'retry');
      },
    ),
  'services-part-left-unknown': (server) =>
    services(
      server,
      { hosts: ['c1'], parts: serviceParts, changes: { c1: [unknown, acted] } },
      everyService,
      async (handle) => {
        await waiting(handle, 'failures');
        await tell(handle, 'retry');
      },
    ),
  'services-part-as-wanted': (server) =>
    services(
      server,
      { hosts: ['c1'], parts: serviceParts, refusals: { mysql: { kind: 'nothing-to-do', why: 'all of it runs' } } },
      everyService,
    ),
  'services-aborted-in-a-part': (server) =>
    services(
      server,
      { hosts: ['c1', 'c2'], parts: serviceParts },
      everyService,
      async (handle, site) => {
        await vi.waitFor(() => {
          if (site.changed.length === 0) throw new Error('no part has begun');
        }, 20_000);
        await tell(handle, 'abort');
        site.let('c1');
      },
      (site) => site.hold('c1'),
    ),
  'services-read': async (server) => {
    const site = new FakeServices({ hosts: [] });
    const taskQueue = await site.start(server);
    const workflowId = serviceStatusId(site.cloud, uniqueName('status'));
    await server.client.workflow.execute(workflowTypes.serviceStatus, {
      workflowId,
      taskQueue,
      args: [{ cloud: site.cloud, target: 'nova' }],
    });
    return { workflowId };
  },
  'left-on-controllers': async (server) => {
    const site = new FakeControllers();
    const taskQueue = await site.start(server);
    const workflowId = uniqueName('left');
    await server.client.workflow.execute(workflowTypes.leftOnControllers, {
      workflowId,
      taskQueue,
      args: [{ cloud: site.cloud }],
    });
    return { workflowId };
  },
};

const untilReturned = { hold: { kind: 'until-returned', limitMs: 24 * 3_600_000 } } as const;
const gone = { dead: { confirmed: false } };
const to = { to: 'controller-2' };
const move = { operation: 'move', target: 'vip__public' } as const;
const glance = {
  target: 'glance-api',
  ticket: { verb: 'try-restart' as const, fence: { bootId: 'b', startedUs: 1, mainPid: 1 }, failedNeeds: [] },
};
const bothControllers = ['controller-1', 'controller-2'];
const reboots: Partial<RolloutRequest> = { operation: 'restart', target: 'controllers' };

const mongoHosts = ['mongo-1', 'mongo-2'];
const cephHosts = ['ceph-1', 'ceph-2'];
const notUnset = { state: 'refused' as const, why: 'Ceph answers nobody' };

const serviceParts = ['mysql.controller', 'nova.compute'];
const everyService: Partial<RolloutRequest> = { each: true, target: 'all', operation: 'start' };

const unread = { controller: 'c1', state: 'unread' as const, why: 'no answer', next: 'look at it' };

async function clusterStatus(server: Server, options: FakeSiteOptions): Promise<Recorded> {
  const site = new FakeSite(options);
  const taskQueue = await site.start(server);
  const { cloud } = site;
  const workflowId = clusterStatusId(cloud, uniqueName('status'));
  const handle = await server.client.workflow.start(workflowTypes.clusterStatus, {
    workflowId,
    taskQueue,
    args: [{ cloud }],
  });
  await handle.result().catch(() => undefined);
  return { workflowId };
}

async function notifyTest(server: Server, options: FakeSiteOptions): Promise<Recorded> {
  const site = new FakeSite(options);
  const taskQueue = await site.start(server);
  const { cloud } = site;
  const workflowId = notifyTestId(cloud, uniqueName('test'));
  const handle = await server.client.workflow.start(workflowTypes.notifyTest, {
    workflowId,
    taskQueue,
    args: [{ cloud }],
  });
  await handle.result().catch(() => undefined);
  return { workflowId };
}

const galera = { systems: [{ system: 'galera', checks: ['galera'] }] };

const shortOfMemory: Finding = {
  check: 'memory',
  node: 'c1',
  severity: 'warn',
  what: 'c1 is short of memory',
  evidence: [{ value: '97 %', threshold: 'error at 85 %', command: 'free' }],
  next: 'add some',
};

async function audit(server: Server, options: FakeSiteOptions): Promise<Recorded> {
  const site = new FakeSite(options);
  const taskQueue = await site.start(server);
  const { cloud } = site;
  const workflowId = auditId(cloud);
  const handle = await server.client.workflow.start(workflowTypes.audit, {
    workflowId,
    taskQueue,
    args: [{ cloud, ...alice }],
  });
  await handle.result().catch(() => undefined);
  return { workflowId };
}

async function ledger(
  server: Server,
  channels: string[],
  steer: (ledger: Awaited<ReturnType<typeof ledgerWith>>) => Promise<void>,
): Promise<Recorded> {
  await startWorker({ on: server, taskQueue: WORKFLOW_QUEUE });
  const here = await ledgerWith(channels, server);
  await steer(here);
  const { raw } = await here.handle.describe();
  await here.handle.terminate('recorded');
  // It may have continued as new on the way; its first run has the most to tell.
  return { workflowId: here.handle.workflowId, runId: raw.workflowExecutionInfo?.firstRunId ?? '' };
}

const hosts = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index + 1}`);

async function restart(
  server: Server,
  options: FakeSiteOptions,
  overrides: Partial<RolloutRequest>,
  steer: (handle: WorkflowHandle) => Promise<void> = async () => {},
  prepare: (site: FakeSite) => void = () => {},
) {
  const site = new FakeSite(options);
  prepare(site);
  const taskQueue = await site.start(server);
  const handle = await server.client.workflow.start(workflowTypes.rollingRestart, {
    workflowId: uniqueName('restart'),
    taskQueue,
    args: [{ request: site.request(overrides) }],
  });
  await steer(handle);
  await handle.result().catch(() => undefined);
  return { workflowId: handle.workflowId, firstExecutionRunId: handle.firstExecutionRunId };
}

async function ceph(
  server: Server,
  options: FakeCephOptions,
  overrides: Partial<RolloutRequest> = {},
  steer: (handle: WorkflowHandle, site: FakeCeph) => Promise<void> = async () => {},
  prepare: (site: FakeCeph) => void = () => {},
): Promise<Recorded> {
  const site = new FakeCeph(options);
  prepare(site);
  const handle = await launch(site, overrides, server);
  await steer(handle, site);
  await handle.result().catch(() => undefined);
  return { workflowId: handle.workflowId };
}

async function replicaSet(
  server: Server,
  options: FakeReplicaSetOptions,
  overrides: Partial<RolloutRequest> = {},
  steer: (handle: WorkflowHandle) => Promise<void> = async () => {},
): Promise<Recorded> {
  const site = new FakeReplicaSet(options);
  const handle = await launch(site, overrides, server);
  await steer(handle);
  await handle.result().catch(() => undefined);
  return { workflowId: handle.workflowId };
}

async function services(
  server: Server,
  options: FakeServicesOptions,
  overrides: Partial<RolloutRequest>,
  steer: (handle: WorkflowHandle, site: FakeServices) => Promise<void> = async () => {},
  prepare: (site: FakeServices) => void = () => {},
): Promise<Recorded> {
  const site = new FakeServices(options);
  prepare(site);
  const handle = await launch(site, { operation: 'stop', target: 'nova', ...overrides }, server);
  await steer(handle, site);
  await handle.result().catch(() => undefined);
  return { workflowId: handle.workflowId };
}

async function controllers(
  server: Server,
  options: FakeControllersOptions,
  controller: ControllerRequest,
  overrides: Partial<RolloutRequest> = {},
  steer: (handle: WorkflowHandle, site: FakeControllers) => Promise<void> = async () => {},
  prepare: (site: FakeControllers) => void = () => {},
) {
  const { site, handle } = await operate(options, controller, overrides, prepare, server);
  await steer(handle, site);
  await handle.result().catch(() => undefined);
  return { workflowId: handle.workflowId, firstExecutionRunId: handle.firstExecutionRunId };
}

/** Until something was asked of the controllers. */
const asked = (site: FakeControllers, call: Call): Promise<void> =>
  vi.waitFor(
    () => {
      if (!site.last(call)) throw new Error(`nobody has asked: ${call}`);
    },
    { timeout: 20_000, interval: 50 },
  );

const progressOf = (handle: WorkflowHandle) => handle.query<RolloutProgress>('progress');

const tell = (handle: WorkflowHandle, update: string, argument: object = {}): Promise<unknown> =>
  handle.executeUpdate(update, { args: [{ ...alice, ...argument }] });

const waiting = (handle: WorkflowHandle, kind: Waiting['for']): Promise<void> =>
  vi.waitFor(
    async () => {
      if ((await progressOf(handle)).waiting?.for !== kind) throw new Error(`it does not wait for ${kind}`);
    },
    { timeout: 20_000, interval: 50 },
  );

const saying = (handle: WorkflowHandle, why: string): Promise<void> =>
  vi.waitFor(
    async () => {
      if (!(await progressOf(handle)).waiting?.why.includes(why)) throw new Error(`it does not say ${why}`);
    },
    { timeout: 20_000, interval: 50 },
  );
