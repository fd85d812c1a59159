import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ssh2, { type Client } from 'ssh2';
import { vi } from 'vitest';
import type { SimFleet } from '../../../lab/sim/fleet.js';
import type { SimHost } from '../../../lab/sim/host.js';

export interface Outcome {
  /** The exit status; null when the channel closed without one. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A connection of the ssh2 client to a host, authenticated with the fleet's key. */
export function connect(fleet: SimFleet, host: SimHost, overrides: ssh2.ConnectConfig = {}): Promise<Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.once('close', () => reject(new Error('closed before it was ready')));
    client.on('error', reject);
    client.connect({
      host: host.address,
      port: host.port,
      username: 'ops',
      privateKey: fleet.userKey.private,
      ...overrides,
    });
  });
}

/** One exec request on a connection. Resolves when the channel is closed, with or without an exit status. */
export function exec(client: Client, command: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      const outcome: Outcome = { code: null, stdout: '', stderr: '' };
      channel.on('data', (data: Buffer) => {
        outcome.stdout += data.toString();
      });
      channel.stderr.on('data', (data: Buffer) => {
        outcome.stderr += data.toString();
      });
      channel.on('exit', (code: number | null) => {
        outcome.code = code;
      });
      channel.on('close', () => resolve(outcome));
    });
  });
}

/** One command on a connection of its own. */
export async function run(fleet: SimFleet, host: SimHost, command: string): Promise<Outcome> {
  const client = await connect(fleet, host);
  try {
    return await exec(client, command);
  } finally {
    client.end();
  }
}

/** A script as Ostler sends it: one single-quoted word. */
export const sh = (script: string): string => `/bin/sh -c '${script.replaceAll("'", `'\\''`)}'`;

/** Runs a command with OpenSSH's own client, which knows the fleet's host keys. */
export async function openssh(fleet: SimFleet, host: SimHost, command: string, ...options: string[]): Promise<Outcome> {
  const dir = dirname(await fleet.writeInventory(await mkdtemp(join(tmpdir(), 'ostler-sim-'))));
  const known = ['-o', `UserKnownHostsFile=${join(dir, 'known_hosts')}`, '-o', 'GlobalKnownHostsFile=none'];
  const identity = ['-i', join(dir, 'id_ed25519'), '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-n'];
  const target = ['-p', `${host.port}`, `ops@${host.address}`, command];
  return new Promise((resolve) => {
    execFile('ssh', ['-F', 'none', ...known, ...identity, ...options, ...target], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** `systemctl show` of one unit, as an object. */
export async function show(fleet: SimFleet, host: SimHost, unit: string): Promise<Record<string, string>> {
  const { stdout } = await run(fleet, host, `systemctl show --all ${unit}`);
  return Object.fromEntries(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(/=(.*)/s, 2)),
  );
}

/** Waits until a unit has left its job behind and is in the state. */
export const settled = (host: SimHost, unit: string, activeState: string) =>
  vi.waitFor(
    () => {
      const state = host.manager.unit(unit);
      if (state?.job || state?.activeState !== activeState) throw new Error(`${unit} is ${state?.activeState}`);
    },
    { timeout: 20_000, interval: 10 },
  );

/** The script that Ostler's rule 1 sends, for the host's nova-compute. */
export function restartScript(host: SimHost, intent: string, unit = host.unitName('nova-compute')): string {
  return sh(`LC_ALL=C; export LC_ALL
b=$(cat /proc/sys/kernel/random/boot_id)
[ "$b" = '${host.bootId}' ] || exit 81
s=$(timeout -k 2 10 systemctl show -p ActiveState,InvocationID,MainPID,Job '${unit}') || exit 84
case "
$s
" in *"
ActiveState=active
"*) ;; *) exit 82 ;; esac
case "
$s
" in *"
Job="[0-9]*) exit 83 ;; esac
exec sudo -n /usr/bin/systemd-run --unit ostler-${intent} --remain-after-exit /bin/systemctl try-restart '${unit}'
echo 'exec returned'`);
}
