import type { Client } from '@temporalio/client';
import type { ControlVerb } from '../../domain/progress.js';
import { type HostControl, rolloutSignals, rolloutUpdates } from '../../workflows/messages/controls.js';
import { CliError, EXIT } from '../exit.js';
import { isNamed, isNoWorker } from '../explain.js';
import type { FoundRun } from './find.js';

/** What became of a control message. */
export interface Steered {
  /** One sentence for the operator. */
  answer: string;
  /** False when no worker answered and the message waits in the history for one. */
  obeyed: boolean;
}

/** After this a worker counts as not answering (design, section 5). */
const ANSWER_MS = 5_000;

/**
 * Sends a run a control message and waits for its answer. Pause and abort are left in the history as a Signal when no worker answers,
 * so that they can be given at any time.
 * @throws {CliError} 5 when the run has ended; 6 when no worker answers and the verb needs one; what `explain` makes of
 * a refusal (5)
 */
export async function steerRun(
  client: Client,
  run: FoundRun,
  verb: ControlVerb,
  control: HostControl,
): Promise<Steered> {
  if (run.description.status.name !== 'RUNNING') throw ended(run);
  const handle = client.workflow.getHandle(run.workflowId, undefined, { firstExecutionRunId: run.firstRunId });
  try {
    const answer = await client.connection.withDeadline(Date.now() + ANSWER_MS, () =>
      handle.executeUpdate<string, [HostControl]>(rolloutUpdates[verb], { args: [control] }),
    );
    return { answer, obeyed: true };
  } catch (error) {
    if (isNamed(error, 'WorkflowNotFoundError')) throw ended(run);
    if (!isNoWorker(error)) throw error;
    if (verb !== 'pause' && verb !== 'abort')
      throw new CliError(
        EXIT.unavailable,
        `no worker answered within ${ANSWER_MS / 1_000} s, so it is not known whether ${verb} was taken`,
        `start one with \`ostler worker\`, look at \`ostler show ${run.name}\`, then say it again`,
        { cause: error },
      );
    await handle.signal<[HostControl]>(rolloutSignals[verb], control);
    return { answer: `${verb} is recorded; it takes effect when a worker is back`, obeyed: false };
  }
}

const ended = ({ name }: FoundRun): CliError =>
  new CliError(EXIT.refused, `${name} has ended already`, `what it came to: ostler show ${name}`);
