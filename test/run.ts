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

/** As in vitest.config.ts. */
const PROJECTS = ['unit', 'openssh', 'chromium', 'real', 'audits'] as const;
type Project = (typeof PROJECTS)[number];

const runNode = (...args: string[]): boolean =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;

/** What cannot run here, one line each with what to do about it, by project. In CI the packages are installed first. */
async function missingHere(): Promise<Partial<Record<Project, string>>> {
  if (ci) runNode('--import', 'tsx', 'lab/lab.ts', 'install');
  const { missingPackages, realLabMissing } = await import('../lab/real/index.js');
  const real = realLabMissing();
  const packages = missingPackages();
  return {
    ...(real !== undefined && { real, audits: real }),
    ...(packages.includes('openssh-server') && {
      openssh: "sshd not found; install OpenSSH's server (or: npm run lab -- install)",
    }),
    ...((packages.includes('chromium') || packages.includes('poppler-utils')) && {
      chromium: 'chromium or pdftotext not found; install both (npm run lab -- install)',
    }),
  };
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
  const missing = await missingHere();
  const counts = await runTests(
    PROJECTS.filter((project) => !(project in missing)),
    process.argv.slice(2),
  );
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped.`);
  const reasons = new Set(Object.values(missing));
  for (const why of reasons) console.log(`Not run: ${why}`);
  const { line, code } = verdict(counts, { ci, leftOut: reasons.size });
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
