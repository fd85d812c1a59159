import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, type CommonFlags, commonFlags, toggle, yesFlag } from '../flags.js';

export interface ScheduleApplyFlags extends CommonFlags, ActorFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export const scheduleApplyCommand = buildCommand<ScheduleApplyFlags, [], OstlerContext>({
  docs: {
    brief: 'Make the schedules what the inventory says',
    fullDescription: [
      'Make the schedules what `schedules:` of the inventory says: shows what differs, asks, then creates, changes and deletes. Only what',
      'this command has made is changed or deleted. What a person or a failure has paused stays paused.',
      '',
      'Examples:',
      '  ostler schedule apply --dry-run',
      '  ostler schedule apply --reason "OPS-12: an audit each night"',
      '  ostler schedule apply --yes --reason "deployed" --json',
    ].join('\n'),
  },
  parameters: {
    flags: { yes: yesFlag, dryRun: toggle('Print what differs and stop'), ...actorFlags, ...commonFlags },
    aliases: { y: 'yes' },
  },
  loader: async () => (await import('./schedule-apply.impl.js')).applySchedules,
});
