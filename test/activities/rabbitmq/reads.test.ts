import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { brokerAge } from '../../../activities/rabbitmq/broker-age.js';
import { mirrorsQueues } from '../../../activities/rabbitmq/policies.js';
import { parseQueues } from '../../../activities/rabbitmq/queues.js';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');

describe('queues', () => {
  it('are read of a real broker, whatever is in their names', () => {
    const queues = parseQueues(fixture('rabbitmq-3.10/queues.txt'));
    expect(queues).toHaveLength(7);
    expect(queues).toContainEqual({ name: 'notifications.info', messages: 150, memory: 264_488, consumers: 0 });
    expect(queues).toContainEqual({ name: 'odd name\twith tab', messages: 1, memory: 55_656, consumers: 0 });
  });

  it('are read of an old one, and without those whose host is down', () => {
    expect(parseQueues(fixture('rabbitmq-3.3/queues.txt')).map(({ name }) => name)).toContain('notifications.info');
    expect(parseQueues('Listing queues ...\nlost\t\t\t\nq\t1\t2\t\n')).toEqual([
      { name: 'q', messages: 1, memory: 2, consumers: 0 },
    ]);
  });

  it('are nothing else', () => {
    expect(() => parseQueues('Error: unable to perform an operation')).toThrow('does not answer with its queues');
  });
});

describe('policies', () => {
  it('mirror, or do not, in any order of columns', () => {
    expect(mirrorsQueues(fixture('rabbitmq-3.3/policies.txt'))).toBe(true);
    expect(mirrorsQueues(fixture('rabbitmq-3.3/no-policies.txt'))).toBe(false);
    expect(() => mirrorsQueues('Error')).toThrow('does not answer with its policies');
  });
});

describe('the age of a broker', () => {
  it('is that of its oldest process', () => {
    expect(brokerAge('      1 beam.smp\n  86400 beam.smp\n  99999 epmd\n')).toBe(86_400);
    expect(brokerAge('  99999 epmd\n')).toBeUndefined();
  });
});
