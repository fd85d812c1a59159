import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findTestServer } from './find.js';

/**
 * Start Temporal's time-skipping test server, for tests of workflows that wait for hours.
 *
 * Its clock is one for all: while anybody waits for a workflow's result, every timer on it runs out at once. So it is
 * not to be shared by tests that run at the same time.
 *
 * @param executable its path, where that is known already
 * @returns the SDK's environment; `teardown()` ends the server
 */
export async function startTimeSkippingServer(executable?: string): Promise<TestWorkflowEnvironment> {
  const path = executable ?? (await findTestServer());
  return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } });
}
