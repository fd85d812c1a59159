import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { timeSkippingServer } from '../setup/temporal.js';
import { endOf, operate, patience, progressOf, tell, untilWaiting } from './steering.js';

const { IndexedValueType } = temporal.api.enums.v1;
const hours = (count: number): number => count * 3_600_000;
const minutes = (count: number): number => count * 60_000;

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await timeSkippingServer();
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: {
      OstlerNodes: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
      OstlerOutcome: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    },
  });
});

/** Lets a look last as long as it was told to, beating on the way as the activities do. */
async function last(lookMs: number): Promise<void> {
  const { taskToken } = Context.current().info;
  for (let left = lookMs; left > 0; left -= 8_000) {
    await environment.connection.workflowService.recordActivityTaskHeartbeat({ namespace: 'default', taskToken });
    await environment.sleep(Math.min(left, 8_000));
  }
}

describe('a failover of many hours', { timeout: 180_000 }, () => {
  it('tells people when a controller has been held for as long as was said, again every day, and waits on', async () => {
    const { site, handle } = await operate(
      { answers: { guard: [{}] } },
      { hold: { kind: 'until-returned', limitMs: hours(24) } },
      {},
      undefined,
      environment,
    );
    await untilWaiting(handle, 'return', 'waits for `ostler return`');
    await environment.sleep(hours(25));
    const { waiting } = await untilWaiting(handle, 'return', 'has been out of service for as long as was said');
    expect(waiting?.why).toContain('`ostler return controller-2` brings it back');
    await environment.sleep(hours(24));
    await vi.waitFor(
      () => expect(site.events.map(({ event }) => event)).toEqual(Array(3).fill('needs-person')),
      patience,
    );
    expect(site.story).not.toContain('undo standby');
    await tell(handle, 'return');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
  });

  it('gives Galera all the time it needs while it transfers its state, and shows what is missing', async () => {
    const transferring = {
      state: 'waiting',
      missing: ['Galera on controller-2 is Joining, not Synced'],
      transferring: true,
    } as const;
    let handle: WorkflowHandle | undefined;
    const looks: number[] = [];
    const said = new Set<string | undefined>();
    const began = await environment.currentTimeMs();
    const run = await operate(
      {
        answers: { 'back, drained': [...Array(10).fill(transferring), { state: 'reached' }] },
        look: async (lookMs) => {
          looks.push(lookMs);
          await last(lookMs);
          if (handle) said.add((await progressOf(handle)).notes['controller-2']?.why);
        },
      },
      {},
      {},
      undefined,
      environment,
    );
    handle = run.handle;
    expect(await run.handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    expect(looks).toEqual([30_000, ...Array(9).fill(minutes(5))]);
    expect((await environment.currentTimeMs()) - began).toBeGreaterThan(minutes(45));
    expect([...said]).toContain(
      'Galera transfers its state; waits for controller-2 to be back with all its services: Galera on controller-2 is Joining, not Synced',
    );
    expect(run.site.story.filter((call) => call === 'back, drained')).toHaveLength(11);
    expect((await run.handle.describe()).historyLength).toBeLessThan(250);
  });

  it('brings a controller back that the others do not replace in time', async () => {
    const missing = ['vip__public is on no controller'];
    const { site, handle } = await operate(
      { answers: { away: [{ state: 'waiting', missing, transferring: false }] }, look: last },
      {},
      {},
      undefined,
      environment,
    );
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ outcome: 'failed', states: 'f', owed: [] });
    expect(progress.notes['controller-2']?.why).toBe(
      'waited in vain for the others to hold everything without controller-2: vip__public is on no controller',
    );
    const looks = site.story.filter((call) => call === 'away').length;
    expect(looks).toBeGreaterThanOrEqual(30);
    expect(looks).toBeLessThan(35);
    expect(site.story.at(-1)).toBe('back');
  });
});
