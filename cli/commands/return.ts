import { buildCommand, type FlagParametersForType } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, commonFlags } from '../flags.js';
import type { LaunchFlags } from '../runs/launch.js';
import { controllerArgument } from './failover.js';
import { launchFlags } from './launch-flags.js';

export interface ReturnFlags extends LaunchFlags, ActorFlags {}

const flags: FlagParametersForType<ReturnFlags, OstlerContext> = { ...launchFlags, ...actorFlags, ...commonFlags };

export const returnCommand = buildCommand({
  loader: async () => (await import('./return.impl.js')).returnNode,
  parameters: {
    flags,
    aliases: { y: 'yes' },
    positional: { kind: 'tuple', parameters: [controllerArgument] },
  },
  docs: {
    brief: 'Bring a controller back into service',
    fullDescription: [
      'Bring a controller back into service that `ostler failover` holds: out of standby, all its services back, its servers enabled in every',
      'HAProxy. Where no failover of it goes on any more, whatever one has left there is undone, and so is a standby by hand.',
      '',
      'Examples:',
      '  ostler return controller-2 --reason "OPS-7: done"',
      '  ostler return controller-2 --dry-run',
    ].join('\n'),
  },
});
