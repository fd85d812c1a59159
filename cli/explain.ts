import { failureTypes } from '../workflows/messages/failures.js';
import { CliError, EXIT, type ExitCode, UsageError } from './exit.js';
import { GRPC, isGrpc, meaningOf, saidBy } from './grpc.js';

/** What each failure type of the wire means for the exit code, and what an operator can try. */
const failures: Record<string, { exitCode: ExitCode; tryNext: string }> = {
  [failureTypes.InvalidRequest]: { exitCode: EXIT.usage, tryNext: 'see --help, and `ostler nodes` for the inventory' },
  [failureTypes.PlanRefused]: { exitCode: EXIT.refused, tryNext: '`ostler check` shows the state of every host' },
  [failureTypes.NothingToDo]: { exitCode: EXIT.refused, tryNext: '`ostler service status` shows how everything is' },
  [failureTypes.StalePlan]: {
    exitCode: EXIT.refused,
    tryNext: 'look at the new plan with --dry-run, then start again',
  },
  [failureTypes.RolloutFailed]: { exitCode: EXIT.failed, tryNext: '`ostler show` tells what happened on each host' },
  [failureTypes.RolloutAborted]: { exitCode: EXIT.failed, tryNext: '`ostler show` tells how far it came' },
};

/**
 * What any error means for the operator. Errors of the Temporal client are told apart by name, type and code, so that this
 * needs no Temporal package; whatever is not understood is a bug of ours (70).
 */
export function explain(error: unknown): CliError {
  const chain = causesOf(error);
  const known = chain.find((cause) => cause instanceof CliError);
  if (known instanceof CliError) return known;
  return explainFailure(chain) ?? explainGrpc(chain) ?? bug(error);
}

/** True when the server does not know a search attribute of ours: nobody ran `ostler setup` on it. */
export function isMissingSearchAttribute(error: unknown): boolean {
  const status = causesOf(error).find(isGrpc);
  return status?.code === GRPC.INVALID_ARGUMENT && /search attribute/i.test(saidBy(status));
}

/**
 * True when the server took a query or an update but no worker answered it in time. The server reports this as a
 * deadline, as the cancellation of its own wait, or, when it saw no worker lately, as a failed precondition.
 */
export function isNoWorker(error: unknown): boolean {
  const codes: number[] = [GRPC.CANCELLED, GRPC.DEADLINE_EXCEEDED, GRPC.FAILED_PRECONDITION];
  return causesOf(error).some((cause) => isGrpc(cause) && codes.includes(cause.code));
}

/** True when Temporal itself cannot be reached or cannot answer for now, so that it is worth trying again. */
export const isUnreachable = (error: unknown): boolean =>
  causesOf(error).some((cause) => isGrpc(cause) && meaningOf(cause).exitCode === EXIT.unavailable);

/** True for what the Temporal client calls by `name`, such as WorkflowNotFoundError. */
export const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

function explainFailure(chain: readonly Error[]): CliError | undefined {
  for (const cause of chain) {
    const meaning = cause.name === 'ApplicationFailure' && failures[(cause as { type?: string }).type ?? ''];
    if (meaning) return new CliError(meaning.exitCode, withDetails(cause), meaning.tryNext, { cause });
  }
  const failed = chain.find(({ name }) => name === 'WorkflowFailedError');
  if (failed)
    return new CliError(
      EXIT.failed,
      `the workflow did not end well: ${chain.at(-1)?.message}`,
      'the Temporal UI shows its history; --debug prints more',
      { cause: failed },
    );
  const refused = chain.find(({ name }) => name === 'WorkflowUpdateFailedError');
  if (refused)
    return new CliError(EXIT.refused, chain.at(-1)?.message ?? refused.message, undefined, { cause: refused });
  return undefined;
}

/** A refusal and, under it, what it lists: the differences of a stale plan. */
function withDetails(cause: Error): string {
  const { details } = cause as { details?: unknown };
  const lines = Array.isArray(details) ? details.flat().filter((detail) => typeof detail === 'string') : [];
  return [cause.message, ...lines.map((line) => `  ${line}`)].join('\n');
}

function explainGrpc(chain: readonly Error[]): CliError | undefined {
  const nowhere = chain.find(({ name }) => name === 'NamespaceNotFoundError');
  if (nowhere)
    return new UsageError(nowhere.message, 'name another with --namespace or TEMPORAL_NAMESPACE', { cause: nowhere });
  const unscheduled = chain.find(({ name }) => name === 'ScheduleNotFoundError');
  if (unscheduled)
    return new UsageError(
      'somebody has deleted the schedule meanwhile',
      '`ostler schedule list` shows those there are',
      {
        cause: unscheduled,
      },
    );
  const lost = chain.find(({ name }) => name === 'TransportError');
  if (lost)
    return new CliError(
      EXIT.unavailable,
      `the connection to Temporal is lost: ${lost.message}`,
      'start it again when the server is back; operations go on where they were',
      { cause: lost },
    );
  const status = chain.find(isGrpc);
  if (!status) return undefined;
  const options = { cause: status };
  if (isMissingSearchAttribute(status))
    return new UsageError(
      `this Temporal server lacks Ostler's search attributes: ${saidBy(status)}`,
      'register them once with `ostler setup`',
      options,
    );
  const { exitCode, what, tryNext } = meaningOf(status);
  return new CliError(exitCode, `${what}: ${saidBy(status)}`, tryNext, options);
}

const bug = (error: unknown): CliError =>
  new CliError(
    EXIT.bug,
    `a bug in ostler: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    'run it again with --debug and report what it prints',
    { cause: error },
  );

/** An error and what caused it, outermost first. */
export function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let cause = error; cause instanceof Error && !chain.includes(cause); cause = cause.cause) chain.push(cause);
  return chain;
}
