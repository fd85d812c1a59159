import { buildRouteMap } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { scheduleApplyCommand } from './schedule-apply.js';
import { scheduleBackfillCommand } from './schedule-backfill.js';
import { scheduleListCommand } from './schedule-list.js';
import { schedulePauseCommand, scheduleResumeCommand } from './schedule-pause.js';
import { scheduleRunCommand } from './schedule-run.js';

/** What is done by itself at its time. */
export const scheduleRoutes = buildRouteMap<string, OstlerContext>({
  routes: {
    apply: scheduleApplyCommand,
    list: scheduleListCommand,
    run: scheduleRunCommand,
    pause: schedulePauseCommand,
    resume: scheduleResumeCommand,
    backfill: scheduleBackfillCommand,
  },
  docs: {
    brief: 'Audits that begin by themselves',
    fullDescription: [
      'Audits that begin by themselves, at the times that `schedules:` of the inventory says. Temporal keeps them, and its UI shows',
      'them under Schedules. Only audits can be scheduled: a change needs a plan that somebody has agreed to.',
      '',
      'Examples:',
      '  ostler schedule apply --dry-run',
      '  ostler schedule apply --reason "OPS-12: an audit each night"',
      '  ostler schedule list --json',
    ].join('\n'),
  },
});
