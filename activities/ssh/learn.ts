import { appendFile, readFile } from 'node:fs/promises';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { shakeHands, untilDeadline } from './connect.js';
import { fingerprint, HOST_KEY_ALGORITHMS } from './host-key.js';
import { KnownHosts, knownHostNames } from './known-hosts.js';
import { Links } from './links.js';
import type { SshTarget } from './types.js';

/** A host key as the host showed it, which proves nothing until a person has compared the fingerprint. */
export interface ScannedHostKey {
  /** Key type, such as `ssh-ed25519`. */
  algorithm: string;
  /** `SHA256:` and base64, as OpenSSH prints it. */
  fingerprint: string;
  /** The line for a known_hosts file, with the target's name and address. */
  line: string;
}

/**
 * Asks a host for its key of each type, without logging in to it. A bastion on the way must be known and is logged in
 * to. Rejects with an `SshFailure` when the host, or its bastion, cannot be reached.
 */
export async function scanHostKeys(target: SshTarget): Promise<ScannedHostKey[]> {
  const links = new Links({
    maxConnections: 2,
    maxConcurrentConnects: 1,
    channelsPerConnection: 1,
    idleCloseMs: target.connectTimeoutMs,
    connectionsPerBastion: 1,
  });
  try {
    const found: ScannedHostKey[] = [];
    for (const [type, algorithms] of HOST_KEY_ALGORITHMS) {
      const key = await untilDeadline(target, links, (stream, limitMs) =>
        askForKey(target, links, { stream, limitMs, serverHostKey: [...algorithms] }),
      );
      if (!key) continue;
      const line = `${knownHostNames(target).join(',')} ${type} ${key.toString('base64')}`;
      found.push({ algorithm: type, fingerprint: fingerprint(key), line });
    }
    return found;
  } finally {
    await links.close();
  }
}

interface KeyRequest {
  stream: Parameters<typeof shakeHands>[1]['stream'];
  limitMs: number;
  serverHostKey: ServerHostKeyAlgorithm[];
}

/** Carries the key out of the handshake, which it ends. */
class KeyShown extends Error {
  constructor(readonly key: Buffer) {
    super('host key shown');
  }
}

async function askForKey(target: SshTarget, links: Links, request: KeyRequest): Promise<Buffer | undefined> {
  try {
    await shakeHands(target, { ...request, signal: links.signal, judge: (key) => new KeyShown(Buffer.from(key)) });
  } catch (error) {
    if (error instanceof KeyShown) return error.key;
    // ssh2's words for a host that has no key of the only type we asked for.
    if (error instanceof Error && /no matching host key format/.test(error.message)) return undefined;
    throw error;
  }
  return undefined;
}

/**
 * Adds one line, as `scanHostKeys` makes it, to a known_hosts file, which is created with mode 0600. Returns false when
 * the file says so already.
 *
 * @throws Error when the file holds another key of that type for the host: a known key is replaced only by a person
 */
export async function appendKnownHost(file: string, line: string): Promise<boolean> {
  const [hosts = '', type, key] = line.trim().split(' ');
  if (!type || !key) throw new RangeError(`not a known_hosts line: ${line}`);
  const known = new KnownHosts().lookup([file], hosts.split(','));
  const same = [...known.trusted, ...known.revoked].filter((entry) => entry.type === type);
  if (known.trusted.some((entry) => entry.type === type && entry.key === key)) return false;
  const [other] = same;
  if (other) {
    throw new Error(
      `${file}:${other.line} holds another ${type} key for ${hosts}; if the host was reinstalled, delete that line and run this again`,
    );
  }
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  await appendFile(file, `${separator}${line.trim()}\n`, { mode: 0o600 });
  return true;
}
