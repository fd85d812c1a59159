import { buildRouteMap } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { auditAckCommand } from './audit-ack.js';
import { auditChecksCommand } from './audit-checks.js';
import { auditDiffCommand } from './audit-diff.js';
import { auditHistoryCommand } from './audit-history.js';
import { auditLastCommand } from './audit-last.js';
import { auditRunCommand } from './audit-run.js';

/** Is the cloud well? Without another word: ask it now. */
export const auditRoutes = buildRouteMap<'run' | 'last' | 'diff' | 'history' | 'ack' | 'checks', OstlerContext>({
  routes: {
    run: auditRunCommand,
    last: auditLastCommand,
    diff: auditDiffCommand,
    history: auditHistoryCommand,
    ack: auditAckCommand,
    checks: auditChecksCommand,
  },
  defaultCommand: 'run',
  docs: {
    brief: 'Is the cloud well? Ask every node and every system of it',
    fullDescription: [
      'Ask every node and every system of the cloud whether it is well, and say what is not, since when, and what to do about it.',
      'Without another word `ostler audit` asks now, as `ostler audit run` does. Changes nothing.',
      '',
      'Examples:',
      '  ostler audit',
      '  ostler audit --html audit.html',
      '  ostler audit --json',
      '  ostler audit last',
      '  ostler audit diff --since 24h',
      '  ostler audit history memory',
      '  ostler audit ack memory/compute-3 --until 2d --reason "TICKET-7: more memory is ordered"',
      '  ostler audit checks',
    ].join('\n'),
  },
});
