import pLimit from 'p-limit';
import { KnownHosts, knownHostNames } from '../../activities/ssh/known-hosts.js';
import { appendKnownHost, type ScannedHostKey, scanHostKeys } from '../../activities/ssh/learn.js';
import { SshFailure, type SshTarget } from '../../activities/ssh/types.js';
import { listed } from '../../domain/names.js';
import type { Io, OstlerContext } from '../context.js';
import { UsageError } from '../exit.js';
import { count, printable } from '../render/text.js';

/** A host that no known_hosts file knows: the keys it showed, or why it showed none. */
type Stranger = { target: SshTarget } & ({ keys: ScannedHostKey[] } | { why: string });

/**
 * Shows the host keys of hosts that are not known yet and, when the person at the terminal agrees, adds them to the first of
 * the host's known_hosts files; bastions first, without which nothing behind them can be asked. A key that is known is never
 * replaced. Hosts that cannot be asked are named, with the reason, and left to the check.
 * @throws {UsageError} without a terminal: a script cannot compare fingerprints
 */
export async function learnHostKeys({ io }: OstlerContext, targets: readonly SshTarget[]): Promise<void> {
  const known = new KnownHosts();
  const isUnknown = (target: SshTarget): boolean => !isKnown(known, target);
  const isCutOff = ({ proxyJump }: SshTarget): boolean => proxyJump !== undefined && isUnknown(proxyJump);

  const bastions = bastionsOf(targets).filter(isUnknown);
  const hosts = targets.filter(isUnknown);
  const unknown = bastions.length + hosts.length;
  if (unknown === 0) return io.stderr('Every selected host has a known key already.\n');
  if (!io.isTerminal)
    throw new UsageError(
      `${count(unknown, 'host key is', 'host keys are')} unknown, and there is no terminal to show fingerprints on`,
      'run `ostler check --learn-host-keys` by hand, or distribute known_hosts by other means',
    );

  await learn(io, bastions, 'bastion');
  const cutOff = hosts.filter(isCutOff);
  if (cutOff.length > 0) io.stderr(`Not asked for a key: ${namesOf(cutOff)}, as that of the bastion is not known\n`);
  // Some may be bastions themselves, and known by now.
  await learn(
    io,
    hosts.filter((host) => isUnknown(host) && !isCutOff(host)),
    'host',
  );
}

/** The bastions on the way to these hosts, each once, whoever logs in to it. */
function bastionsOf(targets: readonly SshTarget[]): SshTarget[] {
  const hops = targets.flatMap(({ proxyJump }) => proxyJump ?? []);
  return [...new Map(hops.map((hop) => [[...knownHostNames(hop), ...hop.knownHosts].join(' '), hop])).values()];
}

/** Known, with whatever key: a changed one is for the check to report and for a person to look into. */
function isKnown(known: KnownHosts, target: SshTarget): boolean {
  const { trusted, revoked } = known.lookup(target.knownHosts, knownHostNames(target));
  return trusted.length + revoked.length > 0;
}

/** Asks these hosts for their keys, and the person whether to trust them. */
async function learn(io: Io, targets: readonly SshTarget[], kind: 'bastion' | 'host'): Promise<void> {
  const limit = pLimit(32);
  const asked = await Promise.all(targets.map((target) => limit(scan, target)));
  for (const [why, silent] of byReason(asked)) io.stderr(`No key of ${namesOf(silent)}: ${printable(why)}\n`);
  const shown = asked.filter((one) => 'keys' in one);
  if (shown.length === 0) return;
  for (const { target, keys } of shown) {
    io.stderr(`${printable(target.name)} (${printable(target.address)}, port ${target.port})\n`);
    for (const { algorithm, fingerprint } of keys) io.stderr(`  ${algorithm}  ${fingerprint}\n`);
  }
  io.stderr(
    'Compare them with what each host shows on its console: ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub\n',
  );
  if (!(await io.confirm(`Trust these keys of ${count(shown.length, kind)} from now on?`))) return;
  for (const { target, keys } of shown) await trust(target, keys);
  io.stderr(`Added the keys of ${count(shown.length, kind)}.\n`);
}

async function scan(target: SshTarget): Promise<Stranger> {
  try {
    const keys = await scanHostKeys(target);
    return keys.length > 0 ? { target, keys } : { target, why: 'it has none of a type that is supported' };
  } catch (error) {
    if (error instanceof SshFailure) return { target, why: error.message };
    throw error;
  }
}

/** Hosts that showed no key, those with the same reason together: what is wrong with a bastion is told once. */
function byReason(asked: readonly Stranger[]): Map<string, SshTarget[]> {
  const reasons = new Map<string, SshTarget[]>();
  for (const one of asked) if ('why' in one) reasons.set(one.why, [...(reasons.get(one.why) ?? []), one.target]);
  return reasons;
}

const namesOf = (targets: readonly SshTarget[]): string => listed(targets.map(({ name }) => printable(name)));

async function trust({ name, knownHosts: [file] }: SshTarget, keys: readonly ScannedHostKey[]): Promise<void> {
  if (file === undefined) throw new UsageError(`${name} has no known_hosts file`, 'name one under `ssh.knownHosts`');
  for (const { line } of keys) await appendKnownHost(file, line);
}
