import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags } from '../flags.js';

export const clusterStatusCommand = buildCommand<CommonFlags, [], OstlerContext>({
  docs: {
    brief: 'Is the cluster healthy, as every controller sees it?',
    fullDescription: [
      'Ask every controller how it sees the cluster: nodes, quorum, resources, addresses that move, failures, and what was left',
      'behind by hand, such as a standby or the constraint of a move. Trouble comes first, with what to do about it. Changes nothing.',
      'Ends with 0 when all is well, 3 for warnings, 4 for errors; a controller that does not answer is an error.',
      '',
      'Examples:',
      '  ostler cluster status',
      '  ostler cluster status --cloud prod',
      "  ostler cluster status --json | jq '.findings[].what'",
    ].join('\n'),
  },
  parameters: { flags: commonFlags },
  loader: async () => (await import('./cluster-status.impl.js')).clusterStatus,
});
