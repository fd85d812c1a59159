import type { LabHost, RealFleet } from '../../../lab/real/index.js';
import { type Finished, run } from '../../../lab/real/process.js';

/**
 * Run `command` on `host` as `ops` with the OpenSSH client, trusting the fleet's known_hosts and nothing else.
 * `connectSeconds` is how long the host may take to answer, greeting included, before ssh gives up with 255; `input` goes to
 * the command's stdin.
 */
export function sshAsOps(
  fleet: RealFleet,
  host: LabHost,
  command: string,
  { connectSeconds = 60, input = '' } = {},
): Promise<Finished> {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=yes', `ConnectTimeout=${connectSeconds}`];
  const trust = [`UserKnownHostsFile=${fleet.knownHosts}`, 'GlobalKnownHostsFile=/dev/null', 'IdentitiesOnly=yes'];
  const flags = [...options, ...trust].flatMap((option) => ['-o', option]);
  return run(['ssh', '-F', '/dev/null', '-i', fleet.identityFile, ...flags, `ops@${host.address}`, command], {
    input,
    timeoutMs: 300_000,
  });
}

/** The literal command a restart sends, for one intent of 16 hex digits. */
export const restartCommand = (intent: string, unit = 'nova-compute.service') =>
  `sudo -n /usr/bin/systemd-run --unit ostler-${intent} --remain-after-exit /bin/systemctl try-restart ${unit}`;

/** A sudoers rule that allows {@link restartCommand} for `unit` and nothing else. */
export const restartRule = (unit = 'nova-compute.service') =>
  `ops ALL=(root) NOPASSWD: /usr/bin/systemd-run --unit ostler-${'[0-9a-f]'.repeat(16)} --remain-after-exit ` +
  `/bin/systemctl try-restart ${unit}\n`;
