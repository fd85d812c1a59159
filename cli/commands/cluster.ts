import { buildRouteMap } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { clusterStatusCommand } from './cluster-status.js';

/** What can be asked of the controllers' cluster. */
export const clusterRoutes = buildRouteMap<'status', OstlerContext>({
  routes: { status: clusterStatusCommand },
  docs: {
    brief: 'Look at the cluster of the controllers',
    fullDescription: [
      'Look at the cluster of the controllers, as Pacemaker holds it together.',
      '',
      'Examples:',
      '  ostler cluster status',
      '  ostler cluster status --json',
    ].join('\n'),
  },
});
