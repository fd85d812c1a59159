import type { ExecResult } from 'just-bash';
import { type Call, complained, readOptions } from './program.js';

const TABLE = { '-k': 'kill-after', '--kill-after': 'kill-after', '-s': 'signal', '--signal': 'signal' };

/** timeout(1) of seconds, around another command. */
export async function timeout({ session, args, signal }: Call): Promise<ExecResult> {
  const options = readOptions(args, TABLE, new Set(['kill-after', 'signal']), true);
  if (typeof options === 'string') return complained(`timeout: ${options}`, 125);
  const [seconds, ...argv] = options.rest;
  const over = AbortSignal.timeout(Number(seconds) * 1000);
  const result = await session.host.runAsRoot(argv, session.cause, AbortSignal.any([signal, over]));
  return over.aborted ? { ...result, exitCode: 124 } : result;
}
