import type { Limits } from './check.js';
import { eqlxLogin, eqlxPool, eqlxSessions, MOST_SESSIONS } from './eqlx-checks.js';
import type { Finding } from './finding.js';

/** How a login to an array went. */
export type ArrayLogin =
  | { isIn: true; tookMs: number }
  /** `why` is one clause with the name of the array. */
  | { isIn: false; why: string; next: string };

/** What an array says of one pool, in bytes. */
export interface ArrayPool {
  pool: string;
  capacity: number;
  free: number;
}

/** What of Cinder on one controller may hold sessions on the array. */
export interface CinderProcesses {
  node: string;
  volume: number;
  backup: number;
}

/** @param command what an operator would run to see the same */
export function judgeLogin(node: string, login: ArrayLogin, command: string, { warn = 0 }: Limits): Finding[] {
  const place = { check: eqlxLogin.id, node };
  if (!login.isIn) {
    const { why, next } = login;
    return [{ ...place, severity: 'error', what: why, evidence: [{ value: 'no prompt', command }], next }];
  }
  const seconds = login.tookMs / 1000;
  if (seconds <= warn) return [];
  const value = `${seconds.toFixed(1)} s`;
  return [
    {
      ...place,
      severity: 'warn',
      what: `the array ${node} took ${value} to let us in`,
      evidence: [{ value, threshold: `warn above ${warn} s`, command }],
      next: `log in to ${node} and see with \`member show\` whether a member is down or busy; Cinder waits as long for each of its sessions`,
    },
  ];
}

export function judgePool(node: string, { pool, capacity, free }: ArrayPool, { warn = 0 }: Limits): Finding[] {
  const share = capacity > 0 ? (100 * free) / capacity : 0;
  if (share >= warn) return [];
  const value = `${share.toFixed(1)} % free (${inGigabytes(free)} of ${inGigabytes(capacity)})`;
  return [
    {
      check: eqlxPool.id,
      node,
      about: pool,
      severity: 'warn',
      what: `the pool ${pool} of the array ${node} is nearly full`,
      evidence: [{ value, threshold: `warn below ${warn} % free`, command: `${node}> pool select ${pool} show` }],
      next: `see what is in it with \`pool select ${pool} show volumes\`, and remove volumes and snapshots that nobody needs through Cinder`,
    },
  ];
}

const inGigabytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 3)} GB`;

/** @param command what an operator would run on a controller to see the same */
export function judgeSessions(
  controllers: readonly CinderProcesses[],
  command: string,
  { warn = 0, error = 0 }: Limits,
): Finding[] {
  const total = controllers.reduce((sum, { volume, backup }) => sum + volume + backup, 1);
  if (total < Math.min(warn, error)) return [];
  const isError = total >= error;
  const withBackup = controllers.filter(({ backup }) => backup > 0).map(({ node }) => node);
  return [
    {
      check: eqlxSessions.id,
      severity: isError ? 'error' : 'warn',
      what: `at least ${total} sessions are held or wanted on the array, of the ${MOST_SESSIONS} that its group bears`,
      evidence: [
        {
          value: `${total} sessions, one of them our own`,
          threshold: isError ? `error at ${error} sessions` : `warn at ${warn} sessions`,
          command: `${command} on every controller`,
        },
        ...controllers.map(({ node, volume, backup }) => ({
          value: `${node}: ${volume} cinder-volume, ${backup} cinder-backup`,
          command,
        })),
      ],
      next:
        withBackup.length > 0
          ? `stop cinder-backup on ${withBackup.join(', ')} unless a backup or a restore runs`
          : 'look on the controllers for a cinder-volume that an earlier restart has left behind, and lower eqlx_pool_size in cinder.conf',
    },
  ];
}
