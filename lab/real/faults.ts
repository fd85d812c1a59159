import type { LabHost } from './host.js';
import { interfaceByIndex } from './network.js';
import { must } from './process.js';

/** What a stand-in can be told to do, by a file in /etc/ostler-lab on its host. */
export type Steering = 'fail-next-start' | 'die-after' | 'slow-start' | 'slow-stop';

/**
 * Steer the compute stand-in of `host`: fail its next start (once), exit 1 so many seconds after each start, or take so
 * many seconds to start or to stop. `seconds` means nothing to `fail-next-start`.
 */
export const steer = (host: LabHost, how: Steering, seconds = 0): Promise<void> =>
  shell(host, `echo ${seconds} >/etc/ostler-lab/.new && mv /etc/ostler-lab/.new /etc/ostler-lab/${how}`);

/** Take back {@link steer}; a start or stop that is being held up goes on at once. */
export const unsteer = (host: LabHost, how: Steering): Promise<void> => shell(host, `rm -f /etc/ostler-lab/${how}`);

/** Stop the listener of sshd and kill the processes of open connections: every session ends now. */
export const stopSshd = (host: LabHost): Promise<void> =>
  shell(host, `systemctl stop ssh.service; ${signalSshd('KILL')}`);

/** Start sshd again after {@link stopSshd}. */
export const startSshd = (host: LabHost): Promise<void> => shell(host, 'systemctl start ssh.service');

/** SIGSTOP sshd, listener and connections: TCP still answers, nothing else does. */
export const freezeSshd = (host: LabHost): Promise<void> => shell(host, signalSshd('STOP'));

/** SIGCONT what {@link freezeSshd} stopped. */
export const thawSshd = (host: LabHost): Promise<void> => shell(host, signalSshd('CONT'));

/**
 * Make every `sudo` on `host` wait `seconds` and then do what it was asked. The real one keeps its setuid bit and its
 * view of the command under another name.
 */
export const stallSudo = (host: LabHost, seconds: number): Promise<void> =>
  shell(
    host,
    `[ -e /usr/bin/sudo.real ] || cp -p /usr/bin/sudo /usr/bin/sudo.real
     printf '#!/bin/sh\\nsleep ${seconds}\\nexec /usr/bin/sudo.real "$@"\\n' >/usr/bin/sudo.stalling
     chmod 755 /usr/bin/sudo.stalling
     mv /usr/bin/sudo.stalling /usr/bin/sudo`,
  );

/** Let new calls of sudo run at once again; those that are waiting finish their wait and then run. */
export const unstallSudo = (host: LabHost): Promise<void> =>
  shell(host, 'cp -p /usr/bin/sudo.real /usr/bin/sudo.again && mv /usr/bin/sudo.again /usr/bin/sudo');

/** Pull the host's cable out of the bridge: packets vanish both ways, and the host notices nothing. */
export const cutNetwork = async (host: LabHost): Promise<void> => {
  await must(['ip', 'link', 'set', await cableOf(host), 'nomaster']);
};

/** Put the cable back after {@link cutNetwork}. */
export const healNetwork = async (host: LabHost): Promise<void> => {
  await must(['ip', 'link', 'set', await cableOf(host), 'master', host.bridge]);
};

async function cableOf(host: LabHost): Promise<string> {
  return interfaceByIndex((await host.exec(['cat', '/sys/class/net/host0/iflink'])).stdout);
}

const signalSshd = (signal: string) => `pkill -${signal} '^sshd' || [ $? = 1 ]`;

async function shell(host: LabHost, script: string): Promise<void> {
  const { code, stderr } = await host.exec(['/bin/sh', '-ec', script]);
  if (code !== 0) throw new Error(`${host.name}: fault could not be set (exit ${code}): ${stderr.trim()}\n${script}`);
}
