import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../../activities/ssh/quote.js';
import { must } from '../../lab/real/process.js';
import type { Task } from './auditors.js';

/**
 * Runs the script on one host of a farm, and makes all of them answer any script with what it said there, at once: by a command that
 * the key in authorized_keys is tied to, in place of the one asked for. Only who logs in afterwards gets that.
 * @returns the recorded answer
 */
export async function answerAtOnce({ farm, scriptFile, nonce }: Task): Promise<string> {
  const script = await readFile(scriptFile, 'utf8');
  const [address = ''] = farm.addresses;
  const answer = await must(['ssh', '-F', farm.sshConfig, address, `/bin/sh -c ${shellWord(script)}`]);
  const program = join(farm.dir, 'bin/answer');
  await writeFile(program, replaying(answer, nonce), { mode: 0o755 });
  const keys = join(farm.dir, 'authorized_keys');
  await writeFile(keys, `command="${program}" ${await readFile(keys, 'utf8')}`);
  return answer;
}

/** Builtins of the shell only. What is unique in a script is found in its last line. */
export const replaying = (answer: string, nonce: string): string => `#!/bin/sh
nonce=\${SSH_ORIGINAL_COMMAND% end --*}
nonce=\${nonce##*-- }
printf %s ${answer.split(nonce).map(shellWord).join('"$nonce"')}
`;
