import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  condition,
  startChild,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { RolloutRequest } from '../../domain/plan.js';
import type { ActResult } from '../../domain/rollout.js';
import { partCalled, partRequest } from '../../domain/service-parts.js';
import { type Control, type RolloutArgs, rolloutSignals } from '../messages/controls.js';
import { failureTypes } from '../messages/failures.js';
import { rolloutId, runName, workflowTypeOf } from '../messages/names.js';
import { runAttributes } from '../messages/search-attributes.js';
import { describeError } from '../rollout/engine-activities.js';
import type { Procedure, RunInHand } from '../rollout/procedure.js';

/** A part has no ticket: it looks at its hosts itself when its turn comes. */
type NoTicket = Record<string, never>;

/**
 * Carries out an operation on many services, a run of its own for each module and role: what the engine takes for a host is such a part. A part
 * that fails stops the rest, as a host would; `retry` gives it another run, which finds what is done already.
 */
export function partsInTurn(request: RolloutRequest): Procedure<NoTicket> {
  return {
    // The budget is that of the parts: each asks for its own hosts.
    admit: async ({ nodes }) => ({
      admitted: true,
      hosts: Object.fromEntries(nodes.map((node) => [node, { ticket: {} }])),
    }),
    act: ({ node }, run) => carriedOut(request, node, run),
    verify: async () => ({}),
  };
}

async function carriedOut(whole: RolloutRequest, name: string, run: RunInHand): Promise<ActResult> {
  const request = partRequest(whole, partCalled(name));
  const workflowId = rolloutId(whole.operation, whole.cloud, name);
  try {
    const child = await startChild<(args: RolloutArgs) => Promise<unknown>>(workflowTypeOf(request), {
      workflowId,
      args: [{ request }],
      typedSearchAttributes: runAttributes(request),
      staticSummary: `${request.operation} ${name} of ${request.cloud}`,
      staticDetails: `${request.actor}: ${request.reason}`,
      // A cancel lets hosts in flight finish and gives back what was taken.
      parentClosePolicy: 'REQUEST_CANCEL',
    });
    const called = runName(workflowId, child.firstExecutionRunId);
    run.say(name, `runs as ${called}`);
    let isOver = false;
    const ended = child.result().finally(() => {
      isOver = true;
    });
    ended.catch(() => {});
    await condition(() => isOver || run.isAborted);
    if (!isOver) await abort(child);
    try {
      await ended;
    } catch (error) {
      if (error instanceof ChildWorkflowFailure) return failed(error, called);
      throw error;
    }
    return { state: 'acted', byUs: true };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return {
      state: 'failed',
      note: { why: `${workflowId} runs already`, next: `when it has ended: \`ostler retry\`` },
    };
  }
}

/** Has a part end as a person's abort would; one that has ended meanwhile hears nothing. */
async function abort(child: ChildWorkflowHandle<(args: RolloutArgs) => Promise<unknown>>): Promise<void> {
  const control: Control = { actor: 'ostler', reason: `${workflowInfo().workflowId} is to end` };
  try {
    await child.signal<[Control]>(rolloutSignals.abort, control);
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
  }
}

/** A part that finds everything as wanted, by an earlier part or by somebody, is done. */
function failed(error: ChildWorkflowFailure, called: string): ActResult {
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.type === failureTypes.NothingToDo)
    return { state: 'acted', byUs: true, note: { why: cause.message } };
  return {
    state: 'failed',
    note: { why: describeError(error), next: `ostler show ${called} tells more; then \`ostler retry\`` },
  };
}
