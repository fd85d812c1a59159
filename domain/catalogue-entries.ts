import type { CatalogueEntry } from './catalogue.js';
import type { Distribution, Role } from './inventory.js';

/** systemd's default TimeoutStopSec is 90 s, and a service may use all of it to finish what it is doing. */
const START_DEADLINE_MS = 180_000;

/** Twice what a service of OpenStack may be silent before it is called down (service_down_time is 60 s). */
const VERIFY_DEADLINE_MS = 120_000;

/** Names as the domain reference has them (B1): of units without `.service`, and of Kolla's containers. */
type Names = Partial<Record<Distribution, readonly string[]>>;

/** What one entry says beside its names; what it does not say is usual. */
type Details = Partial<Omit<CatalogueEntry, 'id' | 'module' | 'roles' | 'units'>>;

const unit = (name: string): string => (/\.(?:service|target)$/.test(name) ? name : `${name}.service`);

const entry = (
  module: string,
  id: string,
  roles: CatalogueEntry['roles'],
  { rdo = [], debian = [], kolla = [] }: Names,
  details: Details = {},
): CatalogueEntry => ({
  id,
  module,
  roles,
  units: {
    rdo: rdo.map(unit),
    debian: debian.map(unit),
    kolla: kolla.map((container) => unit(`kolla-${container}-container`)),
  },
  needs: [],
  startDeadlineMs: START_DEADLINE_MS,
  verifyDeadlineMs: VERIFY_DEADLINE_MS,
  ...details,
});

const controller = ['controller'] as const;
const compute = ['compute'] as const;
const both = ['controller', 'compute'] as const;
const everyHost = ['controller', 'compute', 'mongo', 'ceph-osd', 'fuel'] as const satisfies readonly Role[];

/** A service of OpenStack, whose unit RDO calls `openstack-NAME`, Debian `NAME`, and whose container Kolla calls `name`. */
const openstack = (
  module: string,
  id: string,
  roles: CatalogueEntry['roles'] = controller,
  details: Details = {},
): CatalogueEntry =>
  entry(module, id, roles, { rdo: [`openstack-${id}`], debian: [id], kolla: [id.replaceAll('-', '_')] }, details);

/** One that was dropped before Kolla was. */
const dropped = (module: string, id: string): CatalogueEntry =>
  entry(module, id, controller, { rdo: [`openstack-${id}`], debian: [id] });

const CLUSTER_STACK =
  'Pacemaker would stop or move everything on the controller: `ostler failover NODE` takes one out of service first, `ostler restart controllers` reboots them all in turn';

/**
 * Every unit of the modules of a cloud, in the order in which they start (domain reference, B1 and B9): what comes later may need what comes
 * before, and is stopped first.
 */
export const entries: readonly CatalogueEntry[] = [
  entry('ntp', 'ntp', everyHost, {
    rdo: ['chronyd', 'ntpd'],
    debian: ['chrony', 'ntpsec', 'ntp', 'systemd-timesyncd'],
    kolla: ['chrony'],
  }),
  entry('pacemaker', 'corosync', controller, same('corosync', ['hacluster_corosync']), { never: CLUSTER_STACK }),
  entry('pacemaker', 'pacemaker', controller, same('pacemaker', ['hacluster_pacemaker']), { never: CLUSTER_STACK }),
  entry('pacemaker', 'pcsd', controller, same('pcsd')),
  entry(
    'mysql',
    'mysql',
    controller,
    { rdo: ['mariadb', 'mysqld'], debian: ['mariadb', 'mysql'], kolla: ['mariadb'] },
    // The deadline of its start under Pacemaker; a state transfer may take longer, and is waited for (domain reference, B2 and C5).
    { resource: 'clone_p_mysql', inTurn: true, startDeadlineMs: 600_000 },
  ),
  entry('rabbitmq', 'rabbitmq', controller, same('rabbitmq-server', ['rabbitmq']), {
    resource: 'clone_p_rabbitmq-server',
    inTurn: true,
    startDeadlineMs: 420_000,
  }),
  entry('memcached', 'memcached', controller, same('memcached', ['memcached'])),
  entry('haproxy', 'haproxy', controller, same('haproxy', ['haproxy']), { resource: 'clone_p_haproxy', inTurn: true }),
  entry('haproxy', 'keepalived', controller, same('keepalived', ['keepalived']), { inTurn: true }),
  entry(
    'ceph',
    'ceph-mon',
    controller,
    { rdo: ['ceph-mon.target'], debian: ['ceph-mon.target'] },
    // An election takes seconds, and a monitor that was away for long catches up first.
    {
      turns: { by: 'ceph', between: 'the next when every monitor is in quorum; the leader last' },
      inTurn: true,
      verifyDeadlineMs: 600_000,
    },
  ),
  entry(
    'ceph',
    'ceph-osd',
    ['ceph-osd'],
    { rdo: ['ceph-osd.target'], debian: ['ceph-osd.target'] },
    // Ten minutes for its OSDs to come up, and as long again for what was written meanwhile (domain reference, C9).
    {
      turns: {
        by: 'ceph',
        between: 'each host under noout of its own; the next when all is active+clean',
        putsBack: true,
      },
      inTurn: true,
      startDeadlineMs: 600_000,
      verifyDeadlineMs: 1_200_000,
    },
  ),
  entry(
    'mongodb',
    'mongod',
    ['mongo'],
    { rdo: ['mongod'], debian: ['mongod', 'mongodb'] },
    // One that recovers its journal, or catches up with what was written meanwhile, takes minutes.
    {
      turns: {
        by: 'mongodb',
        between: 'the next when all members are in order; the primary last, after it has stepped down',
      },
      startDeadlineMs: 600_000,
      verifyDeadlineMs: 600_000,
    },
  ),
  entry('keystone', 'keystone', controller, {
    rdo: ['openstack-keystone', 'httpd'],
    debian: ['keystone', 'apache2'],
    kolla: ['keystone', 'keystone_httpd'],
  }),
  entry('keystone', 'keystone-fernet', controller, { kolla: ['keystone_fernet'] }),
  entry('keystone', 'keystone-ssh', controller, { kolla: ['keystone_ssh'] }),
  openstack('glance', 'glance-api'),
  dropped('glance', 'glance-registry'),
  entry('cinder', 'cinder-api', controller, {
    rdo: ['openstack-cinder-api', 'httpd'],
    debian: ['cinder-api', 'apache2'],
    kolla: ['cinder_api'],
  }),
  openstack('cinder', 'cinder-scheduler'),
  openstack('cinder', 'cinder-volume'),
  // Each of its sessions is one that cinder-volume cannot have (domain reference, C11 and D16).
  openstack('cinder', 'cinder-backup', controller, { onDemand: true }),
  entry('neutron', 'openvswitch-db', both, { kolla: ['openvswitch_db'] }),
  entry('neutron', 'openvswitch', both, {
    rdo: ['openvswitch'],
    debian: ['openvswitch-switch'],
    kolla: ['openvswitch_vswitchd'],
  }),
  entry('neutron', 'neutron-ovs-cleanup', both, same('neutron-ovs-cleanup'), {
    never: 'it takes the ports of running guests and routers out of the bridges; it is for the start of a host alone',
  }),
  entry('neutron', 'neutron-server', controller, {
    rdo: ['neutron-server'],
    debian: ['neutron-server', 'neutron-api'],
    kolla: ['neutron_server'],
  }),
  entry('neutron', 'neutron-rpc-server', controller, { debian: ['neutron-rpc-server'], kolla: ['neutron_rpc_server'] }),
  entry('neutron', 'neutron-openvswitch-agent', both, agent('neutron-openvswitch-agent'), {
    resource: 'clone_p_neutron-openvswitch-agent',
    needs: ['openvswitch'],
  }),
  entry('neutron', 'neutron-dhcp-agent', controller, agent('neutron-dhcp-agent'), {
    resource: 'p_neutron-dhcp-agent',
    needs: ['neutron-openvswitch-agent'],
  }),
  entry('neutron', 'neutron-l3-agent', controller, agent('neutron-l3-agent'), {
    resource: 'clone_p_neutron-l3-agent',
    needs: ['neutron-openvswitch-agent'],
  }),
  entry('neutron', 'neutron-metadata-agent', controller, agent('neutron-metadata-agent'), {
    resource: 'clone_p_neutron-metadata-agent',
  }),
  entry('neutron', 'neutron-lbaas-agent', controller, same('neutron-lbaas-agent'), {
    resource: 'clone_p_neutron-lbaas-agent',
  }),
  entry('neutron', 'neutron-qos-agent', controller, { rdo: ['neutron-qos-agent'] }),
  entry('neutron', 'neutron-metering-agent', controller, agent('neutron-metering-agent')),
  entry('neutron', 'ovn-controller', both, {
    rdo: ['ovn-controller'],
    debian: ['ovn-controller'],
    kolla: ['ovn_controller'],
  }),
  entry('neutron', 'neutron-ovn-metadata-agent', compute, agent('neutron-ovn-metadata-agent')),
  entry('placement', 'placement', controller, {
    rdo: ['openstack-placement-api', 'httpd'],
    debian: ['placement-api', 'apache2'],
    kolla: ['placement_api'],
  }),
  openstack('nova', 'nova-conductor'),
  entry('nova', 'nova-super-conductor', controller, { kolla: ['nova_super_conductor'] }),
  openstack('nova', 'nova-api'),
  entry('nova', 'nova-metadata', controller, {
    rdo: ['openstack-nova-metadata-api'],
    debian: ['nova-api-metadata'],
    kolla: ['nova_metadata'],
  }),
  openstack('nova', 'nova-scheduler'),
  dropped('nova', 'nova-cert'),
  dropped('nova', 'nova-consoleauth'),
  openstack('nova', 'nova-novncproxy'),
  dropped('nova', 'nova-objectstore'),
  entry('nova', 'nova-ssh', compute, { kolla: ['nova_ssh'] }),
  entry(
    'nova',
    'libvirtd',
    compute,
    {
      rdo: ['libvirtd', 'virtqemud'],
      debian: ['libvirtd', 'virtqemud'],
      kolla: ['nova_libvirt'],
    },
    // On legacy releases nova-compute does not connect to another libvirtd by itself (domain reference, C2 and D 11).
    { everywhere: true, startDeadlineMs: 120_000, brings: ['nova-compute'] },
  ),
  openstack('nova', 'nova-compute', compute, { everywhere: true, needs: ['libvirtd'], computeService: 'nova-compute' }),
  openstack('heat', 'heat-api'),
  openstack('heat', 'heat-api-cfn'),
  dropped('heat', 'heat-api-cloudwatch'),
  openstack('heat', 'heat-engine', controller, { resource: 'clone_p_openstack-heat-engine' }),
  entry('ceilometer', 'ceilometer-api', controller, {
    rdo: ['openstack-ceilometer-api', 'httpd'],
    debian: ['ceilometer-api'],
  }),
  dropped('ceilometer', 'ceilometer-collector'),
  entry('ceilometer', 'ceilometer-notification', controller, ceilometer('notification')),
  entry('ceilometer', 'ceilometer-central', controller, ceilometer('central'), {
    resource: 'p_openstack-ceilometer-central',
  }),
  entry('ceilometer', 'ceilometer-alarm-evaluator', controller, ceilometer('alarm-evaluator', 'aodh_evaluator'), {
    resource: 'p_openstack-ceilometer-alarm-evaluator',
  }),
  entry('ceilometer', 'ceilometer-alarm-notifier', controller, ceilometer('alarm-notifier', 'aodh_notifier')),
  entry('ceilometer', 'aodh-api', controller, { kolla: ['aodh_api'] }),
  entry('ceilometer', 'aodh-listener', controller, { kolla: ['aodh_listener'] }),
  entry('ceilometer', 'gnocchi-api', controller, { kolla: ['gnocchi_api'] }),
  entry('ceilometer', 'gnocchi-metricd', controller, { kolla: ['gnocchi_metricd'] }),
  entry('ceilometer', 'ceilometer-compute', compute, ceilometer('compute')),
  entry('horizon', 'horizon', controller, { rdo: ['httpd'], debian: ['apache2'], kolla: ['horizon'] }),
];

/** One whose unit has the same name on RDO and Debian. */
function same(name: string, kolla: readonly string[] = []): Names {
  return { rdo: [name], debian: [name], kolla };
}

/** An agent of Neutron, whose container is called like its unit. */
function agent(name: string): Names {
  return same(name, [name.replaceAll('-', '_')]);
}

/** A part of Ceilometer; those about alarms live on as Aodh. */
function ceilometer(part: string, container = `ceilometer_${part}`): Names {
  return {
    rdo: [`openstack-ceilometer-${part}`],
    debian: [`ceilometer-${part}`, `ceilometer-agent-${part}`],
    kolla: [container],
  };
}
