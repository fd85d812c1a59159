import { stringify } from 'yaml';
import { intentArgv } from '../../domain/commands.js';

const read = (unit: string, intent: string): string =>
  [
    `systemctl show -p ActiveState,SubState,InvocationID,Job -- ${unit}`,
    `systemctl show -p ActiveState,ExecMainStatus -- ostler-${intent}.service`,
    'systemctl list-units --state=failed --no-legend --no-pager --plain',
  ].join('; ');

/**
 * What Ostler does to a host, as an Ansible playbook: read the unit's InvocationID, hand PID 1 the same transient unit, and look until the
 * unit is active under another InvocationID with nothing newly failed. One host after the other, without gathering facts or pauses.
 */
export function restartPlaybook(unit: string, intent: string): string {
  const changed =
    "(after.stdout | regex_search('InvocationID=(.+)')) != (before.stdout | regex_search('InvocationID=(.+)'))";
  return stringify([
    {
      hosts: 'all',
      serial: 1,
      gather_facts: false,
      tasks: [
        { name: 'read', shell: read(unit, intent), register: 'before', changed_when: false },
        { name: 'restart', become: true, command: { argv: intentArgv('try-restart', intent, unit) } },
        {
          name: 'verify',
          shell: read(unit, intent),
          register: 'after',
          changed_when: false,
          until: [
            "'ActiveState=active' in after.stdout_lines[0]",
            changed,
            "'.service loaded failed' not in after.stdout",
          ],
          retries: 200,
          delay: 0,
        },
      ],
    },
  ]);
}
