import { buildCommand, type Command } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, type CommonFlags, commonFlags } from '../flags.js';
import { scheduleArgument } from './schedule-name.js';

export interface SchedulePauseFlags extends CommonFlags, ActorFlags {}

const command = (paused: boolean, brief: string, description: readonly string[]): Command<OstlerContext> =>
  buildCommand<SchedulePauseFlags, [name: string], OstlerContext>({
    docs: { brief, fullDescription: description.join('\n') },
    parameters: {
      positional: { kind: 'tuple', parameters: [scheduleArgument] },
      flags: { ...actorFlags, ...commonFlags },
    },
    loader: async () => (await import('./schedule-pause.impl.js')).pausing(paused),
  });

export const schedulePauseCommand = command(true, 'Let a schedule begin nothing until it is resumed', [
  'Let a schedule begin nothing by itself until it is resumed. `ostler schedule apply` leaves it paused. What goes on already goes on.',
  '',
  'Example:',
  '  ostler schedule pause nightly --reason "OPS-13: storage is being moved"',
]);

export const scheduleResumeCommand = command(false, 'Let a paused schedule go on', [
  'Let a paused schedule go on at its next time. What it would have begun meanwhile is not made up for: see `ostler schedule backfill`.',
  '',
  'Example:',
  '  ostler schedule resume nightly --reason "OPS-13: done"',
]);
