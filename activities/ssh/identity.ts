import { readFile, stat } from 'node:fs/promises';
import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2';
import { describeTarget } from './failures.js';
import { SshFailure, type SshIdentity, type SshTarget } from './types.js';

/** How a connection proves who we are: a parsed private key, an agent to ask, or a password. */
export type Credentials = { key: ParsedKey } | { agent: BaseAgent } | { password: string };

type KeyFile = Extract<SshIdentity, { kind: 'file' }>;
type Password = Extract<SshIdentity, { kind: 'password' }>;

/** Loads identities and keeps them: decrypting a key takes up to a second, and a whole fleet shares it. */
export class Identities {
  readonly #keys = new Map<string, { stamp: string; key: Promise<ParsedKey> }>();

  /** The credentials for one target. Throws an `SshFailure` of kind `identity` that says what is wrong with the file. */
  async credentials(target: SshTarget): Promise<Credentials> {
    const { identity } = target;
    if (identity.kind === 'agent') return { agent: ssh2.createAgent(identity.socket) };
    try {
      return identity.kind === 'password'
        ? { password: await passwordOf(identity) }
        : { key: await this.#key(identity) };
    } catch (error) {
      if (!(error instanceof UnusableIdentity)) throw error;
      const message = `cannot log in to ${describeTarget(target)}: ${error.message}`;
      throw new SshFailure('identity', { host: target.name, message, hint: error.hint, cause: error.cause });
    }
  }

  async #key(identity: KeyFile): Promise<ParsedKey> {
    const stamp = await inspect(identity.path);
    const cached = this.#keys.get(identity.path);
    if (cached?.stamp === stamp) return cached.key;
    const key = load(identity);
    this.#keys.set(identity.path, { stamp, key });
    key.catch(() => this.#keys.delete(identity.path));
    return key;
  }
}

/** What is wrong with a key file or a password, whichever host asked for it. */
class UnusableIdentity extends Error {
  constructor(
    problem: string,
    readonly hint: string,
    cause?: unknown,
  ) {
    super(problem, { cause });
  }
}

/** Refuses a file that others may read (as ssh(1) does) and returns a stamp that changes when the file does. */
async function inspect(path: string): Promise<string> {
  const facts = await stat(path).catch(unreadable(path));
  if ((facts.mode & 0o077) !== 0) {
    const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
    throw new UnusableIdentity(
      `the private key ${path} is open to other users (mode ${mode})`,
      `Run \`chmod 600 ${path}\`.`,
    );
  }
  return `${facts.ino}:${facts.size}:${facts.mtimeMs}`;
}

/** Asked for at every login, so that a password that has changed is used as soon as it is there. */
const passwordOf = ({ password }: Password): Promise<string> =>
  password().catch((cause: unknown) => {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    throw new UnusableIdentity(`the password cannot be had${why}`, 'Check the reference to it in ostler.yaml.', cause);
  });

async function load({ path, passphrase }: KeyFile): Promise<ParsedKey> {
  const text = await readFile(path).catch(unreadable(path));
  const secret = await passphrase?.().catch((cause: unknown) => {
    throw new UnusableIdentity(
      `the passphrase of ${path} cannot be had`,
      'Check the reference to it in ostler.yaml.',
      cause,
    );
  });
  const parsed = ssh2.utils.parseKey(text, secret);
  if (parsed instanceof Error) throw unparsable(path, secret !== undefined, parsed);
  // An OpenSSH key file is an array of keys to ssh2, always with one element so far; its types do not say so.
  const key = Array.isArray(parsed) ? (parsed[0] as ParsedKey) : parsed;
  if (!key.isPrivateKey())
    throw new UnusableIdentity(`${path} is a public key`, 'Name the private key file as identityFile.');
  return key;
}

function unparsable(path: string, hasPassphrase: boolean, cause: Error): UnusableIdentity {
  if (/no passphrase given/.test(cause.message)) {
    const hint = 'Refer to its passphrase by `env:` or `file:` in ostler.yaml, or use an agent.';
    return new UnusableIdentity(`the private key ${path} is encrypted, and no passphrase is configured`, hint, cause);
  }
  const problem = hasPassphrase ? 'cannot be decrypted with the configured passphrase' : 'cannot be parsed';
  return new UnusableIdentity(
    `the private key ${path} ${problem} (${cause.message})`,
    `Try \`ssh-keygen -y -f ${path}\`.`,
    cause,
  );
}

function unreadable(path: string) {
  return (cause: NodeJS.ErrnoException): never => {
    const hint = 'Check identityFile in ostler.yaml and the owner of the file.';
    throw new UnusableIdentity(`the private key ${path} cannot be read (${cause.code})`, hint, cause);
  };
}
