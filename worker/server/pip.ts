import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import type { PinnedPackage, PinnedWheel } from './wheels.js';

/** How pip is called on the systems we know: Debian and macOS, a Python without pip's own script, a virtual environment. */
const pipCommands: readonly (readonly [string, ...string[]])[] = [['pip3'], ['python3', '-m', 'pip'], ['pip']];

/** The largest wheel has 45 MB; this is enough for it at 1 Mbit/s. */
const downloadLimitMs = 10 * 60_000;

/**
 * Download the wheel of a pinned package with pip, which brings the index, proxy and certificates this machine is set up
 * with, and refuse it unless its SHA-256 is the pinned one.
 *
 * @param wanted the package and its wheel for this machine
 * @param folder an empty folder for the download
 * @param env    the environment pip runs in; its PATH decides which pip
 * @returns the path of the checked wheel
 * @throws when no pip could download it, with what each said, or when the hash differs
 */
export async function downloadWheel(
  wanted: { package: PinnedPackage; wheel: PinnedWheel },
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { name, version } = wanted.package;
  const download = ['download', '--quiet', '--no-deps', '--only-binary', ':all:'];
  const options = [...download, '--platform', wanted.wheel.platform, '--dest', folder, `${name}==${version}`];
  const refusals: string[] = [];
  for (const [command, ...leading] of pipCommands) {
    const called = [command, ...leading].join(' ');
    try {
      await promisify(execFile)(command, [...leading, ...options], { env, timeout: downloadLimitMs });
    } catch (error) {
      refusals.push(`${called}: ${whatPipSaid(error)}`);
      continue;
    }
    const file = (await readdir(folder)).find((candidate) => candidate.endsWith('.whl'));
    if (file !== undefined) return await refuseOtherHash(join(folder, file), wanted.wheel.sha256);
    refusals.push(`${called}: left no wheel`);
  }
  throw new Error(refusals.join('; '));
}

/**
 * Write the one executable of a wheel (`*.data/scripts/<program>`) to `target`.
 *
 * @throws when the wheel holds no such program or is damaged
 */
export async function unpackProgram(wheel: string, program: string, target: string): Promise<void> {
  const zip = await yauzl.openPromise(wheel);
  try {
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith(`.data/scripts/${program}`)) continue;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { mode: 0o755 }));
      return;
    }
  } finally {
    zip.close();
  }
  throw new Error(`${basename(wheel)} holds no program ${program}`);
}

async function refuseOtherHash(file: string, expected: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const seen = hash.digest('hex');
  if (seen !== expected) throw new Error(`${basename(file)} has SHA-256 ${seen}, expected ${expected}; not used`);
  return file;
}

function whatPipSaid(error: unknown): string {
  const { code, killed, stderr } = error as { code?: number | string; killed?: boolean; stderr?: string };
  if (code === 'ENOENT') return 'not installed';
  if (killed) return `no answer within ${downloadLimitMs / 60_000} minutes`;
  const lastLine = (stderr ?? '').trim().split('\n').at(-1);
  return lastLine || `failed with exit code ${code}`;
}
