import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const passing = "import { it } from 'vitest';\nit('passes', () => {});\n";
const failing = "import { it } from 'vitest';\nit('fails', () => { throw new Error('on purpose'); });\n";
const skipping = "import { it } from 'vitest';\nit('passes', () => {});\nit('is left out', (test) => test.skip());\n";

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'ostler-run-'));
  const copied = ['vitest.config.ts', 'test/run.ts', 'test/setup', 'worker/server'];
  for (const path of copied) await cp(join(root, path), join(project, path), { recursive: true });
  for (const own of ['temporal', 'count']) await rm(join(project, `test/setup/${own}.test.ts`));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  await file('package.json', '{ "type": "module" }');
  await file('build.mjs', '');
  await file(
    'lab/real/index.ts',
    'export const realLabMissing = () => process.env.LAB_MISSING;\nexport const missingPackages = () => [process.env.NO_SSHD && "openssh-server"];',
  );
  await file(
    'lab/lab.ts',
    "import { appendFileSync } from 'node:fs';\nappendFileSync('lab-calls', process.argv[2] ?? '');",
  );
  await file('test/one.test.ts', passing);
  await file('test/e2e/fleet.test.ts', passing);
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function file(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), content);
}

async function npmTest(
  env: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<{ code: number; last: string; output: string }> {
  const { CI: _, VITEST: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/run.ts', ...args], {
    cwd: project,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, last: stdout.trimEnd().split('\n').at(-1) ?? '', output: stdout + stderr };
}

const labCalls = () => readFile(join(project, 'lab-calls'), 'utf8').catch(() => '');

describe('npm test', () => {
  it('runs the tests on real hosts with the others where the machine can', async () => {
    const { code, last } = await npmTest({});
    expect({ code, last }).toEqual({ code: 0, last: '2 passed, 0 failed' });
    expect(await labCalls()).toBe('');
  });

  it('says in one line what it did not run, why, and how to get it', async () => {
    const { code, last, output } = await npmTest({ LAB_MISSING: 'debootstrap is not installed' });
    expect({ code, last }).toEqual({ code: 0, last: '1 passed, 0 failed' });
    expect(output).toContain('Not run: debootstrap is not installed\n');
  });

  it('fails when a test fails', async () => {
    await file('test/two.test.ts', failing);
    const { code, last } = await npmTest({});
    expect({ code, last }).toEqual({ code: 1, last: '2 passed, 1 failed' });
  });

  it('fails when a file cannot be loaded', async () => {
    await file('test/two.test.ts', "import './not-there.js';\n");
    const { code, last } = await npmTest({});
    expect({ code, last }).toEqual({ code: 1, last: '2 passed, 1 failed' });
  });

  it('fails when nothing matches what was asked for', async () => {
    const { code, last } = await npmTest({}, 'no-such-file');
    expect({ code, last }).toEqual({ code: 1, last: '0 passed, 1 failed' });
  });

  it('gives its arguments to vitest', async () => {
    const { code, last } = await npmTest({}, 'test/one.test.ts');
    expect({ code, last }).toEqual({ code: 0, last: '1 passed, 0 failed' });
  });

  it('fails when vitest itself finds fault with a run in which all tests passed', async () => {
    await file('test/setup/global.ts', 'export default () => () => { process.exitCode = 1; };');
    const { code, last } = await npmTest({});
    expect({ code, last }).toEqual({ code: 1, last: '2 passed, 1 failed' });
  });

  it('ends with the count even when the run itself cannot start', async () => {
    await file('test/setup/global.ts', "throw new Error('no setup today');\n");
    const { code, last, output } = await npmTest({});
    expect({ code, last }).toEqual({ code: 1, last: '0 passed, 1 failed' });
    expect(output).toContain('no setup today');
  });

  it('runs nothing when the build fails', async () => {
    await file('build.mjs', 'process.exit(1);');
    const { code, last, output } = await npmTest({});
    expect({ code, last }).toEqual({ code: 1, last: '0 passed, 1 failed' });
    expect(output).toContain('The build failed, so no test was run.');
  });
});

describe('npm test in continuous integration', () => {
  it('installs what the real hosts need by itself', async () => {
    const { code, last } = await npmTest({ CI: 'true' });
    expect({ code, last }).toEqual({ code: 0, last: '2 passed, 0 failed' });
    expect(await labCalls()).toBe('install');
  });

  it('fails when the real hosts cannot run even so', async () => {
    const { code, last } = await npmTest({ CI: 'true', LAB_MISSING: 'not root' });
    expect({ code, last }).toEqual({ code: 1, last: '1 passed, 1 failed' });
  });

  it('fails when a test is left out, which is no failure elsewhere', async () => {
    await file('test/one.test.ts', skipping);
    expect(await npmTest({})).toMatchObject({ code: 0, last: '2 passed, 0 failed' });
    expect(await npmTest({ CI: 'true' })).toMatchObject({ code: 1, last: '2 passed, 1 failed' });
  });
});
