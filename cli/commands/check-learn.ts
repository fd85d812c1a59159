import pLimit from 'p-limit';
import { KnownHosts, knownHostNames } from '../../activities/ssh/known-hosts.js';
import { appendKnownHost, type ScannedHostKey, scanHostKeys } from '../../activities/ssh/learn.js';
import { SshFailure, type SshTarget } from '../../activities/ssh/types.js';
import type { OstlerContext } from '../context.js';
import { UsageError } from '../exit.js';
import { count, printable } from '../render/text.js';

/** A host that no known_hosts file knows, and the keys it showed. */
interface Stranger {
  target: SshTarget;
  keys: ScannedHostKey[];
}

/**
 * Shows the host keys of hosts that are not known yet and, when the person at the terminal agrees, adds them to the first of
 * the host's known_hosts files. A key that is known is never replaced. Hosts that cannot be reached are left to the check.
 * @throws {UsageError} without a terminal: a script cannot compare fingerprints
 */
export async function learnHostKeys({ io }: OstlerContext, targets: readonly SshTarget[]): Promise<void> {
  const known = new KnownHosts();
  const unknown = targets.filter((target) => !isKnown(known, target));
  if (unknown.length === 0) return io.stderr('Every selected host has a known key already.\n');
  if (!io.isTerminal)
    throw new UsageError(
      `${count(unknown.length, 'host key is', 'host keys are')} unknown, and there is no terminal to show fingerprints on`,
      'run `ostler check --learn-host-keys` by hand, or distribute known_hosts by other means',
    );

  const limit = pLimit(32);
  const scanned = await Promise.all(unknown.map((target) => limit(scan, target)));
  const strangers = scanned.filter(({ keys }) => keys.length > 0);
  if (strangers.length === 0) return io.stderr('None of the unknown hosts could be reached.\n');
  for (const { target, keys } of strangers) {
    io.stderr(`${printable(target.name)} (${printable(target.address)}, port ${target.port})\n`);
    for (const { algorithm, fingerprint } of keys) io.stderr(`  ${algorithm}  ${fingerprint}\n`);
  }
  io.stderr(
    'Compare them with what each host shows on its console: ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub\n',
  );
  if (!(await io.confirm(`Trust these keys of ${count(strangers.length, 'host')} from now on?`))) return;
  for (const { target, keys } of strangers) await trust(target, keys);
  io.stderr(`Added the keys of ${count(strangers.length, 'host')}.\n`);
}

/** Known, with whatever key: a changed one is for the check to report and for a person to look into. */
function isKnown(known: KnownHosts, target: SshTarget): boolean {
  const { trusted, revoked } = known.lookup(target.knownHosts, knownHostNames(target));
  return trusted.length + revoked.length > 0;
}

async function scan(target: SshTarget): Promise<Stranger> {
  try {
    return { target, keys: await scanHostKeys(target) };
  } catch (error) {
    if (error instanceof SshFailure) return { target, keys: [] };
    throw error;
  }
}

async function trust({ name, knownHosts: [file] }: SshTarget, keys: readonly ScannedHostKey[]): Promise<void> {
  if (file === undefined) throw new UsageError(`${name} has no known_hosts file`, 'name one under `ssh.knownHosts`');
  for (const { line } of keys) await appendKnownHost(file, line);
}
