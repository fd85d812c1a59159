import { buildCommand } from '@stricli/core';
import { isWord } from '../../domain/names.js';
import { parseRoleRule, ROLES, type RoleRule } from '../../inventory/import/roles.js';
import type { OstlerContext } from '../context.js';
import { type OutputFlags, outputFlags, parsed, text, understood } from '../flags.js';

export interface InitFlags extends OutputFlags {
  readonly cloud?: string;
  readonly fromAnsible?: string;
  readonly fromAstute?: string;
  /** Empty for the user's own. */
  readonly fromSshConfig?: string;
  readonly role?: readonly RoleRule[];
}

export const initCommand = buildCommand<InitFlags, [], OstlerContext>({
  docs: {
    brief: 'Write an inventory to start from',
    fullDescription: [
      'Write ostler.yaml, the description of one cloud, into this folder. A file that is there already is never touched.',
      'With --from-ansible, --from-astute or --from-ssh-config it has the hosts of that file, and what was left out is said.',
      '',
      'Examples:',
      '  ostler init',
      '  ostler init --cloud prod',
      '  ostler init --from-ansible /etc/kolla/multinode --role storage=ceph-osd',
      '  ostler init --from-astute /etc/astute.yaml',
      "  ostler init --from-ssh-config --role 'cmp-*=compute' --role 'ctl-*=controller'",
    ].join('\n'),
  },
  parameters: {
    flags: {
      cloud: parsed(
        'Name of the cloud; it becomes part of run ids [$OSTLER_CLOUD, prod]',
        'NAME',
        (text) => (isWord(text) ? text : undefined),
        'a word of letters, digits, dots, hyphens and underscores',
      ),
      fromAnsible: text(
        'Take the hosts of an Ansible inventory: INI, YAML, or the JSON of `ansible-inventory --list`',
        'FILE',
      ),
      fromAstute: text("Take the nodes of a Fuel environment, from a controller's /etc/astute.yaml", 'FILE'),
      fromSshConfig: {
        ...text('Take the hosts that an ssh_config names, what it includes too [~/.ssh/config]', 'FILE'),
        inferEmpty: true,
      },
      role: {
        kind: 'parsed',
        parse: understood(parseRoleRule, `GROUP=ROLE, where a role is one of ${ROLES.join(', ')}`),
        optional: true,
        variadic: true,
        brief: "The role of a group of Ansible's, a role of Fuel's, or a pattern of ssh's names; may be repeated",
        placeholder: 'GROUP=ROLE',
      },
      ...outputFlags,
    },
  },
  loader: async () => (await import('./init.impl.js')).init,
});
