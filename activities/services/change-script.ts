import { intentArgv } from '../../domain/commands.js';
import type { UnitTicket, UnitVerb } from '../../domain/unit-change.js';
import { shellCommand, shellWord } from '../ssh/quote.js';
import { FENCED, fenceShown, REMOTE_READ } from '../systemd/probe.js';

/** One change of one unit, under its intent. A start goes the way of a restart, whose script has it (systemd/restart-script.ts). */
export interface ChangeOrder {
  unit: string;
  verb: Exclude<UnitVerb, 'start'>;
  ticket: UnitTicket;
  intent: string;
}

/**
 * The one script of a stop, an enable or a disable, whole in the exec request (design, rule 1): compares boot id and what the change is about, and
 * only then hands it to PID 1 under the intent's name, which it takes once in a boot. It ends as the script of a restart does.
 */
export function changeScript({ unit, verb, ticket, intent }: ChangeOrder): string {
  return `LC_ALL=C; export LC_ALL
[ "$(cat /proc/sys/kernel/random/boot_id)" = ${shellWord(ticket.fence.bootId)} ] || exit 80
end='
'
shown=$end$(${REMOTE_READ} systemctl show -p ${FENCED},UnitFileState -- ${shellWord(unit)})$end || exit 84
shows() { case $shown in *"$end$1$end"*) ;; *) return 1 ;; esac; }
${shows('LoadState', 'loaded')} || exit 81
${(verb === 'stop' ? whileItRuns(unit, ticket) : [`${shows('UnitFileState', ticket.fileState)} || exit 81`]).join('\n')}
exec sudo -n ${shellCommand(intentArgv(verb, intent, unit))}`;
}

/** Only the life that was seen is ended; of a unit that systemd starts again and again it is whichever there is. */
function whileItRuns(unit: string, { fence, restless }: UnitTicket): string[] {
  if (restless) return [`${shows('ActiveState', 'activating', 'active', 'reloading')} || exit 81`];
  return [
    `${shows('ActiveState', 'active', 'reloading')} || exit 81`,
    ...fenceShown(unit, fence).map(([name, value]) => `${shows(name, value)} || exit 82`),
    `case $shown in *"$end"Job=[1-9]*) exit 83 ;; esac`,
  ];
}

const shows = (name: string, ...values: (string | number)[]): string => {
  const any = values.map((value) => `shows ${shellWord(`${name}=${value}`)}`).join(' || ');
  return values.length > 1 ? `{ ${any}; }` : any;
};
