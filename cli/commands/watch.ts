import { buildCommand } from '@stricli/core';
import { type CommonFlags, commonFlags } from '../flags.js';
import { runArgument } from '../run-command.js';

export type WatchFlags = CommonFlags;

export const watchCommand = buildCommand({
  loader: async () => (await import('./watch.impl.js')).default,
  parameters: { flags: commonFlags, positional: { kind: 'tuple', parameters: [runArgument] } },
  docs: {
    brief: 'Watch a run until it ends',
    fullDescription: [
      'Watch a run until it ends, then print what it came to. Ctrl-C leaves the run alone.',
      'Without a terminal it leaves with 7 when the run waits for a person, and with 6 when it waits for a worker that is',
      'not there.',
      '',
      'Examples:',
      '  ostler watch nova-compute',
      '  ostler watch restart/prod/nova-compute@1a2b3c4d --json',
    ].join('\n'),
  },
});
