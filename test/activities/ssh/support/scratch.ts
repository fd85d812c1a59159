import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
});

/** Runs `cleanUp` when the test file is done, the last registered first; callable from inside a test, unlike `afterAll`. */
export function atEnd(cleanUp: () => unknown): void {
  cleanups.push(cleanUp);
}

/** A directory that is removed when the test file is done. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ostler-ssh-'));
  atEnd(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A key pair made by the real ssh-keygen; returns the private key's path. */
export function generateKey(path: string, type: 'ed25519' | 'rsa' | 'ecdsa', passphrase = ''): string {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'test', '-f', path]);
  return path;
}

/** Resolves as soon as `condition` holds; the test's own timeout is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
