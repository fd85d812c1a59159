import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetNode } from '../fleet-state.js';
import { must } from '../process.js';

const program = '/usr/local/lib/ostler-lab/clock.py';

/** By how many seconds the source of time is wrong, where it is there. */
export const clockOffsetFile = '/etc/ostler-lab/clock.offset';

/** The unit of the source of time that all hosts of a fleet follow. */
const clockUnit = 'ostler-lab-clock.service';

/** Debian packages of every host whose clock follows one. */
export const clockPackages = ['chrony'];

/** Make the chrony of the host at `root` follow the source of time at `server`. It leaves the clock alone, which is that of this machine. */
export async function writeChrony(root: string, server: string): Promise<void> {
  await writeFile(
    join(root, 'etc/chrony/chrony.conf'),
    `server ${server} iburst minpoll 0 maxpoll 2\ndriftfile /var/lib/chrony/chrony.drift\n`,
  );
  // Without the capability, which no container has, the package's unit would not start.
  const dropIn = join(root, 'etc/systemd/system/chrony.service.d');
  await mkdir(dropIn, { recursive: true });
  await writeFile(join(dropIn, 'lab.conf'), '[Unit]\nConditionCapability=\n');
  await writeFile(join(root, 'etc/default/chrony'), 'DAEMON_OPTS="-x"\n');
}

/** Write the source of time of a fleet onto the disk of `node` at `root`, enabled. */
export async function writeClock(root: string, { address }: FleetNode): Promise<void> {
  const target = join(root, program);
  await mkdir(join(root, 'etc/ostler-lab'), { recursive: true });
  await copyFile(fileURLToPath(new URL('./clock.py', import.meta.url)), target);
  await chmod(target, 0o755);
  await writeFile(
    join(root, `usr/lib/systemd/system/${clockUnit}`),
    `[Unit]
Description=Source of time of the lab
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=${program} ${address}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`,
  );
  await must(['chroot', root, 'systemctl', 'enable', '--quiet', clockUnit]);
}
