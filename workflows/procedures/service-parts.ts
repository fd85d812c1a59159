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
import type { ActResult, OpenActs } from '../../domain/rollout.js';
import { partCalled, partRequest } from '../../domain/service-parts.js';
import { type Control, type LeftOpen, type RolloutArgs, rolloutSignals } from '../messages/controls.js';
import { failureTypes } from '../messages/failures.js';
import { rolloutId, runName, workflowTypeOf } from '../messages/names.js';
import { runAttributes } from '../messages/search-attributes.js';
import { describeError } from '../rollout/engine-activities.js';
import type { HostInHand, Procedure, RunInHand } from '../rollout/procedure.js';

/** A part looks at its hosts itself when its turn comes; of an earlier turn there may be something to find out first. */
export interface PartTicket {
  /** What its last run left unresolved. */
  open?: OpenActs;
}

/**
 * Carries out an operation on many services, a run of its own for each module and role: what the engine takes for a host is such a part. A part
 * that fails stops the rest, as a host would; `retry` gives it another run, which finds what is done already, and resolves what was left unknown
 * under the intents that it was sent with (design, rule 2).
 */
export function partsInTurn(request: RolloutRequest): Procedure<PartTicket> {
  return {
    // The budget is that of the parts: each asks for its own hosts.
    admit: async ({ nodes }) => ({
      admitted: true,
      hosts: Object.fromEntries(nodes.map((node) => [node, { ticket: {} }])),
    }),
    act: (part, run) => carriedOut(request, part, run),
    verify: async () => ({}),
  };
}

async function carriedOut(
  whole: RolloutRequest,
  { node: name, ticket }: HostInHand<PartTicket>,
  run: RunInHand,
): Promise<ActResult> {
  const request = partRequest(whole, partCalled(name));
  const workflowId = rolloutId(whole.operation, whole.cloud, name);
  try {
    const child = await startChild<(args: RolloutArgs) => Promise<unknown>>(workflowTypeOf(request), {
      workflowId,
      args: [{ request, ...(ticket.open && { open: ticket.open }) }],
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
      if (error instanceof ChildWorkflowFailure) return failed(error, called, ticket);
      throw error;
    }
    return { state: 'acted', byUs: true };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return {
      state: stateOf(ticket),
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

/** While anything of a part is unresolved, the part is: that keeps its ticket for its next turn. */
const stateOf = ({ open = {} }: PartTicket): 'unknown' | 'failed' =>
  Object.keys(open).length > 0 ? 'unknown' : 'failed';

/** A part that finds everything as wanted, by an earlier part or by somebody, is done; not where Pacemaker, or a mask, keeps a host from it. */
function failed(error: ChildWorkflowFailure, called: string, ticket: PartTicket): ActResult {
  const { cause } = error;
  const isNothing = cause instanceof ApplicationFailure && cause.type === failureTypes.NothingToDo;
  if (isNothing && (cause.details ?? []).length === 0)
    return { state: 'acted', byUs: true, note: { why: cause.message } };
  if (!isNothing && cause instanceof ApplicationFailure) {
    // A run that was not even planned says nothing of it: what it should have resolved is as open as before.
    const [left] = (cause.details ?? []) as Partial<LeftOpen>[];
    if (left?.open) ticket.open = left.open;
  }
  return {
    state: stateOf(ticket),
    note: { why: describeError(error), next: `ostler show ${called} tells more; then \`ostler retry\`` },
  };
}
