import { randomUUID } from 'node:crypto';
import { limitsOf, type SiteLimits } from '../../domain/audit/check.js';
import type { Finding } from '../../domain/audit/finding.js';
import { type Fitted, joined, worstOfOne } from '../../domain/audit/fit.js';
import type { NodeAuditSettings } from '../../domain/audit/node-settings.js';
import { HostSilent, type RunOnHost } from '../hosts.js';
import { nodeJudges } from './node/index.js';
import { type Asked, type Found, type NodeCheck, type Read, type Said, Unread } from './node/node-check.js';
import { nodeScript, parseNodeAnswer } from './node-script.js';
import { tidied } from './tidied.js';

export interface NodeAudit {
  run: RunOnHost;
  /** The node by its name in the inventory. */
  node: string;
  /** Ids of checks; those that are none of a node, or of other roles than its own, are passed over. */
  wanted: readonly string[];
  settings: NodeAuditSettings;
  /** The site's own numbers by check id. */
  limits: SiteLimits;
  signal: AbortSignal;
}

/** The script takes ten seconds at most, or a little longer where a command has to be killed; a busy host takes its time before. */
const LIMIT_MS = 30_000;

/**
 * Asks one node everything that is wanted, by one script in one round trip, and judges the answers. Changes nothing on the node. A check that
 * cannot be run there is a finding of the severity `unknown`.
 * @throws {SshFailure} when the node cannot be asked at all, and {HostSilent} when its answer was cut short
 */
export async function auditNode({ run, node, wanted, settings, limits, signal }: NodeAudit): Promise<Fitted> {
  const asked: Asked = { node, settings };
  const checks = nodeJudges.filter(
    ({ check }) => wanted.includes(check.id) && check.roles.some((role) => settings.roles.includes(role)),
  );
  const reads = [...new Set(checks.flatMap((one) => one.reads))];
  const nonce = randomUUID();
  const { stdout, truncated } = await run(node, nodeScript(reads, asked, nonce), { limitMs: LIMIT_MS, signal });
  if (truncated) throw new HostSilent(`the answer of ${node} is longer than a megabyte, and the rest is lost`);
  const answers = parseNodeAnswer(stdout, nonce);
  return joined(checks.map((check) => worstOfOne(findings(check, answers, asked, limits))));
}

function findings(
  { check, judge }: NodeCheck,
  answers: ReadonlyMap<string, Said>,
  asked: Asked,
  limits: SiteLimits,
): Finding[] {
  const said = ({ name }: Read): Said => {
    const answer = answers.get(name);
    if (answer && !answer.isLate) return answer;
    throw new Unread(
      `${asked.node} was too slow for the check ${check.id}`,
      'uptime',
      `look at what makes ${asked.node} slow, or hang; \`ostler audit --check ${check.id} --on ${asked.node}\` asks this alone`,
    );
  };
  return found(() => judge(said, asked, limitsOf(check, limits))).map((one) =>
    tidied({ check: check.id, node: asked.node, ...one }),
  );
}

function found(judge: () => Found[]): Found[] {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof Unread)) throw error;
    return [
      {
        severity: 'unknown',
        what: error.message,
        evidence: [{ value: 'not read', command: error.command }],
        next: error.next,
      },
    ];
  }
}
