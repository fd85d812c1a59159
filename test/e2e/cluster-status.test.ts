import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControllerAnswer } from '../../domain/cluster.js';
import type { ClusterFinding } from '../../domain/cluster-finding.js';
import { pacemakerReads } from '../../domain/pacemaker-commands.js';
import type { RealFleet } from '../../lab/real/index.js';
import { crm, cutFromPeers, rejoinPeers, untilClusterRuns, upControllers } from '../../lab/real/pacemaker/index.js';
import { until } from '../../lab/real/wait.js';
import { type DevServer, startDevServer } from '../../worker/server/dev-server.js';
import { searchAttributes } from '../../workflows/messages/names.js';
import { WorkerProcess } from '../faults/worker-process.js';
import { controllerRules, names } from './controller-rules.js';
import { build, ostler } from './program.js';

/** A power cut is noticed within corosync's token timeout; what ran there moves within the timeouts of the resources. */
const noticedMs = 120_000;

/** What a command in the cluster, or a boot, may take. */
const commandMs = 120_000;
/** A look that starts within the limit of its wait may end behind it. */
const lookMs = 60_000;
/** What `untilClusterRuns` may take. */
const clusterMs = 300_000;
/** The sum: trouble is made and healed, found and no more found, and the cluster runs again. */
const troubleMs = 2 * commandMs + 2 * (noticedMs + lookMs) + clusterMs;

let fleet: RealFleet;
let server: DevServer;
let worker: WorkerProcess;

beforeAll(async () => {
  build();
  fleet = await upControllers({ name: 'cluster-status', sudoers: controllerRules() });
  server = await startDevServer({ searchAttributes });
  const { address } = server;
  worker = await WorkerProcess.start({ role: 'all', address, inventoryFile: fleet.inventoryFile });
});
afterAll(async () => {
  await worker?.kill();
  await server?.stop();
  await fleet?.down();
});

interface Status {
  code: number | null;
  severity: string;
  findings: ClusterFinding[];
  vips: { id: string; nodes: string[] }[];
  controllers: ControllerAnswer[];
}

const where = (): string[] => ['--inventory', fleet.inventoryFile, '--address', server.address];

async function status(): Promise<Status> {
  const { code, out, err } = await ostler('cluster', 'status', '--json', ...where());
  expect([0, 3, 4], err).toContain(code);
  return { code, ...JSON.parse(out) };
}

const told = ({ findings }: Status): string[] =>
  findings.map(({ kind, about }) => [kind, about].filter(Boolean).join(' '));

/** Waits until the status finds exactly this. */
async function untilFound(findings: readonly string[]): Promise<Status> {
  let last: Status | undefined;
  await until(`the status to find ${findings.join(', ') || 'nothing'}`, noticedMs, async () => {
    last = await status();
    if (told(last).join() === findings.join()) return true;
    throw new Error(JSON.stringify(last.findings));
  });
  return last as Status;
}

const on = (name: string, ...argv: string[]): Promise<string> => crm(fleet.host(name), argv);
const configuration = (): Promise<string> => on('controller-1', 'cibadmin', '-Q', '-o', 'configuration');

it('a fresh cluster is healthy, as every controller sees it', async () => {
  const found = await untilFound([]);
  expect(found).toMatchObject({ code: 0, severity: 'ok' });
  expect(found.controllers.map(({ controller, state }) => [controller, state])).toEqual(
    names.map((one) => [one, 'read']),
  );
  expect(found.vips).toEqual([
    { id: 'vip__management', nodes: [expect.stringMatching(/^controller-/)] },
    { id: 'vip__public', nodes: [expect.stringMatching(/^controller-/)] },
  ]);
  const { code, out, err } = await ostler('cluster', 'status', ...where());
  expect(code, err).toBe(0);
  expect(out).toContain('the cluster is healthy, as controller-1, controller-2, controller-3 see it');
});

it('`ostler check` finds that the fragment lets it be read', async () => {
  const { out } = await ostler('check', '--json', '--inventory', fleet.inventoryFile);
  const permitted = expect.objectContaining({ id: 'pacemaker', active: 'active', permitted: true });
  const units = expect.arrayContaining([permitted]);
  expect(JSON.parse(out).nodes).toEqual(names.map((node) => expect.objectContaining({ node, severity: 'ok', units })));
});

it('looking changes nothing, and root runs what the fragment has and nothing else', async () => {
  const before = await configuration();
  await status();
  expect(await configuration()).toBe(before);
  const journal = await on('controller-1', 'journalctl', '-q', '-o', 'cat', '-t', 'sudo');
  // What sudo was only asked about, it calls a list.
  const ran = [...journal.matchAll(/USER=root ; COMMAND=(?!list )(.*)/g)].map(([, command]) => command);
  const { xml, constraints, properties } = pacemakerReads;
  expect(new Set(ran)).toEqual(new Set([xml, constraints, properties].map((argv) => argv.join(' '))));
});

interface Trouble {
  what: string;
  code: number;
  finds: string[];
  make(): Promise<unknown>;
  /** Does nothing where there is nothing to heal, as when `make` failed half way. */
  heal(): Promise<unknown>;
}

const troubles: Trouble[] = [
  {
    what: 'a controller in standby',
    code: 3,
    finds: ['standby controller-2'],
    make: () => on('controller-1', 'pcs', 'node', 'standby', 'controller-2'),
    heal: () => on('controller-1', 'pcs', 'node', 'unstandby', 'controller-2'),
  },
  {
    what: 'a ban that was left',
    code: 3,
    finds: ['cli-constraint cli-ban-vip__public-on-controller-3'],
    make: () => on('controller-1', 'pcs', 'resource', 'ban', 'vip__public', 'controller-3'),
    heal: () => on('controller-1', 'pcs', 'resource', 'clear', 'vip__public'),
  },
  {
    what: 'a clone that is banned from one controller',
    code: 3,
    finds: ['cli-constraint cli-ban-clone_p_haproxy-on-controller-2'],
    make: () => on('controller-1', 'pcs', 'resource', 'ban', 'clone_p_haproxy', 'controller-2'),
    heal: () => on('controller-1', 'pcs', 'resource', 'clear', 'clone_p_haproxy'),
  },
  {
    what: 'maintenance mode',
    code: 4,
    finds: ['maintenance-mode'],
    make: () => on('controller-1', 'pcs', 'property', 'set', 'maintenance-mode=true'),
    heal: () => on('controller-1', 'pcs', 'property', 'set', 'maintenance-mode=false'),
  },
  {
    what: 'a resource that failed and runs again',
    code: 3,
    finds: ['failure p_haproxy'],
    make: () => on('controller-2', 'crm_resource', '--fail', '-r', 'p_haproxy', '-N', 'controller-2'),
    heal: () => on('controller-1', 'pcs', 'resource', 'cleanup', 'clone_p_haproxy'),
  },
  {
    what: 'an unmanaged resource',
    code: 3,
    finds: ['unmanaged vip__public'],
    make: () => on('controller-1', 'pcs', 'resource', 'unmanage', 'vip__public'),
    heal: () => on('controller-1', 'pcs', 'resource', 'manage', 'vip__public'),
  },
  {
    what: 'a disabled resource',
    code: 4,
    finds: ['stopped vip__public'],
    make: () => on('controller-1', 'pcs', 'resource', 'disable', 'vip__public'),
    heal: () => on('controller-1', 'pcs', 'resource', 'enable', 'vip__public'),
  },
  {
    what: 'a controller that may not be read',
    code: 4,
    finds: ['unread controller-1'],
    make: () => on('controller-1', 'mv', '/etc/sudoers.d/ostler', '/root/ostler'),
    heal: () => on('controller-1', 'sh', '-c', '! test -e /root/ostler || mv /root/ostler /etc/sudoers.d/ostler'),
  },
  {
    what: 'a controller whose cluster is stopped',
    code: 4,
    finds: ['offline controller-3'],
    make: () => on('controller-3', 'systemctl', 'stop', 'pacemaker'),
    heal: () => on('controller-3', 'systemctl', 'start', 'pacemaker'),
  },
  {
    what: 'a controller without power',
    code: 4,
    finds: ['offline controller-3'],
    make: () => fleet.host('controller-3').powerOff(),
    heal: () => fleet.host('controller-3').powerOn(),
  },
  {
    what: 'a controller that is cut off from the others and reached by us',
    code: 4,
    finds: ['split', 'no-quorum'],
    make: () => cutFromPeers(fleet.host('controller-3'), [fleet.host('controller-1'), fleet.host('controller-2')]),
    heal: () =>
      rejoinPeers(fleet.host('controller-3')).catch((error: Error) => {
        // nft's word for a cut that is not there.
        if (!error.message.includes('No such file or directory')) throw error;
      }),
  },
];

describe.each(troubles)('$what', ({ code, finds, make, heal }) => {
  it('is exactly that finding, and it goes when it is healed', { timeout: troubleMs }, async () => {
    try {
      await make();
      const found = await untilFound(finds);
      expect(found.code).toBe(code);
      for (const { next } of found.findings) expect(next).not.toBe('');
    } finally {
      await heal();
    }
    await untilClusterRuns(fleet);
    expect((await untilFound([])).code).toBe(0);
  });
});
