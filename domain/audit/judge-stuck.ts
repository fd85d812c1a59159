import { formatDuration } from '../duration.js';
import type { Finding } from './finding.js';

/** A server in BUILD or ERROR. */
export interface TroubledServer {
  id: string;
  name: string;
  status: string;
  host: string;
  created: string;
}

/** A volume of any state. */
export interface Volume {
  id: string;
  name: string;
  status: string;
  created: string;
  /** '' where Cinder does not tell, as before Liberty. */
  updated: string;
}

/** The cloud's own time in milliseconds since 1970, and from how many hours on something is stuck. */
export interface Patience {
  now: number;
  hours: number;
}

const HOUR_MS = 3_600_000;

/** Servers in ERROR, and those in BUILD for too long. A server is built once, so that its age is how long it has been in BUILD. */
export const judgeServers = (servers: readonly TroubledServer[], patience: Patience): Finding[] =>
  servers.flatMap(({ id, name, status, host, created }) => {
    const what = `the server ${named(name, id)}`;
    const evidence = { command: `openstack server show ${id}` };
    const place = { check: 'stuck-servers', about: `server ${id}` };
    if (status === 'ERROR')
      return [
        {
          ...place,
          severity: 'error',
          what: `${what}${host && ` on ${host}`} is in ERROR`,
          evidence: [{ value: `status ERROR, created ${created || 'at no time'}`, threshold: 'no ERROR', ...evidence }],
          next: `see the fault of it: \`openstack server show ${id}\``,
        },
      ];
    if (status !== 'BUILD') return [];
    return stuck(created, patience, (since, severity) => ({
      ...place,
      severity,
      what: `${what} has been in BUILD ${since}${host && ` on ${host}`}`,
      evidence: [
        { value: `status BUILD, created ${created || 'at no time'}`, threshold: limitText(patience), ...evidence },
      ],
      next: 'look for its request in the logs of nova-scheduler and nova-conductor; delete it if no compute knows it',
    }));
  });

const ON_THEIR_WAY = ['creating', 'deleting', 'attaching', 'detaching'];

/** Volumes in a state of error, and those on their way for too long. */
export const judgeVolumes = (volumes: readonly Volume[], patience: Patience): Finding[] =>
  volumes.flatMap(({ id, name, status, created, updated }) => {
    const what = `the volume ${named(name, id)}`;
    const evidence = { command: `openstack volume show ${id}` };
    const place = { check: 'stuck-volumes', about: `volume ${id}` };
    if (status.startsWith('error'))
      return [
        {
          ...place,
          severity: 'error',
          what: `${what} is in the state ${status}`,
          evidence: [
            { value: `status ${status}, updated ${updated || 'at no time'}`, threshold: 'no error', ...evidence },
          ],
          next: 'look for it in the log of cinder-volume, and on the storage, before its state is reset',
        },
      ];
    if (!ON_THEIR_WAY.includes(status)) return [];
    const begun = updated || (status === 'creating' ? created : '');
    return stuck(begun, patience, (since, severity) => ({
      ...place,
      severity,
      what: `${what} has been ${status} ${since}`,
      evidence: [
        { value: `status ${status}, since ${begun || 'no time'}`, threshold: limitText(patience), ...evidence },
      ],
      next: 'see in the log of cinder-volume whether anybody still works on it, and on the storage and the compute what is true, before its state is reset',
    }));
  });

/** A warning past the limit; unknown where it cannot be told since when. */
function stuck(
  since: string,
  { now, hours }: Patience,
  finding: (since: string, severity: 'warn' | 'unknown') => Finding,
): Finding[] {
  const begun = timeOf(since);
  if (begun === undefined) return [finding('for a time that is not told', 'unknown')];
  return now - begun > hours * HOUR_MS ? [finding(`for ${formatDuration(now - begun)}`, 'warn')] : [];
}

const ISO_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/;

/** OpenStack's times are UTC, with or without saying so. */
function timeOf(text: string): number | undefined {
  const [, day, time, zone = 'Z'] = ISO_TIME.exec(text) ?? [];
  const ms = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

const limitText = ({ hours }: Patience): string => `warn after ${hours} h`;
const named = (name: string, id: string): string => (name ? `${name} (${id})` : id);
