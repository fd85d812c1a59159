import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { labDir } from '../layout.js';
import { must } from '../process.js';

/** The real shell, from npm. */
const release = 'mongosh@2.12.0';

/** Measured on two cores: 37 s. A busy machine takes many times that. */
const limitMs = 600_000;

/**
 * Return the folder below which npm has installed mongosh, installing it first when it is not there. What it would compile of its
 * own it does without. Safe to call from several processes at once.
 */
export async function ensureMongosh(): Promise<string> {
  const dir = join(labDir(), release);
  if (await exists(dir)) return dir;
  await mkdir(labDir(), { recursive: true, mode: 0o755 });
  const fresh = await mkdtemp(join(labDir(), 'mongosh-'));
  try {
    const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev'];
    await must(['npm', 'install', '--prefix', fresh, ...quietly, release], { timeoutMs: limitMs });
    // Everybody on a host may run it.
    await chmod(fresh, 0o755);
    await rename(fresh, dir);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Somebody else was faster.
    if (!(await exists(dir))) throw error;
  }
  return dir;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
