import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../lab/real/process.js';
import { ansibleEnv, closeMasters } from '../ssh/contenders.js';
import { timed } from '../turns.js';
import type { Undo } from '../undo.js';
import type { Task } from './auditors.js';

/** `raw` runs the script of an audit and needs nothing of the host; `setup` gathers Ansible's own facts. */
export type Module = 'raw' | 'setup';

/**
 * `ansible` on hosts of a farm, tuned as its documentation advises: shared connections, pipelining, a known interpreter.
 * @returns what gathers facts once, and the milliseconds that the whole command took
 */
export async function ansibleOn(
  { farm, hosts, fanout, scriptFile }: Task,
  undo: Undo,
): Promise<(module: Module) => Promise<number>> {
  const hostsFile = join(farm.dir, 'ansible-hosts');
  await writeFile(
    hostsFile,
    farm.addresses
      .slice(0, hosts)
      .map((address) => `${address}\n`)
      .join(''),
  );
  undo.push(() => closeMasters(farm));
  const script = await readFile(scriptFile, 'utf8');
  const env = {
    ...(await ansibleEnv(farm))(farm.sharingConfig),
    ANSIBLE_PIPELINING: 'True',
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    ANSIBLE_REMOTE_TEMP: join(farm.dir, 'ansible-remote'),
  };

  // What stands in double braces is for the host here, and not for Ansible.
  const ways = {
    raw: { args: ['-m', 'raw', '-a', `{% raw %}${script}{% endraw %}`], answered: /^-- \S+ end --\s*$/gm },
    setup: { args: ['-m', 'setup'], answered: /^\S+ \| SUCCESS => /gm },
  };
  return (module) =>
    timed(async () => {
      const { args, answered } = ways[module];
      const argv = ['ansible', 'all', '-i', hostsFile, '-f', String(fanout), ...args];
      const { code, stdout, stderr } = await run(argv, { timeoutMs: 1_200_000, env });
      const count = stdout.match(answered)?.length ?? 0;
      if (code !== 0 || count !== hosts)
        throw new Error(
          `ansible: exit ${code}, ${count} of ${hosts} hosts answered\n${(stderr || stdout).slice(-500)}`,
        );
    });
}
