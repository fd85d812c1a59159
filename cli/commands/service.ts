import { buildRouteMap } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { serviceChangeCommand } from './service-change.js';
import { serviceRestartCommand } from './service-restart.js';
import { serviceStatusCommand } from './service-status.js';

/** What can be asked of services, and done to them. */
export const serviceRoutes = buildRouteMap<string, OstlerContext>({
  routes: {
    status: serviceStatusCommand,
    start: serviceChangeCommand('start'),
    stop: serviceChangeCommand('stop'),
    restart: serviceRestartCommand,
    enable: serviceChangeCommand('enable'),
    disable: serviceChangeCommand('disable'),
  },
  docs: {
    brief: 'Look at services, start, stop, restart, enable and disable them',
    fullDescription: [
      'Look at the services of a module, or of all, and start, stop, restart, enable or disable them: each change a durable operation, in the order',
      'in which services need each other, and in reverse to stop.',
      '',
      'Examples:',
      '  ostler service status all',
      '  ostler service status nova --on compute-1 --json',
      '  ostler service stop nova-compute --on compute-7 --reason "OPS-1: new disk"',
      '  ostler service start glance --on controller-2 --reason "OPS-2: back again"',
      '  ostler service disable neutron-metering-agent --reason "OPS-3: nobody uses it"',
    ].join('\n'),
  },
});
