import { ServiceError, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { TransportError } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { CliError, EXIT } from '../../cli/exit.js';
import { explain, isMissingSearchAttribute, isNoWorker } from '../../cli/explain.js';
import { errorText } from '../../cli/render/error.js';
import { failureTypes } from '../../workflows/messages/failures.js';

const workflowFailed = (cause: Error): Error =>
  new WorkflowFailedError('Workflow execution failed', cause, RetryState.NON_RETRYABLE_FAILURE);
const grpc = (code: number, details: string): Error =>
  new ServiceError('Failed to start Workflow', {
    cause: Object.assign(new Error(`${code}: ${details}`), { code, details }),
  });

describe('the exit code of a failure that came over the wire', () => {
  it.each([
    [failureTypes.InvalidRequest, EXIT.usage],
    [failureTypes.PlanRefused, EXIT.refused],
    [failureTypes.StalePlan, EXIT.refused],
    [failureTypes.RolloutFailed, EXIT.failed],
    [failureTypes.RolloutAborted, EXIT.failed],
  ])('%s is %i, with its own sentence and something to try', (type, exitCode) => {
    const failure = explain(workflowFailed(ApplicationFailure.nonRetryable('compute-7 says no', type)));
    expect(failure).toMatchObject({ exitCode, what: 'compute-7 says no' });
    expect(failure.tryNext).toBeTruthy();
  });

  it('is found below an activity failure', () => {
    const cause = ApplicationFailure.nonRetryable('no room', failureTypes.PlanRefused);
    const activity = new ActivityFailure(
      'Activity task failed',
      'planRollout',
      '1',
      RetryState.NON_RETRYABLE_FAILURE,
      'w',
      cause,
    );
    expect(explain(workflowFailed(activity))).toMatchObject({ exitCode: EXIT.refused, what: 'no room' });
  });

  it('lists what is different in a stale plan', () => {
    const details = [['compute-3: active then, down now']];
    const cause = ApplicationFailure.create({ type: failureTypes.StalePlan, message: 'the plan is another', details });
    expect(explain(workflowFailed(cause)).what).toBe('the plan is another\n  compute-3: active then, down now');
  });

  it('of a refused control message is 5, in the words of the run', () => {
    const cause = ApplicationFailure.nonRetryable('nothing to promote');
    expect(explain(new WorkflowUpdateFailedError('Workflow Update failed', cause))).toMatchObject({
      exitCode: EXIT.refused,
      what: 'nothing to promote',
    });
  });
});

describe('the exit code of an answer of the server', () => {
  it.each([
    [14, 'connection refused', EXIT.unavailable],
    [4, 'deadline exceeded', EXIT.unavailable],
    [7, 'not yours', EXIT.usage],
    [16, 'who are you', EXIT.usage],
    [5, 'no such thing', EXIT.usage],
    [3, 'Namespace default has no mapping defined for search attribute OstlerCloud', EXIT.usage],
    [3, 'the id is too long', EXIT.usage],
    [6, 'it is there already', EXIT.refused],
    [8, 'namespace rate limit exceeded', EXIT.unavailable],
    [12, 'unknown method', EXIT.usage],
    ...[1, 2, 9, 10, 13, 15].map((code): [number, string, number] => [code, 'trouble', EXIT.unavailable]),
  ])('gRPC %i (%s) is %i', (code, details, exitCode) => {
    expect(explain(grpc(code, details)).exitCode).toBe(exitCode);
  });

  it('is 6 for a worker that lost its connection', () => {
    expect(explain(new TransportError('broken pipe'))).toMatchObject({
      exitCode: EXIT.unavailable,
      what: 'the connection to Temporal is lost: broken pipe',
    });
  });

  it('leads to `ostler setup` when search attributes are missing', () => {
    const error = grpc(3, 'invalid query: invalid search attribute: OstlerOperation');
    expect(isMissingSearchAttribute(error)).toBe(true);
    expect(explain(error).tryNext).toContain('ostler setup');
  });

  it('is told in the words of the server, or of the connection of a worker, which leaves them out', () => {
    expect(explain(grpc(8, 'namespace rate limit exceeded')).what).toContain('namespace rate limit exceeded');
    const native = Object.assign(new Error('status: Internal'), { code: 13, details: new Uint8Array(), metadata: {} });
    expect(explain(native)).toMatchObject({ exitCode: EXIT.unavailable, what: expect.stringContaining('Internal') });
  });

  it('knows an unanswered query from an unreachable server', () => {
    expect(isNoWorker(grpc(1, 'cancelled'))).toBe(true);
    expect(isNoWorker(grpc(14, 'unavailable'))).toBe(false);
  });
});

describe('any other error', () => {
  it('is a bug of ours and names itself', () => {
    expect(explain(new TypeError('x is undefined'))).toMatchObject({
      exitCode: EXIT.bug,
      what: 'a bug in ostler: TypeError: x is undefined',
    });
    expect(explain('just text').what).toContain('just text');
    expect(explain(Object.assign(new Error('the disk is full'), { code: 28 })).exitCode).toBe(EXIT.bug);
  });

  it('stays what it is when it is explained already, even as a cause', () => {
    const known = new CliError(EXIT.waiting, 'waits');
    expect(explain(new Error('wrapped', { cause: known }))).toBe(known);
  });
});

describe('an error on the terminal', () => {
  const failure = new CliError(EXIT.failed, 'compute-1 says \u001b[2Jhello', 'try that');

  it('is two lines without control characters', () => {
    expect(errorText(failure, { colour: false, debug: false })).toBe('compute-1 says \\x1b[2Jhello\n  → try that');
  });

  it('shows a stack only with --debug', () => {
    expect(errorText(failure, { colour: false, debug: true })).toMatch(/\n {4}at /);
  });
});
