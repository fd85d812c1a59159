import { describe, expect, it } from 'vitest';
import { rabbitmqCloudChecks } from '../../../activities/audit/rabbitmq.js';
import { prints } from '../controllers/fake-controller.js';
import { clusterSite, type FakeHost, never } from './cluster-site.js';

const ALL = ['rabbitmq', 'rabbitmq-queues', 'rabbitmq-restarted'];
const ps = `printf '      2 beam.smp\\n  90000 beam.smp\\n  90000 epmd\\n'`;
const broker = (
  status = prints('rabbitmq-3.10/three-running.json'),
  more: Record<string, string> = {},
  age = ps,
): FakeHost => ({
  installed: ['/usr/sbin/rabbitmqctl'],
  answers: { "*'--formatter json'": status, '*list_queues*': "printf 'Listing queues for vhost / ...\\n'", ...more },
  programs: { ps: age },
});
const old = (policies: string): FakeHost =>
  broker(`${prints('rabbitmq-3.3/no-formatter.txt')} >&2; exit 2`, {
    "*' cluster_status'": `sed s/node-/controller-/g ${prints('rabbitmq-3.3/healthy.txt').slice(4)}`,
    '*list_policies*': prints(`rabbitmq-3.3/${policies}.txt`),
    '*list_queues*': prints('rabbitmq-3.3/queues.txt'),
  });
const paused = broker(`${prints('rabbitmq-3.10/paused.txt')} >&2; exit 64`, {
  '*cluster_status*': `${prints('rabbitmq-3.10/paused.txt')} >&2; exit 64`,
  '*list_queues*': `${prints('rabbitmq-3.10/paused.txt')} >&2; exit 64`,
});
const ask = async (hosts: FakeHost[], wanted = ALL) => {
  const site = clusterSite(Object.fromEntries(hosts.map((host, index) => [`controller-${index + 1}`, host])));
  return { findings: await rabbitmqCloudChecks.find(site, wanted, {}, never), site };
};

describe('RabbitMQ in an audit', () => {
  it('is well by three real brokers, and asks each once, and one of them for its queues', async () => {
    const { findings, site } = await ask([broker(), broker(), broker()]);
    expect(findings).toEqual([]);
    expect(site.sent.sort()).toEqual(['controller-1', 'controller-2', 'controller-3']);
    const lists = ['controller-1', 'controller-2', 'controller-3'].map(
      (node) => site.askedOf(node).filter((command) => command.includes('list_queues')).length,
    );
    expect(lists).toEqual([1, 0, 0]);
  });

  it('reads real queues, leaving out what nobody misses', async () => {
    const lists = { '*list_queues*': prints('rabbitmq-3.10/queues.txt') };
    const { findings } = await ask([broker(undefined, lists), broker(), broker()], ['rabbitmq-queues']);
    expect(findings.map(({ about }) => about)).toEqual(['notifications.info', 'dhcp_agent.controller-1.example.com']);
  });

  it('tells a broker that has paused once, and lists the queues by another', async () => {
    const two = prints('rabbitmq-3.10/two-running.json');
    const lists = { '*list_queues*': prints('rabbitmq-3.10/queues.txt') };
    const seesTwo = broker(`sed s/controller-1/controller-3/g ${two.slice(4)}`, lists);
    const { findings } = await ask([paused, seesTwo, seesTwo]);
    expect(findings.map(({ check, node = '', about = '' }) => [check, node, about].join(' ').trim())).toEqual([
      'rabbitmq controller-1',
      'rabbitmq-queues  notifications.info',
      'rabbitmq-queues  dhcp_agent.controller-1.example.com',
    ]);
    expect(findings[0]?.evidence[0]?.value).toContain("requires the 'rabbit' app to be running");
  });

  it('has one finding for a real partition', async () => {
    const majority = broker(prints('rabbitmq-3.10/partitioned.json'));
    const { findings } = await ask(
      [majority, majority, broker(prints('rabbitmq-3.10/partitioned-minority.json'))],
      ['rabbitmq'],
    );
    expect(findings).toMatchObject([{ about: 'partition', severity: 'error' }]);
  });

  it('has a finding for each broker with an alarm', async () => {
    const { findings } = await ask(
      Array.from({ length: 3 }, () => broker(prints('rabbitmq-3.10/alarms.json'))),
      ['rabbitmq'],
    );
    expect(findings).toMatchObject([
      { node: 'controller-2', about: 'alarm', severity: 'error' },
      { node: 'controller-1', about: 'alarm', severity: 'error' },
    ]);
  });

  it('asks an old broker for its policies, and reads its queues', async () => {
    const mirrored = await ask([old('policies'), old('policies'), old('policies')]);
    expect(mirrored.findings).toMatchObject([{ check: 'rabbitmq-queues', about: 'notifications.info' }]);
    const alone = await ask([old('no-policies'), old('no-policies'), old('no-policies')], ['rabbitmq']);
    expect(alone.findings).toMatchObject([{ about: 'policy', severity: 'warn' }]);
  });

  it('takes the oldest process for the broker', async () => {
    const { findings } = await ask([
      broker(),
      broker(undefined, {}, `printf '    300 beam.smp\\n      0 beam.smp\\n'`),
      broker(),
    ]);
    expect(findings).toMatchObject([
      { check: 'rabbitmq-restarted', node: 'controller-2', evidence: [{ value: 'up for 300 s' }] },
    ]);
  });

  it('leaves one that does not run to the check that says so', async () => {
    const { findings } = await ask([broker(undefined, {}, 'exit 1'), broker(), broker()], ['rabbitmq-restarted']);
    expect(findings).toEqual([]);
  });

  it('has an unknown for each check where nobody is reached, and nothing where nobody has it', async () => {
    const silent = await ask([]);
    expect(silent.findings.map(({ check, severity }) => `${severity} ${check}`)).toEqual(
      ALL.map((id) => `unknown ${id}`),
    );
    const nothing = await ask(Array.from({ length: 3 }, () => ({ installed: [] })));
    expect(nothing.findings).toEqual([]);
  });
});
