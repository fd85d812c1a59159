import { isIP } from 'node:net';

/** The hosts that one entry of an Ansible inventory stands for, or why it cannot be read. */
export type Expanded = { names: string[]; port?: number } | { reason: string };

/** More than the largest cloud Ostler works on; a slip of the finger must not fill the memory. */
const MOST_HOSTS = 15_000;

/** A host or a range of them, with the port that may follow: `compute[01:40]:2222`, `[2001:db8::1]:22`. */
const WITH_PORT = /^((?:[^:[\]]|\[[^\]]*\])*):(\d+)$/;

/** Expands the ranges of a host entry: `compute[01:40]`, `rack-[a:c]-[1:9:2]`. The text is never repeated. */
export function expandHosts(entry: string): Expanded {
  const [, host = entry, port] = WITH_PORT.exec(entry) ?? [];
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1] ?? '';
  const expanded = isIP(bracketed) > 0 ? [bracketed] : namesOf(host);
  if (typeof expanded === 'string') return { reason: expanded };
  if (expanded.some((name) => name === '' || name.endsWith(':'))) return { reason: 'a host without a name' };
  return { names: expanded, ...(port !== undefined && { port: Number(port) }) };
}

/** All names of a pattern, or the reason why there are none. */
function namesOf(pattern: string): string[] | string {
  const open = pattern.indexOf('[');
  if (open < 0) return [pattern];
  const close = pattern.indexOf(']', open);
  if (close < 0) return 'a host range without its ]';
  const values = rangeOf(pattern.slice(open + 1, close));
  if (typeof values === 'string') return values;
  const rest = namesOf(pattern.slice(close + 1));
  if (typeof rest === 'string') return rest;
  if (values.length * rest.length > MOST_HOSTS) return `a host range of more than ${MOST_HOSTS} hosts`;
  return values.flatMap((value) => rest.map((tail) => pattern.slice(0, open) + value + tail));
}

function rangeOf(range: string): string[] | string {
  const [begin = '', end = '', step = '1', ...more] = range.split(':');
  const by = Number(step);
  if (more.length > 0 || end === '' || !/^\d+$/.test(step) || by === 0)
    return 'a host range must be [begin:end] or [begin:end:step]';
  if (/^[a-z]$/i.test(begin) && /^[a-z]$/i.test(end)) return lettersFrom(begin, end, by);
  if (!/^\d*$/.test(begin) || !/^\d+$/.test(end)) return 'a host range must be of numbers or of single letters';
  const width = begin.length > 1 && begin.startsWith('0') ? begin.length : 0;
  if (width > 0 && end.length !== width) return 'a host range with leading zeros needs ends of the same length';
  const first = Number(begin);
  const count = Math.floor((Number(end) - first) / by) + 1;
  if (count > MOST_HOSTS) return `a host range of more than ${MOST_HOSTS} hosts`;
  return Array.from({ length: Math.max(0, count) }, (_, index) => String(first + index * by).padStart(width, '0'));
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

function lettersFrom(begin: string, end: string, by: number): string[] | string {
  const [first, last] = [LETTERS.indexOf(begin), LETTERS.indexOf(end)];
  if (first > last) return 'a host range must not end before it begins';
  return LETTERS.slice(first, last + 1)
    .split('')
    .filter((_, index) => index % by === 0);
}
