import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const completionCommand = buildCommand<NonNullable<unknown>, [shell: Shell], OstlerContext>({
  docs: {
    brief: 'Print the script that completes ostler in your shell',
    fullDescription: [
      'Print a script that makes your shell complete commands and flags.',
      '',
      'Examples:',
      '  echo \'eval "$(ostler completion bash)"\' >> ~/.bashrc',
      '  echo \'eval "$(ostler completion zsh)"\' >> ~/.zshrc          after compinit',
      '  ostler completion fish > ~/.config/fish/completions/ostler.fish',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: (text) => {
            const shell = shells.find((known) => known === text);
            if (!shell) throw new SyntaxError(`must be one of ${shells.join(', ')}`);
            return shell;
          },
          brief: 'Your shell: bash, zsh or fish',
          placeholder: 'SHELL',
          proposeCompletions: () => shells,
        },
      ],
    },
  },
  loader: async () => (await import('./completion.impl.js')).completion,
});
