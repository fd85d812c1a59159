import pLimit from 'p-limit';
import { createSshPool } from '../../activities/ssh/pool.js';
import { SshFailure, type SshTarget, type SshTransport } from '../../activities/ssh/types.js';
import { everyAuditRead } from '../../domain/audit/commands.js';
import { CEPH_ASKED } from '../../domain/ceph-commands.js';
import { cephArgvs, controllerArgvs } from '../../domain/commands.js';
import type { Node } from '../../domain/inventory.js';
import { readsOf } from '../../domain/pacemaker-commands.js';
import { worst } from '../../domain/severity.js';
import type { SiteInventory } from '../../inventory/load.js';
import { NoAgent, sshTarget } from '../../inventory/targets.js';
import { type OstlerContext, printJson } from '../context.js';
import { CliError, EXIT, EXIT_FOR, UsageError } from '../exit.js';
import type { CheckFlags } from './check.js';
import { type CheckedNode, entriesOn, judge, namesOn, notAsked, unreached } from './check-findings.js';
import { learnHostKeys } from './check-learn.js';
import { renderCheck } from './check-report.js';
import {
  addAnswer,
  CheckAnswerError,
  checkScript,
  type HostAnswer,
  inParts,
  parseCheck,
  unitParts,
} from './check-script.js';
import { selectedNodes } from './nodes-selected.js';

/** Hosts asked at once: the pool opens no more connections at a time anyway. */
const PARALLEL = 32;

/**
 * A question for sudo takes a hundredth of a second on a host that is well; a controller with many backends is asked several hundred.
 */
const LIMIT_MS = 60_000;

/** Logs in to the selected nodes, judges what they answer, prints it, and sets the exit code: 0, 3 or 4. */
export async function check(this: OstlerContext, flags: CheckFlags): Promise<void> {
  const inventory = await this.inventory(flags);
  const nodes = selectedNodes(inventory.nodes, flags.on);
  const targets = new Map(nodes.map((node) => [node, targetOf(inventory, node)]));
  if (flags.learnHostKeys) await learnHostKeys(this, [...targets.values()]);

  const interruption = this.interruption();
  const ssh = createSshPool({ maxConcurrentConnects: PARALLEL });
  let checked: CheckedNode[];
  try {
    const limit = pLimit(PARALLEL);
    checked = await Promise.all(
      [...targets].map(([node, target]) => limit(checkNode, { ssh, inventory, node, target, signal: interruption })),
    );
  } finally {
    await ssh.close();
  }
  if (interruption.aborted) throw new CliError(EXIT.interrupted, 'interrupted; a check changes nothing');

  const severity = worst(checked);
  if (flags.json) printJson(this, { cloud: inventory.cloud, severity, nodes: checked });
  else this.io.stdout(renderCheck(inventory.cloud, checked, { colour: this.io.isColour }));
  this.process.exitCode = EXIT_FOR[severity];
}

/** @throws {UsageError} when there is no way to log in at all */
function targetOf(inventory: SiteInventory, { name }: Node): SshTarget {
  try {
    return sshTarget(inventory, name);
  } catch (error) {
    if (error instanceof NoAgent) throw new UsageError(error.message, undefined, { cause: error });
    throw error;
  }
}

interface Visit {
  ssh: SshTransport;
  inventory: SiteInventory;
  node: Node;
  target: SshTarget;
  signal: AbortSignal;
}

/** What is asked of sudo on a controller beside its units: every read and every change of the cluster. */
const clusterCommands = (inventory: SiteInventory, { roles }: Node): string[][] =>
  roles.includes('controller') ? [...readsOf('controller'), ...controllerArgvs(inventory)] : [];

/** What is asked of sudo on a host that Ceph is asked from, whichever of its roles that is for. */
function cephCommands(inventory: SiteInventory, { roles }: Node): string[][] {
  const role = CEPH_ASKED.find((one) => roles.includes(one));
  return role ? cephArgvs(role, inventory) : [];
}

/** What is asked of sudo that an audit reads there, on behalf of any of its roles. */
const auditCommands = (inventory: SiteInventory, { roles }: Node): string[][] =>
  roles.flatMap((role) => everyAuditRead(role, inventory));

async function checkNode({ ssh, inventory, node, target, signal }: Visit): Promise<CheckedNode> {
  if (node.roles.every((role) => role === 'eqlx')) return notAsked(node);
  const names = new Set(entriesOn(node).flatMap((entry) => namesOn(inventory, node, entry)));
  try {
    const parts = [
      ...unitParts([...names]).map((units) => checkScript({ units })),
      ...inParts(clusterCommands(inventory, node)).map((cluster) => checkScript({ cluster })),
      ...inParts(cephCommands(inventory, node)).map((ceph) => checkScript({ ceph })),
      ...inParts(auditCommands(inventory, node)).map((audit) => checkScript({ audit })),
    ];
    const answer: HostAnswer = { journal: false, units: new Map() };
    for (const script of parts) {
      const { stdout } = await ssh.run(target, script, { limitMs: LIMIT_MS, signal });
      addAnswer(answer, parseCheck(stdout));
    }
    return judge(inventory, node, target.user, answer);
  } catch (error) {
    if (error instanceof SshFailure) return unreached(node, error.message, error.hint);
    if (error instanceof CheckAnswerError) return unreached(node, error.message, 'log in to it and look');
    throw error;
  }
}
