import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { labDir } from './layout.js';
import { commandPath } from './process.js';

/** The commands that the lab and the tests beside it run on this machine, and the Debian package each is in. */
const packageOfCommand = {
  'systemd-nspawn': 'systemd-container',
  journalctl: 'systemd',
  debootstrap: 'debootstrap',
  'ssh-keygen': 'openssh-client',
  ssh: 'openssh-client',
  ip: 'iproute2',
  sysctl: 'procps',
  sshd: 'openssh-server',
  sudo: 'sudo',
  visudo: 'sudo',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  flock: 'util-linux',
  mount: 'mount',
  chromium: 'chromium',
  pdftotext: 'poppler-utils',
} as const;

/** What no host is made with: the tests of pages look at them with it. */
const ofPages = ['chromium', 'poppler-utils'];

/** statfs(2) f_type of overlayfs, which cannot carry the upper layer of another overlay. */
const overlayfs = 0x794c7630;

const howToGet = 'npm run lab -- install';

/** The Debian packages whose commands are not on this machine, each once. */
export function missingPackages(): string[] {
  const path = commandPath().split(delimiter);
  const found = (command: string) => path.some((dir) => dir !== '' && isExecutable(join(dir, command)));
  return [
    ...new Set(
      Object.entries(packageOfCommand)
        .filter(([command]) => !found(command))
        .map(([, name]) => name),
    ),
  ];
}

/**
 * Why the real lab cannot run on this machine, as one line that says what to do, or undefined when it can.
 * Needs Linux, root, the commands above, and a kernel with overlayfs and bridges.
 */
export function realLabMissing(): string | undefined {
  if (process.platform !== 'linux') return `real lab: needs Linux with systemd-nspawn, this is ${process.platform}`;
  const packages = missingPackages().filter((name) => !ofPages.includes(name));
  if (packages.length > 0) return `real lab: ${packages.join(', ')} not installed; get them with: ${howToGet}`;
  if (process.geteuid?.() !== 0) return 'real lab: needs root to boot hosts; run it as root (sudo -E npm run ...)';
  if (!hasOverlay()) return 'real lab: this kernel has no overlayfs; use a machine where `modprobe overlay` works';
  if (statfsSync(existing(labDir())).type === overlayfs) {
    return `real lab: ${labDir()} is on an overlay itself; set OSTLER_LAB_DIR to a directory on a disk or tmpfs`;
  }
  if (!hasBridges()) return 'real lab: network bridges cannot be made here; use a machine with CAP_NET_ADMIN';
  return undefined;
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const hasOverlay = (): boolean =>
  readFileSync('/proc/filesystems', 'utf8').includes('\toverlay\n') || succeeds('modprobe', 'overlay');

function hasBridges(): boolean {
  const probe = `olab-p${process.pid}`;
  return succeeds('ip', 'link', 'add', probe, 'type', 'bridge') && succeeds('ip', 'link', 'del', probe);
}

const succeeds = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { env: { ...process.env, PATH: commandPath() } }).status === 0;

function existing(path: string): string {
  try {
    accessSync(path);
    return path;
  } catch {
    return existing(dirname(path));
  }
}
