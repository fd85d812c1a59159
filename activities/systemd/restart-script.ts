import { type IntentVerb, intentArgv } from '../../domain/commands.js';
import type { Fence } from '../../domain/intent.js';
import { shellCommand, shellWord } from '../ssh/quote.js';
import { FENCED, fenceShown, REMOTE_READ } from './probe.js';

/** Exit codes of the script's own refusals; sudo and systemd-run use only small ones. */
export const refusals = {
  80: 'the host has been rebooted since',
  81: 'the unit is no longer in the state it was seen in',
  82: 'the unit has been restarted by another hand since',
  83: 'another job is queued for the unit',
  84: 'systemd did not answer',
  85: 'a unit it needs is not active',
} as const;

/** The refusal that is a gate, not a race: what the unit needs on its own host is not there. */
export const NEEDS_NOT_ACTIVE = 85;

export interface RestartOrder {
  unit: string;
  verb: IntentVerb;
  fence: Fence;
  intent: string;
  /** Units that must be active on the host right now. */
  needs: readonly string[];
}

/**
 * The one script of a restart, whole in the exec request (design, rule 1): compares boot id, state, fence and queued jobs, checks what
 * the unit needs, and only then hands the restart to PID 1 under the intent's name. The comparison may be overtaken by another
 * hand; the name may not: PID 1 refuses it a second time, whoever sends it and however late.
 */
export function restartScript({ unit, verb, fence, intent, needs }: RestartOrder): string {
  const seen = fenceShown(unit, fence);
  const states = verb === 'try-restart' ? ['active'] : ['failed', 'inactive'];
  const shows = (name: string, ...values: (string | number)[]): string =>
    values.map((value) => `shows ${shellWord(`${name}=${value}`)}`).join(' || ');
  // Compared by the shell itself, line by line and literally: each program it would start costs the host milliseconds.
  return `LC_ALL=C; export LC_ALL
[ "$(cat /proc/sys/kernel/random/boot_id)" = ${shellWord(fence.bootId)} ] || exit 80
end='
'
shown=$end$(${REMOTE_READ} systemctl show -p ${FENCED} -- ${shellWord(unit)})$end || exit 84
shows() { case $shown in *"$end$1$end"*) ;; *) return 1 ;; esac; }
${shows('LoadState', 'loaded')} || exit 81
${shows('ActiveState', ...states)} || exit 81
${seen.map(([name, value]) => `${shows(name, value)} || exit 82`).join('\n')}
case $shown in *"$end"Job=[1-9]*) exit 83 ;; esac
${needs.map((need) => `[ "$(${REMOTE_READ} systemctl show -p ActiveState -- ${shellWord(need)})" = ActiveState=active ] || exit ${NEEDS_NOT_ACTIVE}`).join('\n')}
exec sudo -n ${shellCommand(intentArgv(verb, intent, unit))}`;
}
