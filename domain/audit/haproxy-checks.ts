import type { Check } from './check.js';

export const haproxyCheck = {
  id: 'haproxy',
  module: 'haproxy',
  scope: 'cloud',
  roles: ['controller'],
  title: 'HAProxy',
  means:
    'The statistics of every controller’s own HAProxy are read from its admin socket, and not only through the address, which shows one of them. All is well when every frontend is OPEN and every backend and every server is UP. The servers of one controller are one finding, with the backends they are missing in and the HAProxys that say so; servers of a backend that is down as a whole are told by that.',
  warns: 'a server is on its way up or down, or somebody has taken it out of service (MAINT, DRAIN, NOLB)',
  fails: 'a server or a backend is DOWN, a frontend is not OPEN, or a HAProxy does not run',
  thresholds: {},
  remedy:
    'A backend that is down has nobody left to serve it: begin there. Servers of one controller that are down together point at the controller, or at the network between it and the HAProxys that say so; one server alone points at its service. A server in MAINT was disabled by somebody, or by a failover that is still going on: `ostler runs` says which run has a controller in hand. Where only one HAProxy sees trouble, the trouble is on that controller. On a cloud in which Pacemaker runs HAProxy, restart the resource and never the unit.',
  source: 'domain reference, B3 and C14',
} as const satisfies Check;

export const haproxyChecks: readonly Check[] = [haproxyCheck];
