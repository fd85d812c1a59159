import type { ClusterView, ControllerAnswer } from '../../domain/cluster.js';
import { PACEMAKER_READ_MS } from '../../domain/pacemaker-commands.js';
import type { SiteInventory } from '../../inventory/load.js';
import { sshTarget } from '../../inventory/targets.js';
import { type RunOnHost, whyNot } from '../hosts.js';
import { redact } from '../redact.js';
import { type RunResult, SshFailure } from '../ssh/types.js';
import { cliConstraints, clusterProperties } from './cib.js';
import { parseCrmMon } from './crm-mon.js';
import { type Printed, parseRead, type Read, readScript, UnreadableCluster } from './read-script.js';
import { parsePcsStatus } from './status-text.js';

export interface PacemakerDeps {
  inventory: SiteInventory;
  run: RunOnHost;
}

/** How a tool says that no cluster runs on its host: `crm_mon` of both generations, and pcs. */
const NOT_RUNNING = /not (?:currently )?(?:running|available)|not connected|connection to cluster failed/i;

/** How much of what a host said is worth telling. */
const MOST_SAID = 300;

/** All views together must fit into one payload (design, rule 10). */
const MOST_VIEWED = 200 * 1024;

/** Asks one controller how it sees the cluster; what keeps it from answering is an answer too. */
export type AskCluster = (controller: string, signal: AbortSignal) => Promise<ControllerAnswer>;

/** Reads of Pacemaker, one controller at a time. They change nothing. */
export function createAskCluster({ inventory, run }: PacemakerDeps): AskCluster {
  const controllers = inventory.nodes.filter(({ roles }) => roles.includes('controller')).length;

  async function ask(controller: string, signal: AbortSignal): Promise<ControllerAnswer> {
    try {
      const result = await run(controller, readScript(), { limitMs: PACEMAKER_READ_MS, signal });
      return { controller, ...answerOf(controller, result) };
    } catch (error) {
      if (signal.aborted) throw error;
      const next = error instanceof SshFailure ? error.hint : `log in to ${controller} and try \`crm_mon -1\``;
      return { controller, state: 'unread', why: whyNot(error), next };
    }
  }

  function answerOf(controller: string, { stdout, stderr, truncated }: RunResult): Unlabelled {
    if (truncated) throw new UnreadableCluster('the answer is longer than a megabyte, and the rest is lost');
    const read = parseRead(stdout);
    if (read.state === 'refused') {
      const { user } = sshTarget(inventory, controller);
      return {
        state: 'unread',
        why: `sudo does not let ${user} read the cluster on ${controller}: ${said(stderr) || 'it says nothing'}`,
        next: `install what \`ostler sudoers --role controller --user ${user}\` prints`,
      };
    }
    const failed = [read.status, read.constraints, read.properties].find(({ exitCode }) => exitCode !== 0);
    if (failed) return failedRead(controller, failed, stderr);
    const view = viewOf(read);
    const size = JSON.stringify(view).length;
    if (size > MOST_VIEWED / controllers)
      throw new UnreadableCluster(`the cluster on ${controller} has more than can be told: ${size} bytes`);
    return { state: 'read', view };
  }

  return ask;
}

/** An answer without the name of who gave it. */
type Unlabelled = ControllerAnswer extends infer Answer
  ? Answer extends unknown
    ? Omit<Answer, 'controller'>
    : never
  : never;

function viewOf({ state: dialect, status, constraints, properties }: Exclude<Read, { state: 'refused' }>): ClusterView {
  const parsed = dialect === 'text' ? parsePcsStatus(status.text) : parseCrmMon(status.text);
  return {
    dialect,
    ...parsed,
    failures: parsed.failures.map(({ reason, ...one }) => ({ ...one, ...(reason && { reason: said(reason) }) })),
    constraints: cliConstraints(constraints.text),
    properties: clusterProperties(properties.text),
  };
}

function failedRead(controller: string, { text, exitCode }: Printed, stderr: string): Unlabelled {
  if (NOT_RUNNING.test(text) || NOT_RUNNING.test(stderr))
    return {
      state: 'stopped',
      why: `no cluster runs on ${controller}`,
      next: `if it should: \`pcs cluster start\` on ${controller}`,
    };
  // GNU timeout(1): 124 when the command was told to end, 137 when it had to be killed.
  if (exitCode === 124 || exitCode === 137)
    throw new UnreadableCluster(`Pacemaker on ${controller} did not answer within 10 s`);
  throw new UnreadableCluster(`Pacemaker on ${controller} did not answer (exit ${exitCode}): ${said(stderr || text)}`);
}

const said = (text: string): string => redact(text.trim()).slice(0, MOST_SAID);
