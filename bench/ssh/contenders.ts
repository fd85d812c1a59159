import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { run } from '../../lab/real/process.js';
import { type Contender, inProcess } from '../in-process.js';
import type { Undo } from '../undo.js';
import { ANSWER, COMMAND, FANOUT } from './command.js';
import { type Farm, masterSocket } from './farm.js';
import type { sweepers } from './sweepers.js';

/** `activities/ssh` or the bare loop, in a process of its own. */
export const transport = (which: keyof typeof sweepers, farm: Farm, undo: Undo): Contender =>
  inProcess(which, new URL('./sweep-process.ts', import.meta.url), [which, JSON.stringify(farm)], undo);

/** The peers, each a program of Debian's that runs ssh(1) for every host. */
export async function peers(farm: Farm, undo: Undo): Promise<Contender[]> {
  const { addresses, dir, sshConfig, sharingConfig } = farm;
  const all = addresses.join(',');
  const fanout = String(FANOUT);
  const hostsFile = join(dir, 'hosts');
  await writeFile(hostsFile, addresses.map((address) => `${address}\n`).join(''));
  undo.push(() => closeMasters(farm));

  return [
    command('clustershell', farm, (config) => ['clush', '-f', fanout, '-o', `-F ${config}`, '-w', all, COMMAND]),
    command(
      'pdsh',
      farm,
      () => ['pdsh', '-R', 'ssh', '-f', fanout, '-w', all, COMMAND],
      (config) => ({ PDSH_SSH_ARGS_APPEND: `-F ${config}` }),
    ),
    command('parallel-ssh', farm, (config) => [
      'parallel-ssh',
      '-i',
      '-p',
      fanout,
      '-h',
      hostsFile,
      '-x',
      `-F ${config}`,
      COMMAND,
    ]),
    command(
      'ansible',
      farm,
      () => ['ansible', 'all', '-i', hostsFile, '-f', fanout, '-m', 'raw', '-a', COMMAND],
      await ansibleEnv(farm),
    ),
  ];

  function command(
    name: string,
    { addresses: { length: count } }: Farm,
    argv: (config: string) => string[],
    env: (config: string) => NodeJS.ProcessEnv = () => ({}),
  ): Contender {
    const timed = async (config: string): Promise<number> => {
      const startedAt = performance.now();
      const { code, stdout, stderr } = await run(argv(config), { timeoutMs: 600_000, env: env(config) });
      const tookMs = performance.now() - startedAt;
      const answers = stdout.split('\n').filter((line) => line.trim().endsWith(ANSWER)).length;
      if (code !== 0 || answers !== count)
        throw new Error(`${name}: exit ${code}, ${answers} of ${count} hosts answered\n${stderr.slice(-500)}`);
      return tookMs;
    };
    return { name, cold: () => timed(sshConfig), warm: () => timed(sharingConfig) };
  }
}

/** Gives Ansible a configuration of its own. @returns what else it is told, by the configuration of ssh(1) */
export async function ansibleEnv({ dir }: Farm): Promise<(sshConfig: string) => NodeJS.ProcessEnv> {
  const config = join(dir, 'ansible.cfg');
  await writeFile(config, '[defaults]\n');
  return (sshConfig) => ({
    ANSIBLE_CONFIG: config,
    ANSIBLE_SSH_ARGS: `-F ${sshConfig}`,
    // Its default asks for a pseudo-terminal on every host, which takes longer.
    ANSIBLE_SSH_USETTY: 'False',
    ANSIBLE_LOCAL_TEMP: join(dir, 'ansible-tmp'),
  });
}

/** Ends OpenSSH's shared connections, as far as there are any. */
export async function closeMasters({ addresses, dir, sharingConfig }: Farm): Promise<void> {
  const limit = pLimit(FANOUT);
  const sockets = await readdir(dir);
  const shared = addresses.filter((address) => sockets.includes(masterSocket(address)));
  await Promise.all(shared.map((address) => limit(() => run(['ssh', '-F', sharingConfig, '-O', 'exit', address]))));
}
