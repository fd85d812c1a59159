import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingKey } from '../../../domain/audit/finding.js';
import { judgeRabbitmq, type RabbitmqHealth } from '../../../domain/audit/judge-rabbitmq.js';
import { judgeQueues, MOST_QUEUES, type Queue } from '../../../domain/audit/judge-rabbitmq-queues.js';
import { judgeRestarted } from '../../../domain/audit/judge-rabbitmq-restarted.js';
import type { Answered, ServiceAnswer } from '../../../domain/audit/service-answer.js';
import { names } from '../cluster-samples.js';
import { aRabbit } from '../controller-samples.js';

const broker = (running: readonly string[] = names, more: Partial<RabbitmqHealth> = {}) =>
  ({ state: 'read', view: aRabbit(running, more) }) as const;
const unreached = { state: 'unreached', why: 'no route to host' } as const;
const silent = { state: 'silent', why: "this command requires the 'rabbit' app to be running" } as const;

const judge = (
  otherwise: Record<string, ServiceAnswer<RabbitmqHealth>> = {},
  all: ServiceAnswer<RabbitmqHealth> = broker(),
) =>
  judgeRabbitmq(
    names.map((controller): Answered<RabbitmqHealth> => ({ ...(otherwise[controller] ?? all), controller })),
  );
const short = (findings: ReturnType<typeof judge>) => findings.map((one) => `${one.severity} ${findingKey(one)}`);

describe('the check of RabbitMQ', () => {
  it('finds nothing where every broker sees every other', () => {
    expect(judge()).toEqual([]);
  });

  it('has one finding for a broker that is down: on its controller, in words of its own or of the others', () => {
    const two = broker(['c1', 'c2']);
    expect(short(judge({ c3: silent }, two))).toEqual(['error rabbitmq/c3']);
    const [found, ...more] = judge({ c3: unreached }, two);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ node: 'c3', what: 'RabbitMQ on c3 does not run, as c1 and c2 see it' });
  });

  it('tells of one whose application is stopped, as it says itself', () => {
    const [found] = judge({ c3: broker([]) }, broker(['c1', 'c2']));
    expect(found).toMatchObject({ node: 'c3', what: 'RabbitMQ on c3 does not run, as c1 and c2 and c3 see it' });
  });

  it('tells what others see of one that could not be asked, and not that it could not be', () => {
    const unasked = { state: 'unasked', why: 'sudo refuses', next: 'install the rules' } as const;
    expect(short(judge({ c3: unasked }, broker(['c1', 'c2'])))).toEqual(['error rabbitmq/c3']);
    expect(short(judge({ c3: unasked }))).toEqual(['unknown rabbitmq/c3']);
  });

  it('has one finding for a partition, with what each broker sees', () => {
    const findings = judge(
      { c3: broker(['c3'], { partitions: ['rabbit@c3 lost rabbit@c1, rabbit@c2'] }) },
      broker(['c1', 'c2'], { partitions: ['rabbit@c1 lost rabbit@c3'] }),
    );
    expect(short(findings)).toEqual(['error rabbitmq//partition']);
    expect(findings[0]?.evidence).toHaveLength(3);
    expect(findings[0]?.evidence[2]?.value).toBe('sees rabbit@c3 running; rabbit@c3 lost rabbit@c1, rabbit@c2');
  });

  it('knows a partition by brokers that run and do not see each other', () => {
    expect(short(judge({ c3: broker(['c3']) }, broker(['c1', 'c2'])))).toEqual(['error rabbitmq//partition']);
  });

  it('tells an alarm once for the broker that raised it', () => {
    const findings = judge({}, broker(names, { alarms: ['rabbit@c2: disk', 'rabbit@c2: memory'] }));
    expect(short(findings)).toEqual(['error rabbitmq/c2/alarm']);
    expect(findings[0]).toMatchObject({
      what: 'RabbitMQ on c2 has an alarm (disk, memory): nobody can publish',
      next: expect.stringContaining('free space'),
    });
    expect(findings[0]?.evidence).toHaveLength(3);
  });

  it('misses the policy of an old broker, and of no other', () => {
    expect(short(judge({}, broker(names, { isMirrored: false })))).toEqual(['warn rabbitmq//policy']);
    expect(judge({}, broker(names, { isMirrored: true }))).toEqual([]);
    expect(short(judge({}, broker(names, { policiesUnread: 'sudo refuses' })))).toEqual(['unknown rabbitmq//policy']);
  });

  it('expects a broker on every controller, and says when none can be told to be there', () => {
    const two = broker(['c1', 'c2'], { members: ['rabbit@c1', 'rabbit@c2'] });
    expect(judge({ c3: unreached }, two)[0]?.what).toBe('RabbitMQ has no member that can be told to be on c3');
  });

  it('does not mind names of its own, as long as there are as many', () => {
    const others = ['ctl-a', 'ctl-b', 'ctl-c'].map((name) => `rabbit@${name}`);
    expect(judge({}, broker([], { members: others, running: others }))).toEqual([]);
  });
});

describe('the check of RabbitMQ, whatever brokers say', () => {
  it('has no two findings of one key, and one for every controller whose broker nobody sees', () => {
    const some = fc.subarray(names);
    const answer = fc.oneof(
      fc.constantFrom(
        silent,
        unreached,
        { state: 'absent' } as const,
        {
          state: 'unasked',
          why: 'sudo',
          next: 'rules',
        } as const,
      ),
      fc
        .record({ running: some, alarms: fc.subarray(['rabbit@c1: disk', 'rabbit@c2: memory']) })
        .map((one) => broker(one.running, { alarms: one.alarms })),
    );
    fc.assert(
      fc.property(fc.tuple(answer, answer, answer), ([c1, c2, c3]) => {
        const answers: Record<string, ServiceAnswer<RabbitmqHealth>> = { c1, c2, c3 };
        const findings = judge(answers);
        const keys = findings.map(findingKey);
        expect(new Set(keys).size).toBe(keys.length);
        const views = Object.values(answers).flatMap((one) => (one.state === 'read' ? [one.view] : []));
        const isSplit = keys.includes('rabbitmq//partition');
        if (isSplit || !views.some(({ running }) => running.length > 0)) return;
        for (const name of names)
          if (views.every(({ running }) => !running.includes(`rabbit@${name}`)))
            expect(findings.some((one) => one.node === name && one.severity === 'error')).toBe(true);
      }),
    );
  });
});

const aQueue = (more: Partial<Queue> = {}): Queue => ({ name: 'q', messages: 0, memory: 0, consumers: 1, ...more });
const queueLimits = { messages: 100, memory: 1_048_576 };
const queues = (...all: Queue[]) => judgeQueues(all, 'c1', queueLimits);

describe('the check of queues', () => {
  it('warns above a limit, and not at it', () => {
    expect(queues(aQueue({ messages: 100, memory: 1_048_576 }))).toEqual([]);
    expect(queues(aQueue({ messages: 101, consumers: 0 }))[0]).toMatchObject({
      about: 'q',
      severity: 'warn',
      what: '101 messages wait in the queue q, and nobody reads it',
    });
    expect(queues(aQueue({ memory: 1_048_577 }))[0]?.what).toBe(
      'the queue q takes 1048577 bytes of memory, and 1 consumer reads it',
    );
  });

  it('leaves out the queue of a DHCP agent that nobody reads, and no other', () => {
    const long = { messages: 2_000 };
    expect(queues(aQueue({ name: 'dhcp_agent.c2', consumers: 0, ...long }))).toEqual([]);
    expect(queues(aQueue({ name: 'dhcp_agent.c1', consumers: 1, ...long }))).toHaveLength(1);
    expect(queues(aQueue({ name: 'l3_agent.c1', consumers: 0, ...long }))).toHaveLength(1);
  });

  it('tells the worst first, at most twenty, and counts the rest', () => {
    const many = Array.from({ length: 30 }, (_, index) => aQueue({ name: `q${index}`, messages: 200 + index }));
    const findings = queues(...many);
    expect(findings).toHaveLength(MOST_QUEUES + 1);
    expect(findings[0]?.about).toBe('q29');
    expect(findings.at(-1)).toMatchObject({ about: 'others', what: '10 more queues of RabbitMQ are too long as well' });
  });

  it('has as many findings as there are long queues, up to its limit, whichever they are', () => {
    const queue = fc.record({ messages: fc.nat(300), memory: fc.nat(3_000_000), consumers: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(queue, { maxLength: 40 }), (all) => {
        const named = all.map((one, index) => ({ ...one, name: `q${index}` }));
        const long = named.filter(({ messages, memory }) => messages > 100 || memory > 1_048_576).length;
        expect(queues(...named)).toHaveLength(Math.min(long, MOST_QUEUES + 1));
      }),
    );
  });
});

describe('the check of restarted brokers', () => {
  it('warns of one that was started within its limit, and leaves one that does not run to others', () => {
    const ages = [
      { controller: 'c1', upForSeconds: 599 },
      { controller: 'c2', upForSeconds: 600 },
      { controller: 'c3' },
    ];
    const findings = judgeRestarted(ages, { warn: 600 });
    expect(findings.map(findingKey)).toEqual(['rabbitmq-restarted/c1']);
    expect(findings[0]?.evidence).toMatchObject([{ value: 'up for 599 s', threshold: 'warn below 600 s' }]);
  });
});
