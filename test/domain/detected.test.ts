import { expect, it } from 'vitest';
import { detectedNodes } from '../../domain/detected.js';
import type { ServiceStatus } from '../../domain/service-status.js';

const service = (node: string, id: string, name: string, more: Partial<ServiceStatus> = {}): ServiceStatus => ({
  module: id.split('-')[0] as string,
  service: id,
  node,
  manager: 'systemd',
  name,
  state: 'healthy',
  severity: 'ok',
  ...more,
});

it('says whose unit names a node has, by those that only one distribution uses', () => {
  const found = detectedNodes(
    [{ name: 'c1' }, { name: 'c2' }, { name: 'c3' }],
    [
      service('c1', 'glance-api', 'openstack-glance-api.service'),
      service('c1', 'memcached', 'memcached.service'),
      service('c2', 'glance-api', 'kolla-glance_api-container.service'),
      service('c3', 'memcached', 'memcached.service'),
    ],
  );
  expect(found.map(({ node, distribution }) => [node, distribution])).toEqual([
    ['c1', 'rdo'],
    ['c2', 'kolla'],
    ['c3', undefined],
  ]);
});

it('lists what is installed and who runs it, and not what is not', () => {
  const mysql = service('c1', 'mysql', 'clone_p_mysql', { manager: 'pacemaker' });
  const { name: _, ...none } = service('c1', 'heat-api', '', { state: 'not installed' });
  expect(detectedNodes([{ name: 'c1' }], [mysql, none])).toEqual([
    { node: 'c1', services: [{ module: 'mysql', service: 'mysql', manager: 'pacemaker', name: 'clone_p_mysql' }] },
  ]);
});

it('says why nothing is known of a node', () => {
  const { name: _, ...silent } = service('c1', 'mysql', '', {
    state: 'unknown',
    severity: 'error',
    why: 'c1 is silent',
  });
  expect(detectedNodes([{ name: 'c1' }], [silent])).toEqual([{ node: 'c1', services: [], unknown: 'c1 is silent' }]);
});
