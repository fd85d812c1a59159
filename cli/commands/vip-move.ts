import { buildCommand, type FlagParametersForType } from '@stricli/core';
import { isHostName, isWord } from '../../domain/names.js';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, commonFlags, understood } from '../flags.js';
import type { LaunchFlags } from '../runs/launch.js';
import { launchFlags } from './launch-flags.js';

export interface VipMoveFlags extends LaunchFlags, ActorFlags {
  readonly to: string;
}

const flags: FlagParametersForType<VipMoveFlags, OstlerContext> = {
  to: {
    kind: 'parsed',
    parse: understood((text: string) => (isHostName(text) ? text : undefined), 'the name of a host'),
    brief: 'The controller it goes to',
    placeholder: 'NODE',
  },
  ...launchFlags,
  ...actorFlags,
  ...commonFlags,
};

export const vipMoveCommand = buildCommand({
  loader: async () => (await import('./vip-move.impl.js')).vipMove,
  parameters: {
    flags,
    aliases: { y: 'yes' },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: understood((text: string) => (isWord(text) ? text : undefined), 'the name of a resource'),
          brief: 'The address, as Pacemaker calls its resource',
          placeholder: 'VIP',
        },
      ],
    },
  },
  docs: {
    brief: 'Move an address to another controller',
    fullDescription: [
      'Move an address to another controller, measure for how long it did not answer, and leave no constraint behind.',
      '',
      'Examples:',
      '  ostler vip move vip__public --to controller-3 --reason "OPS-9: its switch is replaced"',
      '  ostler vip move vip__management --to controller-1 --dry-run',
    ].join('\n'),
  },
});
