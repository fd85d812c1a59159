import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { run } from '../../lab/real/process.js';
import type { Undo } from '../undo.js';
import { ANSWER, COMMAND, FANOUT } from './command.js';
import { type Farm, masterSocket } from './farm.js';
import type { sweepers } from './sweepers.js';

/** One way to run the command on every host of the farm. Each call returns the milliseconds it took. */
export interface Contender {
  readonly name: string;
  /** On new connections. */
  cold(): Promise<number>;
  /** On connections that are there. */
  warm(): Promise<number>;
}

type SweepAnswer = { ready: true } | { ms: number } | { error: string };

/**
 * A transport in a fresh process for each cold sweep, which then does the warm ones: nothing compiled or cached by an earlier sweep helps
 * the next cold one. The process's own start is not counted: a worker runs for weeks.
 */
export function inProcess(which: keyof typeof sweepers, farm: Farm, undo: Undo): Contender {
  let child: ChildProcess | undefined;
  const end = async (): Promise<void> => {
    if (child?.connected) {
      child.disconnect();
      await once(child, 'exit');
    }
    child = undefined;
  };
  undo.push(end);
  const sweep = async (): Promise<number> => {
    if (!child) throw new Error(`${which} has no connections yet`);
    child.send('sweep');
    const [answer] = (await once(child, 'message')) as [SweepAnswer];
    if ('ms' in answer) return answer.ms;
    throw new Error(`${which}: ${'error' in answer ? answer.error : 'no time was told'}`);
  };
  return {
    name: which,
    async cold() {
      await end();
      const program = fileURLToPath(new URL('./sweep-process.ts', import.meta.url));
      child = fork(program, [which, JSON.stringify(farm)], { execArgv: ['--import', 'tsx'] });
      await once(child, 'message');
      return sweep();
    },
    warm: sweep,
  };
}

/** The peers, each a program of Debian's that runs ssh(1) for every host. */
export async function peers(farm: Farm, undo: Undo): Promise<Contender[]> {
  const { addresses, dir, sshConfig, sharingConfig } = farm;
  const all = addresses.join(',');
  const fanout = String(FANOUT);
  const hostsFile = join(dir, 'hosts');
  const ansibleConfig = join(dir, 'ansible.cfg');
  await writeFile(hostsFile, addresses.map((address) => `${address}\n`).join(''));
  await writeFile(ansibleConfig, '[defaults]\n');
  undo.push(() => closeMasters(farm));

  const ansibleEnv = (config: string) => ({
    ANSIBLE_CONFIG: ansibleConfig,
    ANSIBLE_SSH_ARGS: `-F ${config}`,
    // Its default asks for a pseudo-terminal on every host, which takes longer.
    ANSIBLE_SSH_USETTY: 'False',
    ANSIBLE_LOCAL_TEMP: join(dir, 'ansible-tmp'),
  });
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
      ansibleEnv,
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

/** Ends OpenSSH's shared connections, as far as there are any. */
async function closeMasters({ addresses, dir, sharingConfig }: Farm): Promise<void> {
  const limit = pLimit(FANOUT);
  const sockets = await readdir(dir);
  const shared = addresses.filter((address) => sockets.includes(masterSocket(address)));
  await Promise.all(shared.map((address) => limit(() => run(['ssh', '-F', sharingConfig, '-O', 'exit', address]))));
}
