import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let clone: string;

beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'ostler-install-'));
  await copyFile(fileURLToPath(new URL('../install.mjs', import.meta.url)), join(clone, 'install.mjs'));
  await writeFile(join(clone, 'package.json'), '{ "engines": { "node": ">=20.19" } }');
  await lock('1.0.0');
  await npm('mkdir -p node_modules/.bin; cp package-lock.json node_modules/.package-lock.json');
  await script('bin/hello', 'echo "hello $*"');
});
afterEach(() => rm(clone, { recursive: true, force: true }));

async function script(path: string, body: string): Promise<void> {
  const file = join(clone, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
}

/** An npm that notes its arguments, says something on stdout, and then does `body`. */
const npm = (body: string): Promise<void> => script('bin/npm', `echo "$*" >> npm-calls; echo noise from npm; ${body}`);

/** A lock file that asks for one package at `version`, and for one that only another platform has. */
async function lock(version: string): Promise<void> {
  const packages = {
    '': {},
    'node_modules/a': { version, integrity: `sha512-${version}` },
    'node_modules/elsewhere': { version, integrity: `sha512-${version}`, optional: true },
  };
  await writeFile(join(clone, 'package-lock.json'), JSON.stringify({ packages }));
}

const npmCalls = async (): Promise<string[]> =>
  (await readFile(join(clone, 'npm-calls'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

function start(...args: string[]): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  const env = { ...process.env, PATH: `${join(clone, 'bin')}:${process.env.PATH}` };
  return spawn(process.execPath, [join(clone, 'install.mjs'), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(...args);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, stdout, stderr };
}

describe('the start of a fresh clone', () => {
  it('installs what the lock file asks for, then runs the command', async () => {
    const { code, stdout, stderr } = await run('hello', 'a b', '--flag');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello a b --flag\n' });
    expect(stderr).toContain('npm ci');
    expect(await npmCalls()).toEqual(['ci --no-fund --no-audit']);
  });

  it('does not install again what is there', async () => {
    await run();
    await run('hello');
    expect(await npmCalls()).toHaveLength(1);
  });

  it('installs again when the lock file asks for something else', async () => {
    await run();
    await lock('2.0.0');
    await run();
    expect(await npmCalls()).toHaveLength(2);
  });

  it('does not miss packages for other platforms, and does miss the others', async () => {
    await mkdir(join(clone, 'node_modules'));
    const installed = join(clone, 'node_modules/.package-lock.json');
    const a = { version: '1.0.0', integrity: 'sha512-1.0.0' };
    await writeFile(installed, JSON.stringify({ packages: { 'node_modules/a': a } }));
    await run();
    expect(await npmCalls()).toHaveLength(0);
    await writeFile(installed, JSON.stringify({ packages: { 'node_modules/elsewhere': a } }));
    await run();
    expect(await npmCalls()).toHaveLength(1);
  });

  it('prefers commands of installed packages to those of the machine', async () => {
    await run();
    await script('node_modules/.bin/hello', 'echo "hello from the package"');
    expect((await run('hello')).stdout).toBe('hello from the package\n');
  });

  it('runs nothing when the installation fails, and says so', async () => {
    await npm('exit 7');
    const { code, stdout, stderr } = await run('hello');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('npm ci failed (exit code 7); nothing was run.');
  });

  it('refuses a Node that is too old before it does anything else', async () => {
    await writeFile(join(clone, 'package.json'), '{ "engines": { "node": ">=99.1" } }');
    const { code, stderr } = await run('hello');
    expect(code).toBe(2);
    expect(stderr).toContain(`Ostler needs Node 99.1 or newer; this is ${process.versions.node}`);
    expect(await npmCalls()).toEqual([]);
  });
});

describe('a command run through it', () => {
  it('gives its exit code', async () => {
    await script('bin/fails', 'exit 5');
    expect((await run('fails')).code).toBe(5);
  });

  it('is said to be missing when it is', async () => {
    const { code, stderr } = await run('no-such-command');
    expect(code).toBe(127);
    expect(stderr).toContain('Cannot run no-such-command');
  });

  it('gets the signals sent to us, and its answer to them is ours', async () => {
    await script('bin/patient', `trap 'echo stopping; kill $!; exit 3' TERM; sleep 60 & echo ready; wait`);
    const child = start('patient');
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('ready\n');
    child.kill('SIGTERM');
    const [rest, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    expect({ rest, code }).toEqual({ rest: 'stopping\n', code: 3 });
  });

  it('takes us along when a signal kills it', async () => {
    await script('bin/dies', 'kill -KILL $$');
    const child = start('dies');
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  });
});
