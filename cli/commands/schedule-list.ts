import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags } from '../flags.js';

export const scheduleListCommand = buildCommand<CommonFlags, [], OstlerContext>({
  docs: {
    brief: 'What begins when, and how the last went',
    fullDescription: [
      'List the schedules of a cloud as Temporal has them: the next times by the clock of the schedule, the last run, and what did not',
      'begin because Temporal was down for too long or the one before still went on.',
      '',
      'Examples:',
      '  ostler schedule list',
      '  ostler schedule list --cloud prod --json',
    ].join('\n'),
  },
  parameters: { flags: commonFlags },
  loader: async () => (await import('./schedule-list.impl.js')).listOfSchedules,
});
