import { buildCommand } from '@stricli/core';
import { isWord } from '../../domain/names.js';
import type { OstlerContext } from '../context.js';
import { type OutputFlags, outputFlags, parsed } from '../flags.js';

export interface InitFlags extends OutputFlags {
  readonly cloud?: string;
}

export const initCommand = buildCommand<InitFlags, [], OstlerContext>({
  docs: {
    brief: 'Write an inventory to start from',
    fullDescription: [
      'Write ostler.yaml, the description of one cloud, into this folder. A file that is there already is never touched.',
      '',
      'Examples:',
      '  ostler init',
      '  ostler init --cloud prod',
    ].join('\n'),
  },
  parameters: {
    flags: {
      cloud: parsed(
        'Name of the cloud; it becomes part of run ids [$OSTLER_CLOUD, prod]',
        'NAME',
        (text) => (isWord(text) ? text : undefined),
        'a word of letters, digits, dots, hyphens and underscores',
      ),
      ...outputFlags,
    },
  },
  loader: async () => (await import('./init.impl.js')).init,
});
