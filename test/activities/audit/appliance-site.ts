import type { CloudSite } from '../../../activities/audit/cloud-checks.js';
import type { RunOnHost } from '../../../activities/hosts.js';
import { createSshPool } from '../../../activities/ssh/pool.js';
import type { RunResult, SshTransport } from '../../../activities/ssh/types.js';
import { parseInventory, siteOf } from '../../../inventory/load.js';

/** What a host prints for a script, or why it prints nothing. */
export type Answer = string | Partial<RunResult> | Error;

/** What was sent to a host. */
export interface Sent {
  node: string;
  script: string;
  stdin: string | undefined;
}

/** A site whose hosts print what they are told to. `nodes` is the list of ostler.yaml, one line each. */
export function siteWith(
  nodes: readonly string[],
  answers: Readonly<Record<string, Answer>>,
  ssh: SshTransport = createSshPool(),
): CloudSite & { sent: Sent[] } {
  const sent: Sent[] = [];
  const text = `cloud: lab\nssh: { user: ops, agent: /run/agent }\nnodes:\n${nodes.map((node) => `  - ${node}`).join('\n')}\n`;
  const run: RunOnHost = async (node, script, { stdin, signal }) => {
    signal?.throwIfAborted();
    sent.push({ node, script, stdin });
    const answer = answers[node] ?? new Error(`${node} cannot be reached`);
    if (answer instanceof Error) throw answer;
    const said = typeof answer === 'string' ? { stdout: answer } : answer;
    return { exitCode: 0, stdout: '', stderr: '', truncated: false, ...said };
  };
  return { inventory: siteOf(parseInventory(text, 'ostler.yaml'), '/etc/ostler/ostler.yaml'), run, ssh, sent };
}

export const never = new AbortController().signal;
