import { describe, expect, it } from 'vitest';
import { parseClusterStatus } from '../../../activities/rabbitmq/cluster-status.js';
import { fixture } from '../pacemaker/recorded.js';

describe('the status of RabbitMQ 3.10, recorded', () => {
  const of = (name: string) => parseClusterStatus(fixture(`rabbitmq-3.10/${name}.json`));
  const [one, two, three] = [1, 2, 3].map((number) => `rabbit@controller-${number}`);

  it('of three that run', () => {
    expect(of('three-running')).toEqual({
      members: [one, two, three],
      running: [three, two, one],
      partitions: [],
      alarms: [],
    });
  });

  it('of two that run still has the third as a member', () => {
    expect(of('two-running')).toMatchObject({ members: [one, two, three], running: [two, one] });
  });

  it('that is partitioned says who lost whom, as each side sees it', () => {
    expect(of('partitioned')).toMatchObject({
      members: [one, two, three],
      running: [two, one],
      partitions: [`${one} lost ${three}`, `${two} lost ${three}`],
    });
    expect(of('partitioned-minority')).toMatchObject({
      members: [one, two, three],
      running: [three],
      partitions: [`${three} lost ${one}, ${two}`],
    });
  });

  it('tells alarms by node', () => {
    expect(of('alarms')).toMatchObject({ running: [three, two, one], alarms: [`${two}: disk`, `${one}: memory`] });
  });

  it('tells an alarm of another shape, too', () => {
    const whole = JSON.parse(fixture('rabbitmq-3.10/three-running.json'));
    const alarms = ['memory', { node: 'rabbit@a', type: 'file_descriptor_limit' }, { odd: 1 }];
    expect(parseClusterStatus(JSON.stringify({ ...whole, alarms })).alarms).toEqual([
      'memory',
      'rabbit@a: file_descriptor_limit',
      '{"odd":1}',
    ]);
  });

  it('is found after what a tool says before it', () => {
    expect(
      parseClusterStatus(`warning: the locale is not UTF-8\n${fixture('rabbitmq-3.10/three-running.json')}`),
    ).toEqual(of('three-running'));
  });
});

describe('the status of RabbitMQ 3.3 as an Erlang term', () => {
  const of = (name: string) => parseClusterStatus(fixture(`rabbitmq-3.3/${name}.txt`));
  const [one, two, three] = [1, 2, 3].map((number) => `rabbit@node-${number}`);

  it('over several lines', () => {
    expect(of('healthy')).toEqual({
      members: [one, two, three],
      running: [three, two, one],
      partitions: [],
      alarms: [],
    });
  });

  it('with a node in memory and a partition, which says who lost whom', () => {
    expect(of('partitioned')).toEqual({
      members: [one, two, three],
      running: [two, one],
      partitions: [`${one} lost ${three}`, `${two} lost ${three}`],
      alarms: [],
    });
  });

  it('of a broker whose application is stopped has nobody running', () => {
    expect(of('app-stopped')).toEqual({ members: [one, two, three], running: [], partitions: [], alarms: [] });
  });

  it('tells alarms where there are some', () => {
    expect(of('alarms-3.6').alarms).toEqual([`${two}: disk, memory`]);
    const text = fixture('rabbitmq-3.3/alarms-3.6.txt').replace(
      '[disk,memory]',
      "[{resource_limit,disk,'rabbit@node-2'}]",
    );
    expect(parseClusterStatus(text).alarms).toEqual([`${two}: disk`]);
  });
});

describe('what is no status', () => {
  it.each([
    ['nothing', '', /does not answer with its status: nothing/],
    ['a broker that has paused', fixture('rabbitmq-3.10/paused.txt'), /requires the 'rabbit' app to be running/],
    ['a broker that is stopped', fixture('rabbitmq-3.10/stopped.txt'), /unable to perform an operation/],
    ['a refusal', 'Permission denied', /: Permission denied$/],
    ['a document of something else', '{"error":"nope"}', /the status of RabbitMQ is not as expected at disk_nodes/],
    ['a document without partitions', '{"disk_nodes":["a"],"running_nodes":["a"]}', /at partitions/],
    ['a term that names no nodes', "[{nodes,[]},{running_nodes,['a']}]", /names no nodes/],
    ['a term that is none', '[{nodes,}', SyntaxError],
  ])('%s, is refused in one line', (_what, text, message) => {
    expect(() => parseClusterStatus(text)).toThrow(message);
  });

  it.each(['rabbitmq-3.10/three-running.json', 'rabbitmq-3.3/healthy.txt', 'rabbitmq-3.3/partitioned.txt'])(
    '%s is refused when it breaks off, wherever',
    (name) => {
      const whole = fixture(name)
        .trimEnd()
        .replace(/\n\.\.\.done\.$/, '');
      const accepted = Array.from({ length: whole.length }, (_, length) => whole.slice(0, length)).filter((text) => {
        try {
          return parseClusterStatus(text) !== undefined;
        } catch {
          return false;
        }
      });
      expect(accepted).toEqual([]);
    },
  );
});
