import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Archive, configuredArchive } from './apt-sources.js';
import { imagesDir } from './layout.js';
import { must } from './process.js';

const buildScript = fileURLToPath(new URL('./image/build.sh', import.meta.url));

/** A small Debian that boots systemd, answers SSH and runs sudo; what every lab host has. */
const basePackages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'udev',
  'openssh-server',
  'iproute2',
  'sudo',
  'python3-minimal',
  'procps',
];

/** Slow mirrors: 48 s were measured for the base image, 101 s for one with nova-compute. */
const buildLimitMs = 20 * 60_000;

export interface ImageOptions {
  /** Packages on top of the base image; the result is an image of its own, built from the base. */
  packages?: readonly string[];
  /** Shell commands (`sh -eu`) run as root inside the image with the packages, as the last step of its build. */
  finish?: string;
  /** Told what the build prints. */
  onOutput?: (text: string) => void;
}

/**
 * Return the directory of a finished image, building it first when there is none of this recipe (release, packages,
 * last step and build script). Safe to call from several processes at once: one builds, the others wait and use the result.
 */
export async function ensureImage(options: ImageOptions = {}): Promise<string> {
  const archive = await configuredArchive();
  const script = await readFile(buildScript, 'utf8');
  const base = imagePath(archive, script, basePackages);
  await build({ archive, final: base, packages: basePackages, ...pick(options) });
  const extra = options.packages ?? [];
  const { finish = '' } = options;
  if (extra.length === 0 && finish === '') return base;
  const final = imagePath(archive, script, [...basePackages, ...extra], finish);
  await build({ archive, final, from: base, packages: extra, finish, ...pick(options) });
  return final;
}

const pick = ({ onOutput }: ImageOptions) => (onOutput ? { onOutput } : {});

function imagePath(archive: Archive, script: string, packages: readonly string[], finish = ''): string {
  const recipe = JSON.stringify([archive.suite, process.arch, [...packages].sort(), script, finish]);
  return join(imagesDir(), `${archive.suite}-${createHash('sha256').update(recipe).digest('hex').slice(0, 16)}`);
}

interface Build {
  archive: Archive;
  final: string;
  from?: string;
  packages: readonly string[];
  finish?: string;
  onOutput?: (text: string) => void;
}

async function build({ archive, final, from, packages, finish, onOutput }: Build): Promise<void> {
  if (await exists(final)) return;
  await mkdir(imagesDir(), { recursive: true, mode: 0o755 });
  // The build itself holds the lock, through a descriptor all its processes inherit: if we are killed, the next
  // builder still waits until the orphaned build has come to its end.
  const isolated = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', buildScript];
  await must(['flock', join(imagesDir(), 'lock'), ...isolated], {
    timeoutMs: buildLimitMs,
    ...(onOutput ? { onOutput } : {}),
    env: {
      IMAGES: imagesDir(),
      FINAL: final,
      FROM: from ?? '',
      PACKAGES: packages.join(' '),
      FINISH: finish ?? '',
      SUITE: archive.suite,
      MIRROR: archive.mirror,
      COMPONENTS: archive.components.join(','),
      SOURCES: archive.sourceLines.join('\n'),
    },
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
