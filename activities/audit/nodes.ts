import { activityInfo } from '@temporalio/activity';
import type { LimitFunction } from 'p-limit';
import type { Finding } from '../../domain/audit/finding.js';
import { type Fitted, fitted } from '../../domain/audit/fit.js';
import { nodeAuditSettings } from '../../domain/audit/node-settings.js';
import { REACHABLE } from '../../domain/audit/report.js';
import type { SiteInventory } from '../../inventory/load.js';
import { beating } from '../beat.js';
import { HostSilent, type RunOnHost } from '../hosts.js';
import { SshFailure } from '../ssh/types.js';
import { auditNode } from './audit-node.js';
import { tidied } from './tidied.js';

interface Deps {
  inventory: SiteInventory;
  run: RunOnHost;
  /** How many nodes are read at the same time, whichever activity asks. */
  atOnce: LimitFunction;
}

/** What has been found so far, by node: what a heartbeat remembers. */
type Done = Record<string, Fitted>;

/**
 * Asks nodes about themselves: one remote read each. A node that cannot be asked is a finding of its own, and those that have answered
 * are not asked again when a worker dies on the way.
 */
export async function auditNodes(
  { inventory, run, atOnce }: Deps,
  { nodes, checks }: { nodes: string[]; checks: string[] },
): Promise<Fitted> {
  const done: Done = (activityInfo().heartbeatDetails as Done | undefined) ?? {};
  const ask = async (node: string, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    done[node] ??= await askNode({ inventory, run }, node, checks, signal);
  };
  await beating(
    (signal) => Promise.all(nodes.map((node) => atOnce(ask, node, signal))),
    () => remembered(done),
  );
  return fitted(nodes.flatMap((node) => done[node] ?? []));
}

/** As many of those that have answered as a heartbeat should carry, in characters of JSON; the others are asked again. */
const MOST_REMEMBERED = 250_000;

function remembered(done: Done): Done {
  let room = MOST_REMEMBERED;
  return Object.fromEntries(
    Object.entries(done).filter(([, found]) => {
      room -= JSON.stringify(found).length;
      return room > 0;
    }),
  );
}

async function askNode(
  { inventory, run }: Pick<Deps, 'inventory' | 'run'>,
  name: string,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<Fitted> {
  const node = inventory.node(name);
  const { node: section, thresholds: limits } = inventory.audit;
  try {
    return await auditNode({
      run,
      node: name,
      wanted,
      settings: nodeAuditSettings(inventory, node, section),
      limits,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SshFailure || error instanceof HostSilent)
      return { findings: [outOfReach(name, error)], omitted: 0 };
    throw error;
  }
}

const outOfReach = (node: string, error: SshFailure | HostSilent): Finding =>
  tidied({
    check: REACHABLE,
    node,
    severity: 'error',
    what: `${node} cannot be asked`,
    evidence: [{ value: error.message, command: `ostler check --on ${node}` }],
    next:
      error instanceof SshFailure
        ? error.hint
        : `see what a login prints there before any command: ostler check --on ${node}`,
  });
