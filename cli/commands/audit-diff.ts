import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags, duration } from '../flags.js';

export interface AuditDiffFlags extends CommonFlags {
  readonly since?: number;
}

export const auditDiffCommand = buildCommand<AuditDiffFlags, [], OstlerContext>({
  docs: {
    brief: 'What has changed with the last audit, or since a time',
    fullDescription: [
      'Print which findings are new, worse, better or gone: with the last audit of the whole cloud, or all in all since a time.',
      'A finding that came and went meanwhile is no difference; `ostler audit history` has it.',
      '',
      'Examples:',
      '  ostler audit diff',
      '  ostler audit diff --since 24h',
      '  ostler audit diff --json',
    ].join('\n'),
  },
  parameters: { flags: { since: duration('Within this time, such as 24h [the last audit]'), ...commonFlags } },
  loader: async () => (await import('./audit-diff.impl.js')).auditDiff,
});
