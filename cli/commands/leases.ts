import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags } from '../flags.js';

export const leasesCommand = buildCommand<CommonFlags, [], OstlerContext>({
  docs: {
    brief: 'What runs have done and not undone yet',
    fullDescription: [
      'List the side effects that are still owed: what runs took and have not given back, because they still go on, could not',
      'undo it, or were terminated before they could.',
      '',
      'Examples:',
      '  ostler leases',
      '  ostler leases --cloud prod --json',
    ].join('\n'),
  },
  parameters: { flags: commonFlags },
  loader: async () => (await import('./leases.impl.js')).leases,
});
