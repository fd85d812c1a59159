import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Workers and commands run the built program: as an operator's, and started in a moment. Does nothing when it is built already. */
export function build(): void {
  const { status } = spawnSync(process.execPath, ['build.mjs'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('node build.mjs failed');
}

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the built program as an operator does, without a terminal. */
export function ostler(...argv: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...written }));
  });
}
