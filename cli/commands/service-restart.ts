import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { serviceArgument } from './service-argument.js';
import { type ServiceFlags, serviceFlags } from './service-flags.js';

export const serviceRestartCommand = buildCommand<ServiceFlags, [string], OstlerContext>({
  loader: async () => (await import('./service-restart.impl.js')).restartService,
  parameters: {
    flags: serviceFlags,
    aliases: { y: 'yes' },
    positional: { kind: 'tuple', parameters: [serviceArgument] },
  },
  docs: {
    brief: 'Restart a service on each host in turn',
    fullDescription: [
      'Restart a service on each host in turn, as `ostler restart` does: on controllers each is out of HAProxy meanwhile, and what Pacemaker runs is',
      'banned and cleared there. A restart of libvirtd brings nova-compute with it.',
      '',
      'Examples:',
      '  ostler service restart nova-compute --dry-run',
      '  ostler service restart glance --reason "OPS-4: new policy"',
      '  ostler service restart libvirtd --on "compute-1*" --reason "OPS-5: ..."',
    ].join('\n'),
  },
});
