import { RUN_DIGITS } from '../../workflows/messages/names.js';

/** What an operator typed where a run is asked for. */
export type RunReference =
  | { kind: 'run'; workflowId: string; digits: string }
  | { kind: 'workflow'; workflowId: string }
  | { kind: 'target'; target: string };

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
    return { kind: 'run', workflowId, digits: firstRun.slice(-RUN_DIGITS) };
  if (WORKFLOW_ID.test(text)) return { kind: 'workflow', workflowId: text };
  return TARGET.test(text) ? { kind: 'target', target: text } : undefined;
}
