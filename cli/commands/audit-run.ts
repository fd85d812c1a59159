import { buildCommand } from '@stricli/core';
import { type ReportFlags, reportFlags } from '../audit/output-flags.js';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, type CommonFlags, commonFlags } from '../flags.js';
import { type OnFlags, onFlags } from './nodes.js';

export interface AuditRunFlags extends CommonFlags, ActorFlags, OnFlags, ReportFlags {
  readonly check?: readonly string[];
}

export const auditRunCommand = buildCommand<AuditRunFlags, [], OstlerContext>({
  docs: {
    brief: 'Ask now, and print what is not well',
    fullDescription: [
      'Ask every node and every system of the cloud whether it is well. Trouble comes first. Changes nothing.',
      'With --on only these nodes are asked about themselves; checks of the cloud as a whole are then asked by name only.',
      'Ends with 0 when all is well, 3 for warnings and what could not be asked, 4 for errors; findings that somebody has',
      'acknowledged do not count.',
      '',
      'Examples:',
      '  ostler audit run',
      '  ostler audit run --check galera,rabbitmq',
      '  ostler audit run --on role=compute --check memory,load',
      '  ostler audit run --html audit.html --junit audit.xml',
      "  ostler audit run --json | jq '.findings[].what'",
    ].join('\n'),
  },
  parameters: {
    flags: {
      check: {
        kind: 'parsed',
        parse: String,
        variadic: ',',
        optional: true,
        brief: 'Only these checks, or all of these modules; `ostler audit checks` lists them [all]',
        placeholder: 'NAME',
      },
      ...onFlags,
      ...reportFlags,
      ...actorFlags,
      ...commonFlags,
    },
  },
  loader: async () => (await import('./audit-run.impl.js')).auditRun,
});
