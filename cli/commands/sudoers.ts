import { buildCommand } from '@stricli/core';
import type { Distribution, Role } from '../../domain/inventory.js';
import type { OstlerContext } from '../context.js';
import { type OutputFlags, outputFlags, type SiteFlags, siteFlags } from '../flags.js';

export interface SudoersFlags extends SiteFlags, OutputFlags {
  readonly role: Role;
  readonly user?: string;
  readonly distribution?: Distribution;
}

// Written out, for the schema that holds them would load zod.
const roles: readonly Role[] = ['controller', 'compute', 'mongo', 'ceph-osd', 'eqlx', 'fuel'];
const distributions: readonly Distribution[] = ['rdo', 'debian', 'kolla'];

export const sudoersCommand = buildCommand<SudoersFlags, [], OstlerContext>({
  docs: {
    brief: 'Print what the hosts must let Ostler do as root',
    fullDescription: [
      'Print the sudoers fragment for the hosts of a role: one exact command for each unit, of which only the name of the',
      'restart varies, and on controllers, where the inventory names them, one for each read and each change of their cluster. The user and your own unit names come from the inventory, where there is one.',
      '',
      'Examples:',
      '  ostler sudoers',
      '  ostler sudoers --role controller > ostler-controller',
      '  ostler sudoers --role compute --user ops --distribution debian > ostler-compute',
      '  visudo -c -f ostler-compute && install -o root -g root -m 0440 ostler-compute /etc/sudoers.d/ostler-compute',
    ].join('\n'),
  },
  parameters: {
    flags: {
      role: { kind: 'enum', values: roles, default: 'compute', brief: 'Role of the hosts' },
      user: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: "The account Ostler logs in with [the inventory's ssh.user, else ops]",
        placeholder: 'NAME',
      },
      distribution: {
        kind: 'enum',
        values: distributions,
        optional: true,
        brief: "Only this distribution's unit names [the inventory's, else all]",
      },
      ...siteFlags,
      ...outputFlags,
    },
  },
  loader: async () => (await import('./sudoers.impl.js')).sudoers,
});
