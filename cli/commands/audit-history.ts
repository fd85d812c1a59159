import { buildCommand } from '@stricli/core';
import { isHostName } from '../../domain/names.js';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags, parsed } from '../flags.js';

export interface AuditHistoryFlags extends CommonFlags {
  readonly node?: string;
}

const hostName = (text: string): string | undefined => (isHostName(text) ? text : undefined);

export const auditHistoryCommand = buildCommand<AuditHistoryFlags, [string], OstlerContext>({
  docs: {
    brief: 'When findings of a check came and went',
    fullDescription: [
      'Print each change of the findings of a check, newest first: when it came, got worse or better, and went.',
      'CHECK is the id of a check, or a module for all of its checks. The last few hundred changes of a cloud are kept.',
      '',
      'Examples:',
      '  ostler audit history memory',
      '  ostler audit history galera --json',
      '  ostler audit history host --node compute-3',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'Id of a check, or a module', parse: String, placeholder: 'CHECK' }],
    },
    flags: { node: parsed('Only on this node', 'NODE', hostName, 'the name of a host'), ...commonFlags },
  },
  loader: async () => (await import('./audit-history.impl.js')).auditHistory,
});
