import type { Client, WorkflowHandle } from '@temporalio/client';

/** What Temporal keeps of one run, over all executions that it continued as. */
export interface HistoryFacts {
  readonly executions: number;
  readonly events: number;
  /** Events of the execution that has most. */
  readonly mostEvents: number;
  readonly restarts: number;
  /** Bytes of the largest payload that carries a plan, and of the largest of any other. */
  readonly planBytes: number;
  readonly otherBytes: number;
}

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

interface Payload {
  readonly metadata?: unknown;
  readonly data?: Uint8Array | null;
}

/** Reads every history of a run from its first execution on. */
export async function readHistories(client: Client, workflowId: string, firstRunId: string): Promise<HistoryFacts> {
  const facts = { executions: 0, events: 0, mostEvents: 0, restarts: 0, planBytes: 0, otherBytes: 0 };
  let runId: string | null | undefined = firstRunId;
  while (runId) {
    const all: Events = await eventsOf(client, workflowId, runId);
    facts.executions++;
    facts.events += all.length;
    facts.mostEvents = Math.max(facts.mostEvents, all.length);
    for (const event of all) {
      if (event.activityTaskScheduledEventAttributes?.activityType?.name === 'restartUnit') facts.restarts++;
      for (const { data } of payloadsIn(event)) {
        const bytes = data?.length ?? 0;
        // Only a plan, and the arguments that carry it into the next execution, name its batches and its population.
        const kind = carriesPlan(data) ? 'planBytes' : 'otherBytes';
        facts[kind] = Math.max(facts[kind], bytes);
      }
    }
    runId = all.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return facts;
}

const eventsOf = async (client: Client, workflowId: string, runId: string): Promise<Events> =>
  (await client.workflow.getHandle(workflowId, runId, { followRuns: false }).fetchHistory()).events ?? [];

const carriesPlan = (data: Uint8Array | null | undefined): boolean =>
  data !== undefined && data !== null && Buffer.from(data).includes('"population":');

/** All payloads anywhere in an event. */
function payloadsIn(value: unknown): Payload[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  if ('data' in value && 'metadata' in value) return [value as Payload];
  return Object.values(value).flatMap(payloadsIn);
}
