import type { SiteInventory } from '../inventory/load.js';
import { sshTarget } from '../inventory/targets.js';
import { type RunOptions, type RunResult, SshFailure, type SshTransport } from './ssh/types.js';

/** Runs a script on a node of this site's own inventory; the only way activities reach a host. */
export type RunOnHost = (
  node: string,
  script: string,
  options: Pick<RunOptions, 'limitMs' | 'signal' | 'stdin' | 'maxOutputBytes'>,
) => Promise<RunResult>;

/** @throws {SshFailure} as the transport does; an unknown node is refused before anything is connected */
export const createRunOnHost =
  (inventory: SiteInventory, ssh: SshTransport): RunOnHost =>
  (node, script, options) =>
    ssh.run(sshTarget(inventory, node), script, options);

/** One sentence about why a host could not be asked. */
export const whyNot = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** True for a failure that may pass by itself: out of reach for now, or no answer from systemd in time. */
export const isPassing = (error: unknown): boolean =>
  error instanceof HostSilent ||
  (error instanceof SshFailure && ['unreachable', 'timed-out', 'unknown-outcome'].includes(error.kind));

/** A host that answers over SSH, but not with what was asked. */
export class HostSilent extends Error {
  override name = 'HostSilent';
}

/**
 * What an operator can do about a host that could not be asked.
 * @param once what `ostler retry` does when the host can be asked again
 */
export const nextStep = (error: unknown, once: string): string =>
  error instanceof SshFailure && !isPassing(error)
    ? `${error.hint} Then \`ostler retry\` ${once}`
    : `when the host is back, \`ostler retry\` ${once}`;
