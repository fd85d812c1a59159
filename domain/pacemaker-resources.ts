/**
 * What Pacemaker runs on the controllers of a legacy deployment (domain reference, B1), by the names that people use for it: the daemon, its
 * unit, and the resource.
 */
const resources: Record<string, readonly string[]> = {
  'clone_p_neutron-openvswitch-agent': ['neutron-openvswitch-agent'],
  'clone_p_neutron-l3-agent': ['neutron-l3-agent'],
  'clone_p_neutron-metadata-agent': ['neutron-metadata-agent'],
  'clone_p_neutron-lbaas-agent': ['neutron-lbaas-agent'],
  'p_neutron-dhcp-agent': ['neutron-dhcp-agent'],
  'clone_p_openstack-heat-engine': ['heat-engine', 'openstack-heat-engine'],
  'p_openstack-ceilometer-central': ['ceilometer-central', 'openstack-ceilometer-central'],
  'p_openstack-ceilometer-alarm-evaluator': ['ceilometer-alarm-evaluator', 'openstack-ceilometer-alarm-evaluator'],
  clone_p_mysql: ['mysql', 'mysqld', 'mariadb', 'galera'],
  'clone_p_rabbitmq-server': ['rabbitmq', 'rabbitmq-server'],
  clone_p_haproxy: ['haproxy'],
  vip__public: [],
  vip__management: [],
};

/** The resource that a name stands for, where it is one that Pacemaker runs. */
export function underPacemaker(text: string): string | undefined {
  const name = text.replace(/\.service$/, '');
  const bare = (resource: string): string => resource.replace(/^(?:clone|master)_/, '');
  return Object.entries(resources).find(
    ([resource, names]) => name === resource || name === bare(resource) || names.includes(name),
  )?.[0];
}
