import type { EqlxAuditSettings } from '../../domain/audit/appliance-settings.js';
import { limitsOf } from '../../domain/audit/check.js';
import { eqlxChecks, eqlxLogin, eqlxPool, eqlxSessions } from '../../domain/audit/eqlx-checks.js';
import type { Finding } from '../../domain/audit/finding.js';
import { type ArrayLogin, judgeLogin, judgePool, judgeSessions } from '../../domain/audit/judge-eqlx.js';
import { unasked } from '../../domain/audit/unasked.js';
import { resolveSecret } from '../../inventory/secrets.js';
import { sshTarget } from '../../inventory/targets.js';
import { countProcesses, PROCESSES_COMMAND, processesScript } from '../eqlx/cinder-processes.js';
import { readPool } from '../eqlx/pool.js';
import { ArrayFailure, type ArraySession, type ArrayTarget, withArraySession } from '../eqlx/session.js';
import { whyNot } from '../hosts.js';
import { SshFailure, type SshFailureKind } from '../ssh/types.js';
import type { CloudChecks, CloudSite } from './cloud-checks.js';

/** Listing the processes of a controller: ten seconds there, and the way. */
const PROCESSES_MS = 15_000;

/** Of the site and not of the array: what keeps us from even trying. */
const OUR_OWN: readonly SshFailureKind[] = [
  'identity',
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'host-key-unsupported',
];

/**
 * The checks of the EqualLogic arrays behind Cinder. They only read; each array is logged in to once, and logged out of again.
 * @param settings `audit.eqlx` of ostler.yaml, with absolute paths
 */
export const createEqlxChecks = (settings: EqlxAuditSettings): CloudChecks => ({
  system: 'eqlx',
  checks: eqlxChecks,
  async find(site, wanted, limits, signal) {
    const arrays = nodesOf(site, 'eqlx');
    if (arrays.length === 0) return [];
    const isWanted = ({ id }: { id: string }): boolean => wanted.includes(id);

    async function askArray(node: string): Promise<Finding[]> {
      const { login, pools } = await sessionOn(site, settings, node, isWanted(eqlxPool), signal);
      return [
        ...(isWanted(eqlxLogin)
          ? 'isIn' in login
            ? judgeLogin(node, login, commandOf(site, node), limitsOf(eqlxLogin, limits))
            : [unasked(eqlxLogin, { node, ...login })]
          : []),
        ...pools.flatMap((one) =>
          'capacity' in one ? judgePool(node, one, limitsOf(eqlxPool, limits)) : [unasked(eqlxPool, { node, ...one })],
        ),
      ];
    }

    const [sessions, ...ofArrays] = await Promise.all([
      isWanted(eqlxSessions) ? countSessions(site, limitsOf(eqlxSessions, limits), signal) : [],
      ...(isWanted(eqlxLogin) || isWanted(eqlxPool) ? arrays.map(askArray) : []),
    ]);
    return [...ofArrays.flat(), ...sessions];
  },
});

const nodesOf = ({ inventory }: CloudSite, role: 'eqlx' | 'controller'): string[] =>
  inventory.nodes.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);

type Reason = { why: string; command: string; next: string };
type PoolAnswer = Awaited<ReturnType<typeof readPool>> | (Reason & { about?: string });

/** Everything that is asked of one array, in one session. */
async function sessionOn(
  site: CloudSite,
  settings: EqlxAuditSettings,
  node: string,
  withPools: boolean,
  signal: AbortSignal,
): Promise<{ login: ArrayLogin | Reason; pools: PoolAnswer[] }> {
  const command = commandOf(site, node);
  let tookMs: number | undefined;
  const pools: PoolAnswer[] = [];
  const use = async (session: ArraySession): Promise<void> => {
    tookMs = session.loginMs;
    for (const pool of withPools ? settings.pools : []) pools.push(await askPool(session, pool, node));
  };
  try {
    await withArraySession(site.ssh, arrayOf(site, settings, node), signal, use);
  } catch (error) {
    signal.throwIfAborted();
    const reason = { why: whyNot(error), command, next: nextOf(error, node) };
    const login: ArrayLogin | Reason =
      tookMs !== undefined ? { isIn: true, tookMs } : isOfArray(error) ? { isIn: false, ...reason } : reason;
    // With a login that failed, no pool was asked; with one that did not, those that were are known.
    return { login, pools: withPools ? [...pools, reason] : [] };
  }
  return { login: { isIn: true, tookMs: tookMs ?? 0 }, pools };
}

/** A pool that the array says nothing of keeps no other from being asked; an array that is silent does. */
async function askPool(session: ArraySession, pool: string, node: string): Promise<PoolAnswer> {
  try {
    return await readPool(session, pool);
  } catch (error) {
    if (!(error instanceof ArrayFailure) || error.kind === 'silent') throw error;
    const next = error.kind === 'missing' ? 'correct audit.eqlx.pools in ostler.yaml' : error.hint;
    return { about: pool, why: error.message, command: `${node}> pool select ${pool} show`, next };
  }
}

function arrayOf({ inventory }: CloudSite, { group, password }: EqlxAuditSettings, node: string): ArrayTarget {
  const target = sshTarget(inventory, node);
  // References are absolute already, so they need no folder to start from.
  const identity = password && { kind: 'password' as const, password: () => resolveSecret(password, '/') };
  return { target: { ...target, ...(identity && { identity }) }, group };
}

/** What an operator would type to log in. */
function commandOf({ inventory }: CloudSite, node: string): string {
  const { address, ssh } = inventory.node(node);
  return `ssh -p ${ssh?.port ?? inventory.ssh.port} ${ssh?.user ?? inventory.ssh.user}@${address}`;
}

/** Whether the array, or the way to it, is to blame. */
const isOfArray = (error: unknown): boolean =>
  error instanceof ArrayFailure || (error instanceof SshFailure && !OUR_OWN.includes(error.kind));

const nextOf = (error: unknown, node: string): string =>
  error instanceof ArrayFailure || error instanceof SshFailure
    ? error.hint
    : `correct what ostler.yaml says about ${node}`;

/**
 * Counts on all controllers what may hold a session. One that cannot be asked leaves the others' count as a lower bound: where that is not
 * too many yet, the sum is unknown, and no earlier finding is mended by it.
 */
async function countSessions(
  { inventory, run }: CloudSite,
  limits: Record<string, number>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const controllers = inventory.nodes.filter(({ roles }) => roles.includes('controller'));
  if (controllers.length === 0) {
    const why = 'the inventory has no controller, and Cinder runs on controllers';
    return [unasked(eqlxSessions, { why, command: PROCESSES_COMMAND, next: 'add the controllers to ostler.yaml' })];
  }
  const unread: Finding[] = [];
  const counted = await Promise.all(
    controllers.map(async ({ name }) => {
      try {
        const { stdout, stderr } = await run(name, processesScript(), { limitMs: PROCESSES_MS, signal });
        return [countProcesses(name, stdout, stderr)];
      } catch (error) {
        signal.throwIfAborted();
        const next = error instanceof SshFailure ? error.hint : `log in to ${name} and try \`${PROCESSES_COMMAND}\``;
        unread.push(unasked(eqlxSessions, { node: name, why: whyNot(error), command: PROCESSES_COMMAND, next }));
        return [];
      }
    }),
  );
  const judged = judgeSessions(counted.flat(), PROCESSES_COMMAND, limits);
  const [first] = unread;
  if (first === undefined || judged.length > 0) return [...judged, ...unread];
  const { node: _, ...ofAll } = first;
  return [{ ...ofAll, evidence: unread.flatMap(({ evidence }) => evidence) }];
}
