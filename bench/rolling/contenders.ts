import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from '../../lab/demo/ostler.js';
import type { RealFleet } from '../../lab/real/index.js';
import { must, run } from '../../lab/real/process.js';
import type { Undo } from '../undo.js';
import { restartPlaybook } from './playbook.js';

export const UNIT = 'nova-compute.service';

/** A run over all hosts takes half a minute on an idle machine. */
const limitMs = 600_000;

/** Restarts the unit on every host of the fleet, one by one, as an operator would with it. */
export type RollingRestart = () => Promise<unknown>;

/** `ostler restart`, with server and worker running already. */
export const withOstler =
  (fleet: RealFleet, address: string): RollingRestart =>
  () =>
    must(
      [process.execPath, program, 'restart', 'nova-compute', '--yes', '--reason', 'bench'].concat(
        ['--batch', '1', '--max-unavailable', '1', '--soak', '0s'],
        ['--address', address, '--inventory', fleet.inventoryFile],
      ),
      { timeoutMs: limitMs },
    );

/** `ansible-playbook`, tuned as its documentation advises: pipelining, shared connections, a known interpreter. */
export async function withAnsible(fleet: RealFleet, undo: Undo): Promise<RollingRestart> {
  const dir = await undo.folder('bench-ansible');
  const file = (name: string): string => join(dir, name);
  const trust = `-o UserKnownHostsFile=${fleet.knownHosts} -o StrictHostKeyChecking=yes`;
  await writeFile(
    file('ansible.cfg'),
    [
      '[defaults]',
      `local_tmp = ${file('tmp')}`,
      'interpreter_python = /usr/bin/python3',
      '[ssh_connection]',
      'pipelining = True',
      `ssh_args = -o ControlMaster=auto -o ControlPersist=600s ${trust}`,
      `control_path_dir = ${file('cp')}`,
      '',
    ].join('\n'),
  );
  undo.push(() => endShared(file('cp')));
  const hosts = fleet.hosts.map(({ name, address }) => `${name} ansible_host=${address}\n`).join('');
  await writeFile(
    file('hosts'),
    `${hosts}[all:vars]\nansible_user=ops\nansible_ssh_private_key_file=${fleet.identityFile}\n`,
  );
  return async () => {
    await writeFile(file('restart.yml'), restartPlaybook(UNIT, randomBytes(8).toString('hex')));
    await must(['ansible-playbook', '-i', file('hosts'), file('restart.yml')], {
      timeoutMs: limitMs,
      env: { ANSIBLE_CONFIG: file('ansible.cfg'), LC_ALL: 'C.UTF-8' },
    });
  };
}

/** Ends the ssh(1) processes that keep shared connections, one for each socket in the folder. */
async function endShared(sockets: string): Promise<void> {
  const names = await readdir(sockets).catch(() => []);
  await Promise.all(names.map((name) => run(['ssh', '-o', `ControlPath=${join(sockets, name)}`, '-O', 'exit', 'any'])));
}
