import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import type { RolloutArgs } from '../../workflows/messages/controls.js';
import { PLAN_ACTIVITY } from '../../workflows/messages/names.js';

/** What a run's history alone tells, with no worker at all. */
export interface Recorded {
  request?: RolloutRequest;
  /** Missing until the first activity has planned. */
  plan?: Plan;
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** How many events are asked for at once; the plan is among the first of a history. */
const PAGE = 100;

/**
 * Reads a run's request and plan: the plan is the result of its first `planRollout` activity or, after it continued as
 * new, part of what it carried. Reading stops as soon as the plan is found.
 */
export async function readRecorded(client: Client, run: { workflowId: string; runId: string }): Promise<Recorded> {
  const recorded: Recorded = {};
  const planning = new Set<string>();
  for await (const event of eventsOf(client, run)) {
    const started = event.workflowExecutionStartedEventAttributes;
    if (started) {
      const args = decode<RolloutArgs>(started.input);
      if (args) recorded.request = args.request;
      if (args?.carried) recorded.plan = args.carried.plan;
    }
    if (event.activityTaskScheduledEventAttributes?.activityType?.name === PLAN_ACTIVITY)
      planning.add(String(event.eventId));
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed && planning.has(String(completed.scheduledEventId))) {
      const plan = decode<Plan>(completed.result);
      if (plan) recorded.plan = plan;
    }
    if (recorded.plan) break;
  }
  return recorded;
}

async function* eventsOf(
  client: Client,
  execution: { workflowId: string; runId: string },
): AsyncGenerator<HistoryEvent> {
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId: execution.workflowId, runId: execution.runId },
      maximumPageSize: PAGE,
      ...(nextPageToken && { nextPageToken }),
    });
    yield* page.history?.events ?? [];
    nextPageToken = page.nextPageToken;
  } while (nextPageToken && nextPageToken.length > 0);
}

function decode<T>(payloads: Payloads): T | undefined {
  const payload = payloads?.payloads?.[0];
  return payload ? defaultPayloadConverter.fromPayload<T>(payload) : undefined;
}
