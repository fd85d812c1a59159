import type { Check } from './check.js';

export const pacemakerCheck = {
  id: 'pacemaker',
  module: 'pacemaker',
  scope: 'cloud',
  roles: ['controller'],
  title: 'Pacemaker',
  means:
    'Every controller is asked how it sees the cluster, at the same time, by one read as `ostler cluster status` makes it. All is well when they agree, have quorum, none is offline, in standby or joining, every resource runs where it should, all are managed, no failure is counted against one, and no constraint is left of a move or a ban. A controller that is off is what the others say of it.',
  warns:
    'a controller is in standby or joining, a failure is still counted against a resource that runs again, a resource is unmanaged, or a constraint whose id begins with cli- is left. Pacemaker does not say since when a resource is unmanaged or a controller in standby, so it is told at once; since when audits have seen it stands beside the finding',
  fails:
    'the controllers disagree (split), there is no quorum, the cluster is in maintenance mode, a controller is offline or unclean, or a resource does not run, has failed, is blocked, or runs more than once',
  thresholds: {},
  remedy:
    'Begin with quorum and with controllers that disagree, and change nothing in the cluster before both are mended: without fencing a minority may run everything a second time. A resource that stands still names its failures and constraints; `pcs resource cleanup` after the cause is mended makes Pacemaker try again. Standby, maintenance and unmanaged are somebody’s work: ask before you take them back. A cli- constraint keeps the next failover from working; `pcs resource clear` takes only these away, and no other location constraint may go; that of a service which somebody stopped on a controller goes with `ostler service start`.',
  source: 'domain reference, B2, C14 and D 1 to D 5',
} as const satisfies Check;

export const pacemakerChecks: readonly Check[] = [pacemakerCheck];
