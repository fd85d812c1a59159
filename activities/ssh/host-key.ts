import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { describeTarget } from './failures.js';
import type { KnownHostLine, KnownKeys } from './known-hosts.js';
import { SshFailure, type SshTarget } from './types.js';

/**
 * Host key types, best first, with the signature algorithms each can answer with. An RSA key signs under three names
 * (RFC 8332); OpenSSH before 7.2 knows only the SHA-1 one, newer ones refuse it.
 */
export const HOST_KEY_ALGORITHMS: ReadonlyMap<string, readonly ServerHostKeyAlgorithm[]> = new Map([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']],
]);

/** The order in which to ask for host keys: those we know first, so that a host with several shows one we can check. */
export function hostKeyOrder(known: KnownKeys): ServerHostKeyAlgorithm[] {
  const types = [...HOST_KEY_ALGORITHMS.keys()];
  const isKnown = (type: string) => known.trusted.some((line) => line.type === type);
  return [...types.filter(isKnown), ...types.filter((type) => !isKnown(type))].flatMap(
    (type) => HOST_KEY_ALGORITHMS.get(type) ?? [],
  );
}

/** A public key's fingerprint as OpenSSH prints it: `SHA256:` and unpadded base64. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The key type named inside a public key blob (RFC 4253, 6.6). */
function keyType(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** Refuses a host of which only certificate authorities are known, before any connection is made. */
export function refuseAuthoritiesOnly(target: SshTarget, known: KnownKeys): void {
  const [authority] = known.authorities;
  if (!authority || known.trusted.length > 0) return;
  throw new SshFailure('host-key-unsupported', {
    host: target.name,
    message: `${describeTarget(target)} is known only by an @cert-authority line (${place(authority)}), and host certificates are not supported`,
    hint: 'Add the host’s own key: `ostler check --learn-host-keys` shows it and asks.',
  });
}

/** Compares the key a host showed with what is known: nothing when it may be trusted, else the reason to refuse it. */
export function judgeHostKey(target: SshTarget, known: KnownKeys, offered: Buffer): SshFailure | undefined {
  const key = offered.toString('base64');
  const type = keyType(offered);
  const shown = `${describeTarget(target)} showed the ${type} host key ${fingerprint(offered)}`;
  const host = target.name;

  const revoked = known.revoked.find((line) => line.key === key);
  if (revoked) {
    return new SshFailure('host-key-revoked', {
      host,
      message: `${shown}, which ${place(revoked)} marks as @revoked`,
      hint: 'Do not use this host before it has a new key: whoever holds a revoked key can pose as it.',
    });
  }
  if (known.trusted.some((line) => line.key === key)) return undefined;

  const [other] = [...known.trusted.filter((line) => line.type === type), ...known.trusted];
  if (!other) {
    return new SshFailure('host-key-unknown', {
      host,
      message: `${shown}, which is in none of ${target.knownHosts.join(', ') || '(no known_hosts file configured)'}`,
      hint: 'Compare the fingerprint with the host’s own on its console (`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub`), then run `ostler check --learn-host-keys`.',
    });
  }
  return new SshFailure('host-key-changed', {
    host,
    message: `${shown}, but ${place(other)} has the ${other.type} key ${fingerprint(Buffer.from(other.key, 'base64'))}`,
    hint: `Somebody may be posing as this host. If it was reinstalled, compare the fingerprint on its console, delete line ${other.line} of ${other.file} and run \`ostler check --learn-host-keys\`.`,
  });
}

function place(line: KnownHostLine): string {
  return `${line.file}:${line.line}`;
}
