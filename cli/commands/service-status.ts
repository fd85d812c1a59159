import { buildCommand, type FlagParametersForType } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags } from '../flags.js';
import { selectionFlag } from './rollout-flags.js';
import { serviceArgument } from './service-argument.js';

export interface ServiceStatusFlags extends CommonFlags {
  readonly on?: string;
}

const flags: FlagParametersForType<ServiceStatusFlags, OstlerContext> = {
  on: selectionFlag('Which hosts: compute-*,!compute-7 or domain=rack-a [all that could have it]'),
  ...commonFlags,
};

export const serviceStatusCommand = buildCommand<ServiceStatusFlags, [string], OstlerContext>({
  docs: {
    brief: 'Are services well, and would they come up with their hosts?',
    fullDescription: [
      'Read the services of a module, or of all, on their hosts: one read of each host, what Pacemaker says of those that it runs, and what Nova says',
      'of its own where the inventory has credentials. Trouble comes first, with what to do about it. Changes nothing.',
      'A service is not installed, masked, inactive, failed, unhealthy (it runs, and is not well), healthy, or unknown, with the reason.',
      'Ends with 0 when all is well, 3 for warnings, 4 for errors; a host that does not answer is an error.',
      '',
      'Examples:',
      '  ostler service status all',
      '  ostler service status nova --on compute-1,compute-2',
      '  ostler service status all --json | jq \'.services[] | select(.severity != "ok")\'',
    ].join('\n'),
  },
  parameters: { flags, positional: { kind: 'tuple', parameters: [serviceArgument] } },
  loader: async () => (await import('./service-status.impl.js')).serviceStatus,
});
