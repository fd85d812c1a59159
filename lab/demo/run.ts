import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { RolloutProgress, Waiting } from '../../domain/progress.js';
import { rolloutQueries } from '../../workflows/messages/controls.js';
import { runName } from '../../workflows/messages/names.js';

/** How long one question may take; a worker that has just started needs a moment to catch up. */
const askMs = 5_000;

/** How often the run is asked. */
const pollMs = 200;

/** The demo's own view of the run: it must know when to say what. */
export class ObservedRun {
  private constructor(
    private readonly client: Client,
    private readonly workflowId: string,
  ) {}

  /** Connects to a server of ours. The run need not exist yet. */
  static async at(address: string, workflowId: string): Promise<ObservedRun> {
    return new ObservedRun(new Client({ connection: await Connection.connect({ address, tls: false }) }), workflowId);
  }

  /** Its name, as Ostler prints it, and its page in the server's UI. */
  async identity(uiUrl: string | undefined): Promise<{ name: string; page: string }> {
    const { workflowId } = this;
    const { runId } = await this.client.workflow.getHandle(workflowId).describe();
    const page = `${uiUrl ?? ''}/namespaces/default/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
    return { name: runName(workflowId, runId), page };
  }

  /** Resolves when it waits for that, such as a person who decides about hosts that failed. */
  async waitsFor(what: Waiting['for']): Promise<void> {
    while ((await this.progress())?.waiting?.for !== what) await wait(pollMs);
  }

  /** Undefined while no worker answers. */
  private async progress(): Promise<RolloutProgress | undefined> {
    const handle = this.client.workflow.getHandle(this.workflowId);
    try {
      return await this.client.withDeadline(Date.now() + askMs, () =>
        handle.query<RolloutProgress>(rolloutQueries.progress),
      );
    } catch {
      return undefined;
    }
  }
}
