import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, type CommonFlags, commonFlags, yesFlag } from '../flags.js';

export interface UnlockFlags extends CommonFlags, ActorFlags {
  readonly yes?: boolean;
}

export const unlockCommand = buildCommand<UnlockFlags, [owner: string], OstlerContext>({
  docs: {
    brief: 'Give back the leases of a run that left them behind',
    fullDescription: [
      'Give back every lease of an owner by hand. The keeper does so by itself when the owner has ended; this is for the',
      'day it does not. The run, if it still goes on, stops before its next host and waits for a person: `ostler resume`',
      'lets it ask for a lease again.',
      '',
      'Examples:',
      '  ostler unlock restart/prod/nova-compute --reason "OPS-7: terminated by hand, hosts looked at"',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, brief: 'The owner, as `ostler locks` lists it', placeholder: 'OWNER' }],
    },
    flags: { ...actorFlags, yes: yesFlag, ...commonFlags },
  },
  loader: async () => (await import('./unlock.impl.js')).unlock,
});
