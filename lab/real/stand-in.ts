import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How the units that stand in for a compute node's real services are made. */
export interface StandInOptions {
  /**
   * The compute unit's name, for all hosts or per host, so that one fleet can mix distributions.
   * Default `nova-compute.service`; RDO calls it `openstack-nova-compute.service`.
   */
  unitName?: string | ((node: string) => string);
  /** `notify` makes a start complete only when the daemon says so. Default `simple`. */
  type?: 'simple' | 'notify';
  /** systemd's Restart=. Default `no`, so that no start is counted that nobody asked for. */
  restart?: 'no' | 'on-failure';
  /**
   * Keep systemd's limit of 5 starts in 10 s, which a real nova-compute has. Default false, so that a suite may restart
   * the same host as often as it likes.
   */
  startLimit?: boolean;
  /** Stand in for libvirtd, too. Default true; false where the image has the real one. */
  libvirt?: boolean;
}

const defaultUnit = 'nova-compute.service';
const programs = '/usr/local/lib/ostler-lab';

/** The name of the compute unit of host `node`. */
export function computeUnitOf(node: string, { unitName = defaultUnit }: StandInOptions): string {
  return typeof unitName === 'function' ? unitName(node) : unitName;
}

/**
 * Install the stand-ins of host `node` below `root`, enabled at boot: the compute unit, steered by files in
 * /etc/ostler-lab on the host, and libvirtd, which always works. The unit files lie where packages put theirs, so that
 * `systemctl mask` works as on a real host.
 */
export async function installStandIns(root: string, node: string, options: StandInOptions): Promise<void> {
  for (const program of ['daemon.sh', 'count-start.sh', 'steering.sh']) {
    const target = join(root, programs, program);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(fileURLToPath(new URL(`./stand-in/${program}`, import.meta.url)), target);
    await chmod(target, 0o755);
  }
  await mkdir(join(root, 'etc/ostler-lab'), { recursive: true });
  await installUnit(root, computeUnitOf(node, options), computeUnit(options));
  if (options.libvirt ?? true) await installUnit(root, 'libvirtd.service', libvirtUnit);
}

async function installUnit(root: string, name: string, text: string): Promise<void> {
  await writeFile(join(root, 'usr/lib/systemd/system', name), text);
  const wants = join(root, 'etc/systemd/system/multi-user.target.wants');
  await mkdir(wants, { recursive: true });
  await symlink(`/lib/systemd/system/${name}`, join(wants, name));
}

const computeUnit = ({ type = 'simple', restart = 'no', startLimit = false }: StandInOptions) => `[Unit]
Description=OpenStack Nova Compute
After=network.target libvirtd.service
Wants=libvirtd.service
${startLimit ? '' : 'StartLimitIntervalSec=0\n'}
[Service]
Type=${type}
NotifyAccess=all
ExecStartPre=${programs}/count-start.sh %n
ExecStart=${programs}/daemon.sh
Restart=${restart}
KillMode=mixed

[Install]
WantedBy=multi-user.target
`;

const libvirtUnit = `[Unit]
Description=Virtualization daemon

[Service]
ExecStart=/bin/sleep infinity

[Install]
WantedBy=multi-user.target
`;
