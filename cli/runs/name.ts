/**
 * How many characters of the first run id tell runs of one workflow id apart. They are its last: run ids are UUIDv7, whose
 * first eight digits are the time and the same for all runs of a minute.
 */
const SHORT = 8;

/** What an operator typed where a run is asked for. */
export type RunReference =
  | { kind: 'run'; workflowId: string; digits: string }
  | { kind: 'workflow'; workflowId: string }
  | { kind: 'target'; target: string };

/**
 * The name of a run (design, section 4).
 * @param firstRunId stays the same while a run continues as new
 */
export const runName = (workflowId: string, firstRunId: string): string => `${workflowId}@${firstRunId.slice(-SHORT)}`;

const NAME = /^(?<workflowId>[^@\s]+)@(?<firstRun>[0-9a-f]{8}(?:[0-9a-f-]{28})?)$/;
const WORKFLOW_ID = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+){2}$/;
const TARGET = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Reads `restart/prod/nova-compute@1a2b3c4d`, the same without `@…` for its latest run, or a bare target.
 * @returns undefined for anything else
 */
export function parseRunReference(text: string): RunReference | undefined {
  const { workflowId, firstRun } = NAME.exec(text)?.groups ?? {};
  if (workflowId && firstRun && WORKFLOW_ID.test(workflowId))
    return { kind: 'run', workflowId, digits: firstRun.slice(-SHORT) };
  if (WORKFLOW_ID.test(text)) return { kind: 'workflow', workflowId: text };
  return TARGET.test(text) ? { kind: 'target', target: text } : undefined;
}
