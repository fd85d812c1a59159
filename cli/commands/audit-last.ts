import { buildCommand } from '@stricli/core';
import { type ReportFlags, reportFlags } from '../audit/output-flags.js';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags } from '../flags.js';

export interface AuditLastFlags extends CommonFlags, ReportFlags {}

export const auditLastCommand = buildCommand<AuditLastFlags, [], OstlerContext>({
  docs: {
    brief: 'Print what the last audit found, without asking again',
    fullDescription: [
      'Print the report of the last audit of the whole cloud, whoever or whatever began it. Asks no host. Ends as `ostler audit` would.',
      '',
      'Examples:',
      '  ostler audit last',
      '  ostler audit last --html audit.html',
      '  ostler audit last --json',
    ].join('\n'),
  },
  parameters: { flags: { ...reportFlags, ...commonFlags } },
  loader: async () => (await import('./audit-last.impl.js')).auditLast,
});
