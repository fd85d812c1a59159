import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type OutputFlags, outputFlags } from '../flags.js';

export const auditChecksCommand = buildCommand<OutputFlags, [], OstlerContext>({
  docs: {
    brief: 'List the checks of an audit, and when each is trouble',
    fullDescription: [
      'List every check: of which module it is, whom it asks, what about, and its limits as they are by default. `audit:` in ostler.yaml',
      'sets others, or leaves checks out. docs/checks/ has a page on each, with what it means and what to do.',
      '',
      'Examples:',
      '  ostler audit checks',
      '  ostler audit checks --json',
    ].join('\n'),
  },
  parameters: { flags: outputFlags },
  loader: async () => (await import('./audit-checks.impl.js')).auditChecks,
});
