import type { Queue } from '../../domain/audit/judge-rabbitmq-queues.js';

/**
 * Reads what `rabbitmqctl list_queues name messages memory consumers` printed, of any version: lines of values with tabulators between them, among lines
 * for people. A name may hold tabulators itself. The numbers of a queue whose host is down are missing, and so is the queue.
 * @throws {Error} when it is no list of queues
 */
export function parseQueues(text: string): Queue[] {
  if (!/^Listing queues\b/m.test(text))
    throw new Error(`RabbitMQ does not answer with its queues: ${text.trim().slice(0, 120) || 'nothing'}`);
  return text.split('\n').flatMap((line) => {
    const [, name, messages, memory, consumers] = /^(.*)\t(\d+)\t(\d+)\t(\d*)$/.exec(line) ?? [];
    if (name === undefined) return [];
    return [{ name, messages: Number(messages), memory: Number(memory), consumers: Number(consumers || 0) }];
  });
}
