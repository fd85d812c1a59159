import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags } from '../flags.js';
import { scheduleArgument } from './schedule-name.js';

export const scheduleRunCommand = buildCommand<CommonFlags, [name: string], OstlerContext>({
  docs: {
    brief: 'Begin now what a schedule begins at its time',
    fullDescription: [
      'Begin now what a schedule begins at its time, also while it is paused. Its times stay as they are.',
      '',
      'Example:',
      '  ostler schedule run nightly',
    ].join('\n'),
  },
  parameters: { positional: { kind: 'tuple', parameters: [scheduleArgument] }, flags: commonFlags },
  loader: async () => (await import('./schedule-run.impl.js')).runSchedule,
});
