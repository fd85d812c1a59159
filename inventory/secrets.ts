import { constants, open } from 'node:fs/promises';
import { absolutePath } from './paths.js';

/** A secret that cannot be had. Its message names the reference and never the content. */
export class SecretError extends Error {
  override name = 'SecretError';
}

/** No password or key is longer; whoever names a disk image by mistake learns it at once. */
const LONGEST_SECRET = 64 * 1024;

/** Read, write or execute for users outside the file's group. Group bits pass: systemd's credentials are mode 0440. */
const OTHERS = 0o007;

/**
 * Fetches a secret from where its reference says it is kept. Call it where the secret is used, so that it is nowhere else.
 * @param reference `env:VARIABLE` or `file:PATH`
 * @param baseDir folder from which a relative path starts
 * @returns the secret without the one line break that editors leave at the end of a file
 * @throws {SecretError} that names the reference and says what to do
 */
export async function resolveSecret(
  reference: string,
  baseDir: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  if (reference.startsWith('env:')) return fromEnvironment(reference, env);
  if (reference.startsWith('file:')) return fromFile(reference, baseDir);
  throw new SecretError(
    'a secret must be named as env:VARIABLE or file:PATH, and this is neither (not shown: it may be the secret)',
  );
}

function fromEnvironment(reference: string, env: Readonly<Record<string, string | undefined>>): string {
  const secret = env[reference.slice('env:'.length)];
  if (secret === undefined) throw new SecretError(`${reference} is not set in the environment of this process`);
  if (secret === '') throw new SecretError(`${reference} is set but empty`);
  return secret;
}

async function fromFile(reference: string, baseDir: string): Promise<string> {
  const path = absolutePath(reference.slice('file:'.length), baseDir);
  const secret = (await readPrivateFile(path, reference)).replace(/\r?\n$/, '');
  if (secret === '') throw new SecretError(`${reference} is empty`);
  return secret;
}

/**
 * Reads a file that other users must not be able to read.
 * @param name how messages call it
 * @throws {SecretError} when it cannot be read, is open to others, or is no ordinary file
 */
export async function readPrivateFile(path: string, name: string): Promise<string> {
  // Without O_NONBLOCK, a named pipe would keep us waiting for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`;
    throw new SecretError(`${name} ${why}`, { cause });
  });
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw new SecretError(`${name} is not an ordinary file`);
    if ((facts.mode & OTHERS) !== 0) {
      const shown = (facts.mode & 0o777).toString(8).padStart(4, '0');
      throw new SecretError(`${name} is open to other users (mode ${shown}); run \`chmod o= ${path}\``);
    }
    if (facts.size > LONGEST_SECRET) throw new SecretError(`${name} holds ${facts.size} bytes, which is no secret`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
