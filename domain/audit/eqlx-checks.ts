import type { Check } from './check.js';

/** Management sessions that a whole group bears at once. */
export const MOST_SESSIONS = 7;

export const eqlxLogin: Check = {
  id: 'eqlx-login',
  module: 'eqlx',
  scope: 'cloud',
  roles: ['eqlx'],
  title: 'login to the array',
  means: `Cinder manages the array by logging in over SSH and typing at its command line. The audit does the same: it logs in, waits for the prompt of the group, and logs out again, with one session of its own at a time. The group bears ${MOST_SESSIONS} sessions at once and refuses the next one, to Cinder as to anybody.`,
  warns: 'there is a prompt, and it takes longer than the limit until it is there',
  fails: 'the array cannot be reached, refuses the login or the session, or another group answers',
  thresholds: {
    warn: { value: 5, unit: 's', source: 'domain reference, C11: login latency below 5 s' },
  },
  remedy:
    'Log in to the address of the group by hand. If sessions are refused, find who holds them: every cinder-volume holds up to five (eqlx_pool_size), and a cinder-backup that was left running holds more. A session that was never logged out ends with its idle timeout, or by a person on the array. A slow login is an array under load, or a member that fails over.',
  source: 'domain reference, B10, C11 and C14',
};

export const eqlxPool: Check = {
  id: 'eqlx-pool',
  module: 'eqlx',
  scope: 'cloud',
  roles: ['eqlx'],
  title: 'space of the array',
  means:
    'Each pool of audit.eqlx.pools is asked for its capacity and for what is free of it. Snapshots and thin volumes take space when they are written to, not when they are made, so a pool that is nearly full can run out with no new volume at all, and then volumes go offline.',
  warns: 'less of a pool is free than the limit',
  thresholds: {
    warn: { value: 15, unit: '%', source: 'domain reference, C14 (general knowledge, not read from a source)' },
  },
  remedy:
    'Remove volumes and snapshots that nobody needs, lower the snapshot reserve, or move volumes to another pool. Cinder still schedules to the pool by what it last heard of its space.',
  source: 'domain reference, B10 and C14',
};

export const eqlxSessions: Check = {
  id: 'eqlx-sessions',
  module: 'eqlx',
  scope: 'cloud',
  roles: ['eqlx'],
  title: 'sessions on the array',
  means: `Counts the processes of cinder-volume and cinder-backup on all controllers, and one for the audit itself: each holds at least one management session, and the group bears ${MOST_SESSIONS}. A process that only watches over others of the same name, as cinder-volume with several backends has one, holds none and is not counted. Processes of other backends are, since a host does not tell them apart.`,
  warns: 'as many as the limit',
  fails: 'more than the group bears: some cinder-volume cannot log in, or will not after its next restart',
  thresholds: {
    warn: { value: 6, unit: 'sessions', source: 'domain reference, C14' },
    error: { value: MOST_SESSIONS + 1, unit: 'sessions', source: `domain reference, C11: at most ${MOST_SESSIONS}` },
  },
  remedy:
    'Stop cinder-backup where no backup or restore runs: it is meant to be started for one and stopped afterwards. Lower eqlx_pool_size in cinder.conf. More than one cinder-volume on a controller is a leftover of a restart.',
  source: 'domain reference, C11 and D16',
};

export const eqlxChecks: readonly Check[] = [eqlxLogin, eqlxPool, eqlxSessions];
