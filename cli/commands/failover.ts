import { buildCommand, type FlagParametersForType } from '@stricli/core';
import { forceable, type Gate } from '../../domain/failover.js';
import { isHostName } from '../../domain/names.js';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, commonFlags, duration, toggle, understood } from '../flags.js';
import type { LaunchFlags } from '../runs/launch.js';
import { launchFlags } from './launch-flags.js';

export interface FailoverFlags extends LaunchFlags, ActorFlags {
  readonly hold?: number;
  readonly untilReturned?: boolean;
  readonly holdLimit?: number;
  readonly vipsHome?: boolean;
  readonly dead?: boolean;
  readonly confirmOff?: boolean;
  readonly force?: readonly Gate[];
}

const flags: FlagParametersForType<FailoverFlags, OstlerContext> = {
  hold: duration('Keep it out of service for so long, then bring it back [not at all]'),
  untilReturned: toggle('Keep it out of service until `ostler return`'),
  holdLimit: duration('After so long ask whether it should still be out of service [24h]'),
  vipsHome: toggle('Afterwards draw the addresses back that it held'),
  dead: toggle('It died by itself: prove that, instead of emptying it, and wait to take it back'),
  confirmOff: toggle('You have seen yourself that it has no power (with --dead)'),
  force: {
    kind: 'enum',
    values: forceable,
    optional: true,
    variadic: true,
    brief: 'Go past this gate; the reason is kept with it',
  },
  ...launchFlags,
  ...actorFlags,
  ...commonFlags,
};

/** The name of a controller on the command line. */
export const controllerArgument = {
  parse: understood((text: string) => (isHostName(text) ? text : undefined), 'the name of a host'),
  brief: 'The controller, as ostler.yaml calls it',
  placeholder: 'NODE',
} as const;

export const failoverCommand = buildCommand({
  loader: async () => (await import('./failover.impl.js')).failover,
  parameters: {
    flags,
    aliases: { y: 'yes' },
    positional: { kind: 'tuple', parameters: [controllerArgument] },
  },
  docs: {
    brief: 'Take a controller out of service, and bring it back',
    fullDescription: [
      'Take a controller out of service and bring it back: its servers are drained in every HAProxy, Pacemaker moves everything off it,',
      'and the others are proven to hold it all. Whatever was changed is undone, at the end or when anything goes wrong.',
      '',
      'Examples:',
      '  ostler failover controller-2 --dry-run',
      '  ostler failover controller-2 --until-returned --reason "OPS-7: new memory"',
      '  ostler failover controller-2 --hold 2h --vips-home --reason "OPS-7: firmware"',
      '  ostler failover controller-2 --dead --confirm-off --reason "OPS-8: its power supply burnt"',
    ].join('\n'),
  },
});
