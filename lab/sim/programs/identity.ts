import type { ExecResult } from 'just-bash';
import { type Call, complained, said } from './program.js';

/** id(1) of the session's user. */
export function id({ session, args }: Call): ExecResult {
  const groups = groupsOf(session);
  const letters = new Set(args.join('').replaceAll('-', ''));
  const pick = ([number, name]: readonly [number, string]) => (letters.has('n') ? name : `${number}`);
  const self = session.user === 'root' ? ([0, 'root'] as const) : ([1000, 'ops'] as const);
  if (letters.has('G')) return said(`${groups.map(pick).join(' ')}\n`);
  if (letters.has('u') || letters.has('g')) return said(`${pick(self)}\n`);
  const list = groups.map(([number, name]) => `${number}(${name})`).join(',');
  return said(`uid=${self[0]}(${self[1]}) gid=${self[0]}(${self[1]}) groups=${list}\n`);
}

function groupsOf({ user, host }: Call['session']): (readonly [number, string])[] {
  if (user === 'root') return [[0, 'root']];
  return [[1000, 'ops'], ...(host.settings.journalAccess ? [[101, 'systemd-journal'] as const] : [])];
}

/** whoami(1). */
export const whoami = ({ session }: Call): ExecResult => said(`${session.user}\n`);

/** hostname(1) without options, and with -s or -f. */
export const hostname = ({ session, args }: Call): ExecResult =>
  said(`${args[0] === '-s' ? session.host.name.split('.')[0] : session.host.name}\n`);

/** uptime(1), with its -s for the time of the boot. */
export function uptime({ session, args }: Call): ExecResult {
  const seconds = session.host.uptimeMs() / 1000;
  const booted = new Date(Date.now() - seconds * 1000).toISOString();
  if (args[0] === '-s') return said(`${booted.slice(0, 10)} ${booted.slice(11, 19)}\n`);
  const time = new Date().toISOString().slice(11, 19);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds / 60) % 60)];
  return said(` ${time} up ${hours}:${`${minutes}`.padStart(2, '0')},  0 user,  load average: 0.30, 0.33, 0.18\n`);
}

/** uname(1): -s, -n, -r, -m and -a. */
export function uname({ session, args }: Call): ExecResult {
  const fields = new Map(Object.entries({ s: 'Linux', n: session.host.name, r: '6.1.0-28-amd64', m: 'x86_64' }));
  const letters = args.join('').replaceAll('-', '') || 's';
  const wanted = letters.includes('a') ? 'snrm' : letters;
  const text = wanted.split('').map((letter) => fields.get(letter));
  if (text.includes(undefined)) return complained(`uname: invalid option -- '${letters}'`);
  return said(`${text.join(' ')}\n`);
}
