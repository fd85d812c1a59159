import type { ExecResult } from 'just-bash';
import { Refused } from '../systemd/manager.js';
import { mangle } from '../systemd/unit.js';
import { type Call, complained, readOptions } from './program.js';

const TABLE = {
  '-u': 'unit',
  '--unit': 'unit',
  '-r': 'remain',
  '--remain-after-exit': 'remain',
  '-q': 'quiet',
  '--quiet': 'quiet',
  '--description': 'description',
  '--no-ask-password': 'no-ask-password',
};

/** systemd-run(1) for services: starts a transient unit and returns at once, or refuses a name that is loaded. */
export function systemdRun({ session, args }: Call): ExecResult {
  const options = readOptions(args, TABLE, new Set(['unit', 'description']), true);
  if (typeof options === 'string') return complained(`systemd-run: ${options}`);
  const [executable, ...rest] = options.rest;
  if (executable === undefined) return complained('Command line to execute required.');
  const { host, user } = session;
  if (!host.hasExecutable(executable)) {
    return complained(`Failed to find executable ${executable}: No such file or directory`);
  }
  const failed = 'Failed to start transient service unit:';
  if (user !== 'root') return complained(`${failed} Access denied`);
  const name = mangle(options.values('unit').at(-1) ?? `run-r${host.newInvocationId()}`);
  const argv = [executable, ...rest];
  const old = host.settings.systemdVersion < 240;
  try {
    host.manager.startTransient(name, argv, options.flags.has('remain'), async () => {
      const { stdout, stderr, exitCode } = await host.runAsRoot(argv, 'intent');
      return { status: exitCode, output: stdout + stderr };
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return complained(
      `${failed} Unit ${name} ${old ? 'already exists' : 'was already loaded or has a fragment file'}.`,
    );
  }
  const running = old ? `Running as unit ${name}.\n` : `Running as unit: ${name}\n`;
  return { stdout: '', stderr: options.flags.has('quiet') ? '' : running, exitCode: 0 };
}
