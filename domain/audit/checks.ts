import { cephChecks } from './ceph-checks.js';
import type { Check } from './check.js';
import { eqlxChecks } from './eqlx-checks.js';
import { fuelChecks } from './fuel-checks.js';
import { galeraChecks } from './galera-checks.js';
import { haproxyChecks } from './haproxy-checks.js';
import { hostChecks } from './host-checks.js';
import { mongodbChecks } from './mongodb-checks.js';
import { openStackChecks } from './openstack-checks.js';
import { pacemakerChecks } from './pacemaker-checks.js';
import { rabbitmqChecks } from './rabbitmq-checks.js';
import { REACHABLE } from './report.js';
import { serviceChecks } from './service-checks.js';

/** Whether a host can be asked at all: what the audit itself finds out by asking. */
const reachable: Check = {
  id: REACHABLE,
  module: 'host',
  scope: 'node',
  roles: ['controller', 'compute', 'mongo', 'ceph-osd', 'fuel'],
  title: 'reachable',
  means:
    'The worker logs in to every host over SSH, the way ostler.yaml says, and runs the one script that reads it. A host where that does not work tells nothing about itself, so nothing that was found on it before counts as mended.',
  fails: 'the host cannot be logged in to, its host key is not the known one, or the script does not come to its end',
  thresholds: {},
  remedy:
    'The finding says what SSH said. `ostler check --on NODE` goes through name, route, host key, login and sudo one by one. A host that is off, or hangs, wants its console; while it is out of reach, the checks of the cloud tell what the cloud has lost with it.',
  source: 'domain reference, C14: an unreachable node is a finding of its own',
};

/** Every check there is, by id: of the hosts, of what runs on each of them, and of the systems in the order in which they start. */
export const checks: ReadonlyMap<string, Check> = new Map(
  [
    reachable,
    ...hostChecks,
    ...serviceChecks,
    ...fuelChecks,
    ...pacemakerChecks,
    ...galeraChecks,
    ...rabbitmqChecks,
    ...haproxyChecks,
    ...cephChecks,
    ...eqlxChecks,
    ...mongodbChecks,
    ...openStackChecks,
  ].map((check) => [check.id, check]),
);

/** The checks that a name stands for: those of a module, or the one of that id; none where it is unknown. */
export const checksCalled = (name: string): Check[] =>
  [...checks.values()].filter(({ id, module }) => id === name || module === name);
