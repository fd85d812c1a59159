import { buildRouteMap } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { vipMoveCommand } from './vip-move.js';

/** What can be done with an address of the cloud. */
export const vipRoutes = buildRouteMap<'move', OstlerContext>({
  routes: { move: vipMoveCommand },
  docs: {
    brief: 'Move an address of the cloud',
    fullDescription: [
      'Move an address of the cloud from one controller to another.',
      '',
      'Examples:',
      '  ostler vip move vip__public --to controller-3 --reason "OPS-9: its switch is replaced"',
      '  ostler vip move vip__public --to controller-3 --dry-run --json',
    ].join('\n'),
  },
});
