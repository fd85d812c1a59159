import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type OutputFlags, outputFlags, type TemporalFlags, temporalFlags } from '../flags.js';

export interface SetupFlags extends TemporalFlags, OutputFlags {}

export const setupCommand = buildCommand<SetupFlags, [], OstlerContext>({
  docs: {
    brief: "Register Ostler's search attributes on a Temporal server",
    fullDescription: [
      'Register the search attributes by which runs are found (cloud, operation, actor, outcome, nodes), once for each',
      'namespace. Run again, it changes nothing. The server of `ostler dev` has them already.',
      '',
      'Examples:',
      '  ostler setup',
      '  ostler setup --address temporal.example.org:7233 --namespace ostler',
      '  ostler setup --profile prod',
    ].join('\n'),
  },
  parameters: { flags: { ...temporalFlags, ...outputFlags } },
  loader: async () => (await import('./setup.impl.js')).setup,
});
