import { buildCommand } from '@stricli/core';
import { type CommonFlags, commonFlags } from '../flags.js';
import { runArgument } from '../run-command.js';

export type ShowFlags = CommonFlags;

export const showCommand = buildCommand({
  loader: async () => (await import('./show.impl.js')).default,
  parameters: { flags: commonFlags, positional: { kind: 'tuple', parameters: [runArgument] } },
  docs: {
    brief: 'Show how a run stands, or what it came to',
    fullDescription: [
      'Show how a run stands, or what it came to: every host, who steered and why. It needs no worker: without one it',
      'shows what the run noted at its last barrier.',
      '',
      'Examples:',
      '  ostler show nova-compute',
      '  ostler show restart/prod/nova-compute@1a2b3c4d --json',
    ].join('\n'),
  },
});
