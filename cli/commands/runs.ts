import { buildCommand, type FlagParametersForType } from '@stricli/core';
import { isHostName } from '../../domain/names.js';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags, duration, parseCount, parsed } from '../flags.js';
import type { RunFilter } from '../runs/list.js';

export interface RunsFlags extends CommonFlags {
  readonly node?: string;
  readonly since?: number;
  readonly outcome?: NonNullable<RunFilter['outcome']>;
  readonly limit?: number;
}

const hostName = (text: string): string | undefined => (isHostName(text) ? text : undefined);

const flags: FlagParametersForType<RunsFlags, OstlerContext> = {
  node: parsed('Only runs that had this host in their plan', 'NODE', hostName, 'the name of a host'),
  since: duration('Only runs started within this time, such as 7d'),
  outcome: {
    kind: 'enum',
    values: ['ok', 'failed', 'aborted', 'cancelled', 'running'],
    optional: true,
    brief: 'Only runs that ended so, or that run',
  },
  limit: parsed('At most so many [20]', 'N', parseCount, 'a whole number of at least 1'),
  ...commonFlags,
};

export const runsCommand = buildCommand({
  loader: async () => (await import('./runs.impl.js')).default,
  parameters: { flags },
  docs: {
    brief: 'List runs, newest first',
    fullDescription: [
      'List runs, newest first; of every cloud unless --cloud or $OSTLER_CLOUD names one.',
      '',
      'Examples:',
      '  ostler runs',
      '  ostler runs --node compute-12 --since 7d',
      '  ostler runs --outcome failed --json',
    ].join('\n'),
  },
});
