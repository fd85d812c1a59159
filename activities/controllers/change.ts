import { createHash } from 'node:crypto';
import type { CephChange } from '../../domain/ceph-commands.js';
import { changeIntentArgv, intentUnit } from '../../domain/commands.js';
import { type ControllerChange, QUORUM_READ } from '../../domain/controller-commands.js';
import type { RunOnHost } from '../hosts.js';
import { redact } from '../redact.js';
import { shellCommand, shellWord } from '../ssh/quote.js';

/** What became of one change: it ran and ended with an exit status, or it was refused before it ran. */
export type Changed = { state: 'ran'; exitStatus: number } | { state: 'refused'; why: string };

/** One change on one host, under its intent. */
export interface ChangeOrder {
  intent: string;
  change: ControllerChange | CephChange;
  /** The boot in which the intent is sent; in another one PID 1 knows nothing of it any more. */
  bootId: string;
}

/** How long a tool of Pacemaker, HAProxy or Ceph may take on the host, in seconds. */
const RUNS_S = 30;

/** For all of it: systemd-run, the wait, and the read. */
const LIMIT_MS = 60_000;

const REBOOTED = 80;
const NO_QUORUM = 81;

/** Changes that Pacemaker takes down in the cluster's own record. */
const IN_THE_CIB = new Set<ChangeOrder['change']['kind']>([
  'standby',
  'unstandby',
  'mark',
  'unmark',
  'cleanup',
  'prefer',
  'unprefer',
  'ban',
  'unban',
]);

/**
 * The script of one change, whole in the exec request: PID 1 takes it over under the intent's name, which it accepts once in a boot, and the
 * script waits for its end. What goes into the CIB is sent only where the host itself counts itself to a majority right then. Whoever sends it again, or late, is refused and reads how the first one ended.
 */
export function changeScript({ intent, change, bootId }: ChangeOrder): string {
  const unit = shellWord(intentUnit(intent));
  const quorum = IN_THE_CIB.has(change.kind)
    ? `[ "$(timeout -k 2 13 sudo -n ${shellCommand(QUORUM_READ)} </dev/null)" = 1 ] || exit ${NO_QUORUM}\n`
    : '';
  return `LC_ALL=C; export LC_ALL
[ "$(cat /proc/sys/kernel/random/boot_id)" = ${shellWord(bootId)} ] || exit ${REBOOTED}
${quorum}said=$(timeout -k 2 20 sudo -n ${shellCommand(changeIntentArgv(intent, change))} 2>&1 </dev/null)
left=${RUNS_S * 10}
while [ "$(timeout -k 2 10 systemctl show -p SubState -- ${unit})" = SubState=running ] && [ $left -gt 0 ]; do
  left=$((left-1)); sleep 0.1
done
timeout -k 2 10 systemctl show -p LoadState,SubState,ExecMainStatus -- ${unit}
printf 'said %s\\n' "$said"`;
}

/**
 * Makes one change at most once for its intent, and tells how that ended. What it did to the cluster is seen by looking there.
 * @throws {SshFailure} when the host did not answer; it may have run then
 */
export async function changeOnce(
  run: RunOnHost,
  node: string,
  order: ChangeOrder,
  signal: AbortSignal,
): Promise<Changed> {
  const { stdout, exitCode } = await run(node, changeScript(order), { limitMs: LIMIT_MS, signal });
  if (exitCode === REBOOTED) return { state: 'refused', why: `${node} has been rebooted since` };
  if (exitCode === NO_QUORUM)
    return {
      state: 'refused',
      why: `${node} does not say that it counts itself to a majority (crm_node -q), and so changes nothing`,
    };
  const shown = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  if (shown('LoadState') !== 'loaded') {
    const said = redact(/^said ([\s\S]*)$/m.exec(stdout)?.[1]?.trim() ?? '').slice(0, 300);
    return { state: 'refused', why: said || `${node} did not take the command` };
  }
  if (shown('SubState') === 'running') return { state: 'refused', why: `it has not ended within ${RUNS_S} s` };
  const status = shown('ExecMainStatus');
  if (!/^\d+$/.test(status)) return { state: 'refused', why: `${node} does not say how it ended` };
  return { state: 'ran', exitStatus: Number(status) };
}

/** The intents of several commands that one intent stands for, told apart by their words. */
export const intentFor = (intent: string, ...words: string[]): string =>
  createHash('sha256')
    .update([intent, ...words].join('\0'))
    .digest('hex')
    .slice(0, 16);
