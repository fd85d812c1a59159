import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const parts = ['cli', 'workflows', 'activities', 'worker', 'inventory', 'domain'];
const program = 'dist/cli/main.js';
const bundle = 'dist/workflow-bundle.js';

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'ostler-build-'));
  const copied = ['build.mjs', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const file of copied) await cp(join(root, file), join(project, file));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  for (const part of parts) await mkdir(join(project, part));
  await source('cli/main.ts', "#!/usr/bin/env node\nconsole.log('first');\n");
  await source('domain/word.ts', "export const word = 'canary';\n");
  await source(
    'workflows/index.ts',
    "import { word } from '../domain/word.js';\nexport const say = async (): Promise<string> => word;\n",
  );
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function source(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), text);
}

const build = () => promisify(execFile)(process.execPath, [join(project, 'build.mjs')]);
const output = (path: string) => readFile(join(project, path), 'utf8');
const exists = (path: string) =>
  stat(join(project, path)).then(
    () => true,
    () => false,
  );

/** Write something else into an output, to see whether the next build makes it anew. */
const mark = (path: string) => writeFile(join(project, path), 'marked');

describe('npm run build', () => {
  it('makes a program that can be run, and one bundle of all workflows', async () => {
    await build();
    const { stdout } = await promisify(execFile)(join(project, program));
    expect(stdout).toBe('first\n');
    expect(await output(bundle)).toContain('canary');
  });

  it('does nothing when nothing changed', async () => {
    await build();
    await mark(program);
    await mark(bundle);
    await build();
    expect([await output(program), await output(bundle)]).toEqual(['marked', 'marked']);
  });

  it('compiles again, but leaves the bundle, when only the command line changed', async () => {
    await build();
    await mark(bundle);
    await source('cli/main.ts', "console.log('second');\n");
    await build();
    expect(await output(program)).toContain('second');
    expect(await output(bundle)).toBe('marked');
  });

  it('bundles again when something a workflow imports changed', async () => {
    await build();
    await source('domain/word.ts', "export const word = 'nightingale';\n");
    await build();
    expect(await output(bundle)).toContain('nightingale');
  });

  it('carries along what the program reads as it is, follows its changes, and removes it when it is gone', async () => {
    await source('cli/page/page.css', 'p { color: red }');
    await source('cli/page/page.js', 'alert(1);');
    await build();
    await source('cli/page/page.css', 'p { color: blue }');
    await build();
    expect(await output('dist/cli/page/page.css')).toContain('blue');
    expect(await output('dist/cli/page/page.js')).toBe('alert(1);');
    await rm(join(project, 'cli/page'), { recursive: true });
    await build();
    expect(await exists('dist/cli/page/page.css')).toBe(false);
    expect(await exists('dist/cli/page/page.js')).toBe(false);
  });

  it('removes what was compiled from a source that is gone', async () => {
    await source('cli/old.ts', 'export {};\n');
    await build();
    expect(await exists('dist/cli/old.js')).toBe(true);
    await rm(join(project, 'cli/old.ts'));
    await build();
    expect(await exists('dist/cli/old.js')).toBe(false);
    expect(await exists(program)).toBe(true);
  });

  it('fails on a type error with its place, and keeps the last good build', async () => {
    await build();
    await source('cli/main.ts', 'export const n: number = "one";\n');
    await expect(build()).rejects.toMatchObject({ stderr: expect.stringContaining('cli/main.ts(1,14): error TS2322') });
    expect(await output(program)).toContain('first');
  });
});
