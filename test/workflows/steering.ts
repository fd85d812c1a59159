import {
  type ApplicationFailure,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { expect, vi } from 'vitest';
import type { ControllerRequest } from '../../domain/failover.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { RolloutProgress, Waiting } from '../../domain/progress.js';
import { workflowTypeOf } from '../../workflows/messages/names.js';
import { devClient, uniqueName } from '../setup/temporal.js';
import { FakeControllers, type FakeControllersOptions } from './fake-controllers.js';
import type { FakeSite } from './fake-site.js';

export const alice = { actor: 'alice', reason: 'told so' };

/** The machine may be busy with other things. */
export const patience = { timeout: 60_000, interval: 50 };

/** Starts a request to a site as the CLI would. @param on the server that it is started on, where it is another than all tests share */
export async function launch(
  site: FakeSite,
  overrides: Partial<RolloutRequest> = {},
  on?: Parameters<FakeControllers['start']>[0],
) {
  const { client } = on ?? (await devClient());
  const taskQueue = await site.start(on);
  const request = site.request(overrides);
  return client.workflow.start(workflowTypeOf(request), {
    workflowId: uniqueName(request.operation),
    taskQueue,
    args: [{ request }],
  });
}

/** Starts an operation on controllers as the CLI would. */
export async function operate(
  options: FakeControllersOptions,
  controller: ControllerRequest = {},
  overrides: Partial<RolloutRequest> = {},
  prepare: (site: FakeControllers) => void = () => {},
  on?: Parameters<FakeControllers['start']>[0],
) {
  const site = new FakeControllers(options);
  prepare(site);
  return { site, handle: await launch(site, { controller, ...overrides }, on) };
}

export const progressOf = (handle: WorkflowHandle): Promise<RolloutProgress> =>
  handle.query<RolloutProgress>('progress');

export const tell = (handle: WorkflowHandle, update: string, argument: object = {}): Promise<string> =>
  handle.executeUpdate<string, [object]>(update, { args: [{ ...alice, ...argument }] });

export const untilWaiting = (handle: WorkflowHandle, kind: Waiting['for'], why = ''): Promise<RolloutProgress> =>
  vi.waitFor(async () => {
    const now = await progressOf(handle);
    expect(now.waiting?.for).toBe(kind);
    expect(now.waiting?.why).toContain(why);
    return now;
  }, patience);

/** How a run that does not end ok has failed, with its progress at the end. */
export async function endOf(
  handle: WorkflowHandle,
): Promise<{ failure: ApplicationFailure; progress: RolloutProgress }> {
  const error = await handle.result().then(
    () => expect.unreachable('the run should fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return {
    failure: (error as WorkflowFailedError).cause as ApplicationFailure,
    progress: await progressOf(handle),
  };
}

/** Why an update was refused. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => expect.unreachable('the update should be refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return ((error as WorkflowUpdateFailedError).cause as Error).message;
}
