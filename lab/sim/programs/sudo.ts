import type { ExecResult } from 'just-bash';
import { pause } from '../pause.js';
import { type Call, complained, readOptions, said } from './program.js';

const TABLE = {
  '-n': 'non-interactive',
  '--non-interactive': 'non-interactive',
  '-l': 'list',
  '--list': 'list',
  '-u': 'user',
  '--user': 'user',
  '-H': 'set-home',
};

/**
 * sudo(8) with NOPASSWD rules: a command line is allowed when one of the host's rules matches it whole, written with
 * its full path; words are joined by blanks, as sudo itself does before it compares.
 */
export async function sudo({ session, args, signal }: Call): Promise<ExecResult> {
  const { host } = session;
  const options = readOptions(args, TABLE, new Set(['user']), true);
  if (typeof options === 'string') return complained(`sudo: ${options}`);
  if (!(await pause(host.faults.sudoStallMs, signal, host.powerLost))) return complained('', 143);
  const [command, ...rest] = options.rest;
  if (command === undefined) return complained('usage: sudo -h | -K | -k | -V');
  const path = command.includes('/') ? command : `/usr/bin/${command}`;
  const allowed = session.user === 'root' || host.sudoAllows([path, ...rest].join(' '));
  if (options.flags.has('list')) {
    if (allowed) return said(`${[path, ...rest].join(' ')}\n`);
    return host.faults.sudoRefused ? complained('sudo: a password is required') : { ...said(''), exitCode: 1 };
  }
  if (!allowed) {
    return complained(
      options.flags.has('non-interactive')
        ? 'sudo: a password is required'
        : 'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper',
    );
  }
  return host.runAsRoot([path, ...rest], session.cause, signal);
}
