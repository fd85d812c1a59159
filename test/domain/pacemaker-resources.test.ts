import { expect, it } from 'vitest';
import { catalogue } from '../../domain/catalogue.js';
import { underPacemaker } from '../../domain/pacemaker-resources.js';

it.each([
  ['clone_p_mysql', 'clone_p_mysql'],
  ['p_mysql', 'clone_p_mysql'],
  ['mysqld', 'clone_p_mysql'],
  ['mariadb.service', 'clone_p_mysql'],
  ['rabbitmq-server.service', 'clone_p_rabbitmq-server'],
  ['haproxy', 'clone_p_haproxy'],
  ['neutron-l3-agent.service', 'clone_p_neutron-l3-agent'],
  ['p_neutron-dhcp-agent', 'p_neutron-dhcp-agent'],
  ['neutron-dhcp-agent', 'p_neutron-dhcp-agent'],
  ['openstack-heat-engine', 'clone_p_openstack-heat-engine'],
  ['vip__public', 'vip__public'],
])('%s is what Pacemaker runs as %s', (name, resource) => {
  expect(underPacemaker(name)).toBe(resource);
});

it.each(['', '.service', 'mysql2', 'p_', 'clone_', 'MYSQL', 'vip', 'nova-compute', 'toString', 'constructor'])(
  '%j is nothing that it runs',
  (name) => {
    expect(underPacemaker(name)).toBe(undefined);
  },
);

it('knows nobody whom the catalogue restarts on a controller by itself', () => {
  const ids = [...catalogue.values()].filter(({ role }) => role === 'controller').map(({ id }) => id);
  expect(ids.filter((id) => underPacemaker(id) !== undefined)).toEqual([]);
});
