import type { CinderProcesses } from '../../domain/audit/judge-eqlx.js';
import { redact } from '../redact.js';
import { REMOTE_READ } from '../systemd/probe.js';

/** What an operator would run on a controller to see the same. */
export const PROCESSES_COMMAND = "pgrep -af 'cinder-(volume|backup)'";

const END = '-- end --';

/** Lists the processes of a controller whose command line names cinder. The brackets keep this very script out of its result. */
export const processesScript = (): string => `LC_ALL=C; export LC_ALL
all=$(${REMOTE_READ} ps -e -ww -o pid= -o ppid= -o args=) || exit 1
printf '%s\\n' "$all" | grep '[c]inder-'
echo '${END}'`;

/** A controller that does not list its processes. */
export class NoProcesses extends Error {
  override name = 'NoProcesses';
}

/**
 * Counts what {@link processesScript} printed. A process that has children of the same name only starts and watches them, and
 * has no session of its own.
 * @throws {NoProcesses} when it is cut short
 */
export function countProcesses(node: string, stdout: string, stderr = ''): CinderProcesses {
  if (!stdout.trimEnd().endsWith(END)) {
    const why = redact(stderr).trim().slice(0, 200) || 'the answer breaks off';
    throw new NoProcesses(`${node} does not list its processes: ${why}`);
  }
  const running = stdout.split('\n').flatMap((line) => {
    const [, pid = '', parent = '', args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    const name = programOf(args);
    return name === undefined ? [] : [{ pid, parent, name }];
  });
  const working = running.filter(
    ({ pid, name }) => !running.some((other) => other.parent === pid && other.name === name),
  );
  const count = (wanted: string): number => working.filter(({ name }) => name === wanted).length;
  return { node, volume: count('cinder-volume'), backup: count('cinder-backup') };
}

/** The program of a command line, a Python script by its own name; undefined for every other. */
function programOf(args: string): string | undefined {
  const words = args.split(/\s+/).map((word) => word.slice(word.lastIndexOf('/') + 1));
  const isScript = /^python[\d.]*$/.test(words[0] ?? '');
  const name = isScript ? words.slice(1).find((word) => !word.startsWith('-')) : words[0];
  // A program that names itself in the list of processes ends its name with a colon.
  return /^(cinder-(?:volume|backup)):?$/.exec(name ?? '')?.[1];
}
