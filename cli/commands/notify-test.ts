import { buildCommand } from '@stricli/core';
import { isWord } from '../../domain/names.js';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags, understood } from '../flags.js';

export const notifyTestCommand = buildCommand<CommonFlags, [channel?: string], OstlerContext>({
  docs: {
    brief: 'Send a test message to one channel or to all',
    fullDescription: [
      'Send a test message to one channel of notify in ostler.yaml or to all, and say what became of it. The worker of the cloud sends it, as it',
      'is the one that has the secrets; quiet hours and severities do not count. It is sent once.',
      'Ends with 0 when all were delivered, 1 when one was not.',
      '',
      'Examples:',
      '  ostler notify test',
      '  ostler notify test on-call --cloud prod',
      "  ostler notify test --json | jq '.channels[] | select(.isDelivered | not)'",
    ].join('\n'),
  },
  parameters: {
    flags: commonFlags,
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: understood((text: string) => (isWord(text) ? text : undefined), 'the name of a channel'),
          brief: 'The channel; every channel without it',
          placeholder: 'CHANNEL',
          optional: true,
        },
      ],
    },
  },
  loader: async () => (await import('./notify-test.impl.js')).notifyTest,
});
