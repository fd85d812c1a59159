import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags } from '../flags.js';

export const locksCommand = buildCommand<CommonFlags, [], OstlerContext>({
  docs: {
    brief: 'Who holds leave to have hosts down, and why',
    fullDescription: [
      "List the leases that the cloud's keeper holds: each is a run's leave to have the hosts of one batch down. It is given",
      'back at the end of the batch. `ostler unlock` gives back what a run left behind.',
      '',
      'Examples:',
      '  ostler locks',
      '  ostler locks --cloud prod --json',
    ].join('\n'),
  },
  parameters: { flags: commonFlags },
  loader: async () => (await import('./locks.impl.js')).locks,
});
