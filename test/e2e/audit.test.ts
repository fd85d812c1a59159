import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { password, untilControlPlaneRuns } from '../../lab/real/control-plane/index.js';
import type { LabHost } from '../../lab/real/index.js';
import { controllersOf } from '../../lab/real/pacemaker/index.js';
import { hostsOf } from './audit/breakage.js';
import { clusterRounds } from './audit/clusters.js';
import { machineRounds } from './audit/machines.js';
import { describeRounds } from './audit/rounds.js';
import { serviceRounds } from './audit/services.js';
import { slowMember, slowMemberNoMore } from './audit/slow-member.js';
import { AuditOnTrial, names } from './audit-on-trial.js';
import { names as controllers } from './controller-rules.js';

let trial: AuditOnTrial;
beforeAll(async () => {
  trial = await AuditOnTrial.up('audit');
  await trial.untilFound([]);
});
afterAll(() => trial?.down());

const hosts = hostsOf(() => trial.fleet);
const { on } = hosts;

it('finds nothing on a cloud that is well, and has asked every node and every system', async () => {
  const { code, findings, nodes, checks, omitted } = await trial.audit();
  expect({ code, findings, omitted }).toEqual({ code: 0, findings: [], omitted: 0 });
  expect(nodes.map(({ name }) => name)).toEqual(names);
  for (const id of ['units', 'ntp', 'pacemaker', 'galera', 'rabbitmq', 'haproxy']) expect(checks).toContain(id);
});

describeRounds(() => trial, [...machineRounds(hosts), ...serviceRounds(hosts), ...clusterRounds(hosts)], password);

describe('what the site wants', () => {
  const ageOf = async (host: LabHost): Promise<number> => {
    const { stdout } = await host.exec(['ps', '-C', 'beam.smp', '-o', 'etimes=']);
    return Number(stdout.trim());
  };

  it('decide what is much memory and load, and in which mode SELinux should be', async () => {
    await trial.replaceWorker({ memory: { error: 1 }, load: { warn: 0, error: 1_000 } }, { selinux: 'enforcing' });
    const { findings } = await trial.untilFound(
      names.flatMap((name) => [`error memory/${name}`, `warn load/${name}`, `error selinux/${name}/mode`]),
    );
    const evidence = (key: string) => findings.find((one) => one.key === key)?.evidence;
    expect(evidence('memory/compute-1')).toEqual([
      {
        value: expect.stringMatching(/^\d+ % of [\d.]+ GiB$/),
        threshold: 'error at 1 %',
        command: 'cat /proc/meminfo',
      },
    ]);
    expect(evidence('selinux/controller-1/mode')).toEqual([
      expect.objectContaining({ value: 'disabled', threshold: 'enforcing' }),
    ]);
    expect(evidence('load/controller-1')).toEqual([
      {
        value: expect.stringMatching(/^[\d.]+ on \d+ cores, over 5 minutes$/),
        threshold: 'warn above 0 per core, error above 1000 per core',
        command: 'uptime; nproc',
      },
    ]);
  });

  it('decide for how much of the time a slow member of Galera may hold the others up', async () => {
    await trial.replaceWorker({ galera: { paused: 0.001, queue: 0.5 } });
    try {
      await slowMember(hosts);
      const { findings } = await trial.untilFound(
        [
          ...controllers.map((name) => `warn galera/${name}/flow-control`),
          // What comes after each pause comes at once, to both that do not write themselves.
          ...['controller-2', 'controller-3'].map((name) => `warn galera/${name}/receive-queue`),
        ],
        ...['--check', 'galera'],
      );
      const values = findings.map(({ evidence }) => evidence[0]?.value.replace(/ [\d.e-]+$/, ''));
      expect(new Set(values)).toEqual(new Set(['wsrep_flow_control_paused', 'wsrep_local_recv_queue_avg']));
    } finally {
      await slowMemberNoMore(hosts);
    }
    await trial.untilFound([], '--check', 'galera');
  });

  it('tell a broker that was restarted until it has been up for that long', async () => {
    await on('controller-2', 'systemctl restart rabbitmq-server');
    await untilControlPlaneRuns(trial.fleet);
    const [first, second, third] = (await Promise.all(controllersOf(trial.fleet).map(ageOf))) as [
      number,
      number,
      number,
    ];
    const limit = second + 30;
    expect(Math.min(first, third)).toBeGreaterThan(limit);
    await trial.replaceWorker({ 'rabbitmq-restarted': { warn: limit } });
    const { findings } = await trial.untilFound(['warn rabbitmq-restarted/controller-2'], '--check', 'rabbitmq');
    expect(findings[0]?.evidence).toEqual([
      {
        value: expect.stringMatching(/^up for \d+ s$/),
        threshold: `warn below ${limit} s`,
        command: expect.stringMatching(/^ps -u rabbitmq -o etimes=,comm= +# on controller-2$/),
      },
    ]);
    await trial.untilFound([], '--check', 'rabbitmq');
  });

  it('are those of the lab again', async () => {
    await trial.replaceWorker();
    await trial.untilFound([]);
  });
});

describe('a finding from one audit to the next', () => {
  const key = 'units/controller-1/memcached.service';

  it('is told as new once, keeps since when it is seen, and counts no more when somebody knows of it', async () => {
    const before = await trial.audit();
    await on('controller-1', 'systemctl stop memcached');
    const first = await trial.untilFound([`error ${key}`]);
    const since = first.findings[0]?.since ?? '';
    expect(since > before.endedAt).toBe(true);
    expect(await trial.diff()).toEqual([expect.objectContaining({ key, from: 'ok', to: 'error' })]);

    const second = await trial.audit();
    expect(second.findings).toEqual([expect.objectContaining({ key, since })]);
    expect(second.code).toBe(4);
    expect(await trial.diff()).toEqual([]);

    const reason = 'TICKET-7: it is being replaced';
    const { code, err } = await trial.ostler('audit', 'ack', key, '--until', '1h', '--reason', reason);
    expect(code, err).toBe(0);
    const third = await trial.audit();
    expect(third.findings).toEqual([expect.objectContaining({ key, since, ack: expect.objectContaining({ reason }) })]);
    expect(third.code).toBe(0);

    await on('controller-1', 'systemctl start memcached');
    await trial.untilFound([]);
    expect(await trial.diff()).toEqual([expect.objectContaining({ key, from: 'error', to: 'ok' })]);
  });
});

it('an audit whose worker is killed while it asks ends with a full report', async () => {
  await on('controller-1', 'systemctl stop memcached');
  const audit = trial.audit();
  await trial.untilAsking();
  await trial.replaceWorker();
  const { findings, nodes, omitted } = await audit;
  expect(findings.map(({ key }) => key)).toEqual(['units/controller-1/memcached.service']);
  expect({ asked: nodes.map(({ name }) => name), omitted }).toEqual({ asked: names, omitted: 0 });
  await on('controller-1', 'systemctl start memcached');
  await trial.untilFound([]);
});
