import type { ExecResult } from 'just-bash';
import type { Member, SimCluster } from '../cluster/cluster.js';
import type { SimHost } from '../host.js';
import type { Cause } from '../ledger.js';

/** Who runs a command on which host, and until when. */
export interface Session {
  host: SimHost;
  user: 'ops' | 'root';
  /** What a start counts as when a command of this session asks for it. */
  cause: Cause;
}

/** One command of the simulated hosts. */
export interface Call {
  session: Session;
  args: string[];
  stdin: string;
  /** Kills the command: the end of the boot, or a `timeout` around it. */
  signal: AbortSignal;
}
export type Program = (call: Call) => ExecResult | Promise<ExecResult>;

/** A command of a controller, which asks the cluster or tells it something. */
export interface ClusterCall extends Call {
  cluster: SimCluster;
  /** The controller that it runs on. */
  member: Member;
}

/** Pacemaker's own tools answer root only, and those of its group. */
export const ofRoot =
  (program: (call: ClusterCall) => ExecResult): Program =>
  (call) =>
    call.session.user === 'root' ? ofController(program)(call) : complained('Permission denied', 4);

export const ofController =
  (program: (call: ClusterCall) => ExecResult): Program =>
  (call) => {
    const { cluster, name } = call.session.host;
    const member = cluster?.member(name);
    return cluster && member ? program({ ...call, cluster, member }) : complained('no cluster here', 127);
  };

/** The result of a command that printed `text` (newline included) and exited 0. */
export const said = (text: string): ExecResult => ({ stdout: text, stderr: '', exitCode: 0 });

/** The result of a command that complained on stderr, one line, and exited with `exitCode`. */
export const complained = (line: string, exitCode = 1): ExecResult => ({ stdout: '', stderr: `${line}\n`, exitCode });

/** Options taken off an argument list: by letter or long name, with the values of those that take one. */
export interface Options {
  flags: Set<string>;
  values: (name: string) => string[];
  rest: string[];
}

/**
 * Reads options as getopt_long(3) does, for one command's table.
 * @param table option names (`-p`, `--property`) to their canonical name; those in `valued` take a value
 * @param stopEarly leave everything from the first operand on alone, as systemd-run, sudo and timeout do
 * @returns the options, or the complaint of getopt for one that is not in the table or lacks its value
 */
export function readOptions(
  args: readonly string[],
  table: Readonly<Record<string, string>>,
  valued: ReadonlySet<string>,
  stopEarly = false,
): Options | string {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const rest: string[] = [];
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--' || (stopEarly && !word.startsWith('-'))) {
      rest.push(...(word === '--' ? [] : [word]), ...words);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      continue;
    }
    const long = word.startsWith('--');
    const given = long ? (word.split('=', 1)[0] ?? word) : word.slice(0, 2);
    const name = table[given];
    if (name === undefined) return long ? `unrecognized option '${given}'` : `invalid option -- '${given.slice(1)}'`;
    if (!valued.has(name)) {
      flags.add(name);
      if (!long && word.length > 2) words.unshift(`-${word.slice(2)}`);
      continue;
    }
    const attached = long
      ? word.includes('=')
        ? word.slice(given.length + 1)
        : undefined
      : word.slice(2) || undefined;
    const value = attached ?? words.shift();
    if (value === undefined) {
      return long ? `option '${given}' requires an argument` : `option requires an argument -- '${given.slice(1)}'`;
    }
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return { flags, values: (name) => values.get(name) ?? [], rest };
}
