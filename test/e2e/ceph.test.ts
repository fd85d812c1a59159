import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReportedFinding } from '../../domain/audit/report.js';
import { inventorySchema } from '../../domain/inventory.schema.js';
import { renderSudoers } from '../../domain/sudoers.js';
import { ceph, cephHostsOf, fillTo, untilCephRuns, upCeph } from '../../lab/real/ceph/index.js';
import type { LabHost, RealFleet } from '../../lab/real/index.js';
import { until } from '../../lab/real/wait.js';
import { type DevServer, startDevServer } from '../../worker/server/dev-server.js';
import { searchAttributes } from '../../workflows/messages/names.js';
import { WorkerProcess } from '../faults/worker-process.js';
import { daemonsOf } from './ceph-daemons.js';
import { build, ostler } from './program.js';

/** Ceph notices a host that vanished within its heartbeat's grace of 20 s. A busy machine takes many times that. */
const noticedMs = 180_000;

/** The sum: trouble is made and healed, found and no more found, and Ceph is healthy again. */
const troubleMs = 900_000;

/** Three hosts are asked one after the other, and each gives up by itself after 20 s, or is told to after 25 s. */
const withoutQuorumMs = 100_000;

let fleet: RealFleet;
let server: DevServer;
let worker: WorkerProcess;

beforeAll(async () => {
  build();
  fleet = await upCeph({ name: 'ceph', sudoers: rules() });
  server = await startDevServer({ searchAttributes });
  const { address } = server;
  worker = await WorkerProcess.start({ role: 'all', address, inventoryFile: fleet.inventoryFile });
}, 1_500_000);
afterAll(async () => {
  await worker?.kill();
  await server?.stop();
  await fleet?.down();
});

/** The sudo rules of Ceph's hosts, as `ostler sudoers` prints them with their inventory for hosts that are controllers, too. */
function rules(): string {
  const site = inventorySchema.parse({
    cloud: 'lab',
    ssh: { user: 'ops', identityFile: './id' },
    nodes: [1, 2, 3].map((index) => ({
      name: `ceph-${index}`,
      address: `192.0.2.${index}`,
      roles: ['controller', 'ceph-osd'],
    })),
  });
  return (['controller', 'ceph-osd'] as const).map((role) => renderSudoers({ role, user: 'ops', site })).join('\n');
}

interface Audited {
  code: number | null;
  tookMs: number;
  findings: ReportedFinding[];
}

async function audit(): Promise<Audited> {
  const began = Date.now();
  const where = ['--inventory', fleet.inventoryFile, '--address', server.address];
  const { code, out, err } = await ostler('audit', '--check', 'ceph', '--json', ...where);
  expect([0, 3, 4], err).toContain(code);
  return { code, tookMs: Date.now() - began, findings: JSON.parse(out).findings };
}

const told = ({ findings }: Audited): string[] => findings.map(({ severity, key }) => `${severity} ${key}`);

/** Waits until an audit finds exactly this and says it so; right after a fault the placement groups have other states first. */
async function untilFound(findings: readonly string[], says: readonly RegExp[] = []): Promise<Audited> {
  let last: Audited | undefined;
  await until(`an audit to find ${findings.join(', ') || 'nothing'}`, noticedMs, async () => {
    last = await audit();
    const said = JSON.stringify(last.findings);
    if (told(last).join() === findings.join() && says.every((one) => one.test(said))) return true;
    throw new Error(said);
  });
  return last as Audited;
}

const host = (index: 1 | 2 | 3): LabHost => fleet.host(`ceph-${index}`);
const asAdmin = (...argv: string[]): Promise<string> => ceph(host(1), ...argv);

async function on(one: LabHost, ...argv: string[]): Promise<void> {
  const { code, stderr } = await one.exec(argv, { timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`${one.name}: ${argv.join(' ')}: exit ${code}: ${stderr.trim()}`);
}

const stop = (one: LabHost, unit: string) => on(one, 'systemctl', 'stop', unit);
/** Systemd starts a unit of Ceph's three times in half an hour, unless it is told to forget that. */
const start = (one: LabHost, unit: string) =>
  on(one, 'sh', '-c', `systemctl reset-failed ${unit}; systemctl start ${unit}`);
/** It takes leave of nobody, and systemd, which would start it again after 10 s, leaves it dead. */
const killForGood = (one: LabHost, unit: string) =>
  on(one, 'sh', '-c', `systemctl kill --signal KILL ${unit} && systemctl stop ${unit}`);

it('a fresh Ceph is well', async () => {
  expect(await untilFound([])).toMatchObject({ code: 0 });
});

describe('its daemons', () => daemonsOf(() => ({ fleet, server })));

interface Trouble {
  what: string;
  code: number;
  finds: string[];
  /** What the findings say, in any order. */
  says: RegExp[];
  make(): Promise<unknown>;
  /** Does nothing where there is nothing to heal, as when `make` failed half way. */
  heal(): Promise<unknown>;
}

const troubles: Trouble[] = [
  {
    what: 'flags of the whole cluster, of a host and of an OSD',
    code: 3,
    finds: ['warn ceph-flags//noout', 'warn ceph-flags//noup:ceph-2', 'warn ceph-flags//noin:osd.2'],
    says: [/ceph osd unset noout/, /ceph osd unset-group noup ceph-2/, /ceph osd rm-noin osd\.2/],
    async make() {
      await asAdmin('osd', 'set', 'noout');
      await asAdmin('osd', 'set-group', 'noup', 'ceph-2');
      await asAdmin('osd', 'add-noin', 'osd.2');
    },
    async heal() {
      await asAdmin('osd', 'unset', 'noout');
      await asAdmin('osd', 'unset-group', 'noup', 'ceph-2');
      await asAdmin('osd', 'rm-noin', 'osd.2');
    },
  },
  {
    what: 'a warning of its own',
    code: 3,
    finds: ['warn ceph//POOL_APP_NOT_ENABLED'],
    says: [/1 pool\(s\) do not have an application enabled/],
    make: () => asAdmin('osd', 'pool', 'application', 'disable', 'lab', 'lab', '--yes-i-really-mean-it'),
    heal: () => asAdmin('osd', 'pool', 'application', 'enable', 'lab', 'lab'),
  },
  {
    what: 'a warning of its own that somebody muted',
    code: 0,
    finds: [],
    says: [],
    async make() {
      await asAdmin('osd', 'pool', 'application', 'disable', 'lab', 'lab', '--yes-i-really-mean-it');
      await until('Ceph to warn', noticedMs, async () => (await asAdmin('health')).includes('an application enabled'));
      await asAdmin('health', 'mute', 'POOL_APP_NOT_ENABLED', '1h');
    },
    async heal() {
      await asAdmin('health', 'unmute', 'POOL_APP_NOT_ENABLED');
      await asAdmin('osd', 'pool', 'application', 'enable', 'lab', 'lab');
    },
  },
  {
    what: 'an OSD that is stopped',
    code: 4,
    finds: ['error ceph-osds/ceph-3/osd.2', 'warn ceph//placement-groups'],
    says: [/osd\.2 down and in/, /active\+undersized/],
    make: () => stop(host(3), 'ceph-osd@2'),
    heal: () => start(host(3), 'ceph-osd@2'),
  },
  {
    what: 'an OSD that is killed and stays dead',
    code: 4,
    finds: ['error ceph-osds/ceph-2/osd.1', 'warn ceph//placement-groups'],
    says: [/osd\.1 down and in/, /active\+undersized/],
    make: () => killForGood(host(2), 'ceph-osd@1'),
    heal: () => start(host(2), 'ceph-osd@1'),
  },
  {
    what: 'two of three OSDs that are stopped',
    code: 4,
    finds: ['error ceph//placement-groups', 'error ceph-osds/ceph-2/osd.1', 'error ceph-osds/ceph-3/osd.2'],
    says: [/9 of 9 placement groups of Ceph are not active/, /osd\.1 down/, /osd\.2 down/],
    make: () => Promise.all([stop(host(2), 'ceph-osd@1'), stop(host(3), 'ceph-osd@2')]),
    heal: () => Promise.all([start(host(2), 'ceph-osd@1'), start(host(3), 'ceph-osd@2')]),
  },
  {
    what: 'a monitor that is stopped',
    code: 4,
    finds: ['error ceph-mons/ceph-3/mon.ceph-3'],
    says: [/in quorum: ceph-1, ceph-2/],
    make: () => stop(host(3), 'ceph-mon@ceph-3'),
    heal: () => start(host(3), 'ceph-mon@ceph-3'),
  },
  {
    what: 'disks of which 84 % are used',
    code: 3,
    finds: ['warn ceph-capacity//raw'],
    says: [/warn at 83 %/],
    make: () => fillTo(host(1), 84),
    heal: () => on(host(1), 'rados', 'purge', 'lab', '--yes-i-really-really-mean-it'),
  },
  {
    what: 'a host without power',
    code: 4,
    finds: ['error ceph-osds/ceph-3/osd.2', 'error ceph-mons/ceph-3/mon.ceph-3', 'warn ceph//placement-groups'],
    says: [/osd\.2 down and in/, /in quorum: ceph-1, ceph-2/, /active\+undersized/],
    make: () => host(3).powerOff(),
    heal: () => host(3).powerOn(),
  },
  {
    what: 'no manager that is active',
    code: 3,
    finds: ['unknown ceph-capacity//osds', 'warn ceph//MGR_DOWN'],
    says: [/no answer in time/, /no active mgr/],
    async make() {
      await stop(host(1), 'ceph-mgr@ceph-1');
      // The monitors notice by themselves after 30 s; those of a Ceph that is younger than two minutes say nothing of it.
      await asAdmin('mgr', 'fail', 'ceph-1');
    },
    heal: () => start(host(1), 'ceph-mgr@ceph-1'),
  },
];

describe.each(troubles)('$what', ({ code, finds, says, make, heal }) => {
  it('is exactly that, with the evidence, and it goes when it is healed', { timeout: troubleMs }, async () => {
    try {
      await make();
      const found = await untilFound(finds, says);
      expect(found.code).toBe(code);
      for (const { next } of found.findings) expect(next).not.toBe('');
    } finally {
      await heal();
    }
    await untilCephRuns(fleet);
    expect((await untilFound([])).code).toBe(0);
  });
});

describe('monitors without a quorum', () => {
  it('leave every check unknown, in time and with the reason, until they have one', {
    timeout: troubleMs,
  }, async () => {
    const stopped = [host(2), host(3)];
    try {
      await Promise.all(stopped.map((one) => stop(one, `ceph-mon@${one.name}`)));
      const checks = ['ceph', 'ceph-osds', 'ceph-mons', 'ceph-capacity', 'ceph-flags'];
      // A monitor goes on answering for some seconds after it has lost the others.
      const found = await untilFound(checks.map((check) => `unknown ${check}/`));
      expect(found.code).toBe(3);
      expect(found.tookMs).toBeLessThan(withoutQuorumMs);
      for (const { evidence, next } of found.findings) {
        expect(evidence.map(({ value }) => value)).toEqual(
          cephHostsOf(fleet).map(({ name }) =>
            expect.stringMatching(new RegExp(`^${name}: .*(timed out|in time)`, 'i')),
          ),
        );
        expect(next).toContain('mon_status');
      }
    } finally {
      await Promise.all(stopped.map((one) => start(one, `ceph-mon@${one.name}`)));
    }
    await untilCephRuns(fleet);
    expect((await untilFound([])).code).toBe(0);
  });
});
