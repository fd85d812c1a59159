import { fileURLToPath } from 'node:url';
import { defineSearchAttributeKey } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { shared } from './shared.js';
import { devClient, startWorker, timeSkippingServer, uniqueName } from './temporal.js';

const workflowsPath = fileURLToPath(new URL('fixtures/greet.ts', import.meta.url));
const activities = { greet: async (name: string) => `hello ${name}` };

describe('what test files share', () => {
  it('is one development server, whose workers run the activities they are given', async () => {
    const { address, client } = await devClient();
    expect(await shared('dev-server')).toBe(address);
    const { taskQueue, stop } = await startWorker({ workflowsPath, activities });
    const workflowId = uniqueName('greet');
    const answer = await client.workflow.execute('greetLater', {
      workflowId,
      taskQueue,
      args: [{ name: 'ostler', hours: 0 }],
      typedSearchAttributes: [{ key: defineSearchAttributeKey('OstlerCloud', 'KEYWORD'), value: 'prod' }],
    });
    expect(answer).toBe('hello ostler');
    await stop();
  });

  it('says what is wrong with a thing to the tests that ask for it', async () => {
    await expect(shared('no-such-thing' as 'dev-server')).rejects.toThrow('no-such-thing: ');
  });
});

describe('the time-skipping server of a test file', () => {
  it('lets hours pass at once', async () => {
    const server = await timeSkippingServer();
    const before = await server.currentTimeMs();
    const { taskQueue } = await startWorker({ on: server, workflowsPath, activities });
    const started = await server.client.workflow.start('greetLater', {
      workflowId: uniqueName('greet'),
      taskQueue,
      args: [{ name: 'tomorrow', hours: 24 }],
    });
    expect(await started.result()).toBe('hello tomorrow');
    expect((await server.currentTimeMs()) - before).toBeGreaterThanOrEqual(24 * 3_600_000);
  });
});

describe('the environment of tests', () => {
  it('names no Temporal server', () => {
    const names = Object.keys(process.env).filter((name) => name.startsWith('TEMPORAL_'));
    expect(names).toEqual(['TEMPORAL_CONFIG_FILE']);
  });
});
