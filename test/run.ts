/**
 * `npm test`: builds, runs every test this machine can run, and says which it cannot. Arguments go to vitest.
 * The last line is always `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseCLI, startVitest } from 'vitest/node';
import { type Counts, countTests, verdict } from './setup/count.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const ci = process.env.CI === 'true';

const runNode = (...args: string[]): boolean =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;

/** One line on why the fleet of real hosts cannot run here; undefined when it can. In CI its packages are installed first. */
async function realFleetMissing(): Promise<string | undefined> {
  if (ci) runNode('--import', 'tsx', 'lab/lab.ts', 'install');
  const { realLabMissing } = await import('../lab/real/index.js');
  return realLabMissing();
}

async function runTests(projects: string[], args: readonly string[]): Promise<Counts> {
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const vitest = await startVitest('test', filter, { root, watch: false, project: projects, ...options });
  await vitest.close();
  const counts = countTests(vitest.state.getTestModules(), vitest.state.getUnhandledErrors().length);
  // Vitest also finds fault with what is no test: a setup that threw, a coverage that fell short.
  return process.exitCode && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function main(): Promise<number> {
  if (!runNode('build.mjs')) {
    console.log('The build failed, so no test was run.\n0 passed, 1 failed');
    return 1;
  }
  const missing = await realFleetMissing();
  const counts = await runTests(missing === undefined ? ['unit', 'real'] : ['unit'], process.argv.slice(2));
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped.`);
  if (missing !== undefined) {
    console.log(`Not run: the tests on real systemd hosts (${missing}). To get them: npm run lab -- install`);
  }
  const { line, code } = verdict(counts, { ci, leftOut: missing === undefined ? 0 : 1 });
  console.log(line);
  return code;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
