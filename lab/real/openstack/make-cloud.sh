# Run by sh -eu inside an image, as the last step of its build: configures OpenStack for one controller called controller-1
# and any number of computes, and fills its databases, so that hosts only have to start what they are to have.
# Nothing here knows an address: hosts find the controller by name, and the catalogue is written when addresses are known.
# No service is enabled. $password, set above, is everybody's.

# Horizon's package renders its stylesheets with a program, where it may: that takes a minute, fails now and then, and nobody looks at them here.
dpkg-statoverride --add root root 0644 /usr/share/openstack-dashboard/manage.py
apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-unsafe-io openstack-dashboard-apache
apt-get clean

units='mariadb rabbitmq-server epmd.socket epmd memcached keystone glance-api placement-api
  nova-api nova-api-metadata nova-conductor nova-scheduler nova-compute cinder-api cinder-scheduler cinder-volume
  neutron-api neutron-rpc-server neutron-linuxbridge-agent neutron-l3-agent neutron-dhcp-agent neutron-metadata-agent
  heat-api heat-engine apache2 haproxy keepalived tgt open-iscsi iscsid'
for unit in $units; do
  ! systemctl cat "$unit" >/dev/null 2>&1 || systemctl disable -q "$unit"
done

# Where all start at once on a busy machine, some take longer than systemd waits for most.
mkdir -p /etc/systemd/system.conf.d
printf '[Manager]\nDefaultTimeoutStartSec=300s\n' >/etc/systemd/system.conf.d/lab.conf

database() { echo "connection = mysql+pymysql://$1:$password@localhost/$2?unix_socket=/run/mysqld/mysqld.sock"; }
as_admin() {
  cat <<CONF
auth_type = password
auth_url = http://controller-1:5000/v3
username = admin
password = $password
project_name = admin
user_domain_name = Default
project_domain_name = Default
region_name = RegionOne
CONF
}

cat >/etc/keystone/keystone.conf <<CONF
[DEFAULT]
log_dir = /var/log/keystone
[database]
$(database keystone keystone)
[catalog]
driver = templated
template_file = /etc/keystone/default_catalog.templates
CONF

cat >/etc/placement/placement.conf <<CONF
[placement_database]
$(database placement placement)
[keystone_authtoken]
$(as_admin)
CONF

# Here and below: reports every 3 s, instead of 10 or 30, keep tests short; who is silent for eight of them is down, and not who waits for a busy machine.
cat >/etc/nova/nova.conf <<CONF
[DEFAULT]
transport_url = rabbit://openstack:$password@controller-1:5672/
compute_driver = fake.FakeDriver
state_path = /var/lib/nova
report_interval = 3
service_down_time = 24
[keystone_authtoken]
$(as_admin)
[placement]
$(as_admin)
[service_user]
$(as_admin)
[neutron]
$(as_admin)
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 5
[vnc]
enabled = false
[oslo_concurrency]
lock_path = /run/lock/nova
CONF
rm -f /etc/nova/nova-compute.conf

# Apart, since it must not be on computes: nova-compute would wait a minute for every database it is told of.
mkdir -p /etc/nova/nova.conf.d
cat >/etc/nova/nova.conf.d/database.conf <<CONF
[database]
$(database nova nova)
[api_database]
$(database nova nova_api)
CONF

cat >/etc/glance/glance-api.conf <<CONF
[database]
$(database glance glance)
[keystone_authtoken]
$(as_admin)
[paste_deploy]
flavor = keystone
[glance_store]
stores = file
default_store = file
filesystem_store_datadir = /var/lib/glance/images
CONF

# The driver does nothing, and says so in its log.
cat >/etc/cinder/cinder.conf <<CONF
[DEFAULT]
transport_url = rabbit://openstack:$password@controller-1:5672/
auth_strategy = keystone
state_path = /var/lib/cinder
enabled_backends = fake
report_interval = 3
service_down_time = 24
[fake]
volume_backend_name = fake
volume_driver = cinder.tests.fake_driver.FakeLoggingVolumeDriver
[database]
$(database cinder cinder)
[keystone_authtoken]
$(as_admin)
[oslo_concurrency]
lock_path = /run/lock/cinder
CONF

# Routers and networks of one host: bridges of Linux, without any wire between hosts.
cat >/etc/neutron/neutron.conf <<CONF
[DEFAULT]
transport_url = rabbit://openstack:$password@controller-1:5672/
core_plugin = ml2
service_plugins = router
interface_driver = linuxbridge
state_path = /var/lib/neutron
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
rpc_workers = 1
agent_down_time = 24
[agent]
report_interval = 3
root_helper = sudo neutron-rootwrap /etc/neutron/rootwrap.conf
[experimental]
linuxbridge = true
[database]
$(database neutron neutron)
[keystone_authtoken]
$(as_admin)
[oslo_concurrency]
lock_path = /run/lock/neutron
CONF
cat >/etc/neutron/plugins/ml2/ml2_conf.ini <<CONF
[ml2]
type_drivers = local
tenant_network_types = local
mechanism_drivers = linuxbridge
CONF
cat >/etc/neutron/plugins/ml2/linuxbridge_agent.ini <<CONF
[vxlan]
enable_vxlan = false
[securitygroup]
enable_security_group = false
firewall_driver = noop
CONF
for agent in l3 dhcp; do
  printf '[DEFAULT]\ninterface_driver = linuxbridge\n' >"/etc/neutron/${agent}_agent.ini"
done
cat >/etc/neutron/metadata_agent.ini <<CONF
[DEFAULT]
nova_metadata_host = controller-1
metadata_proxy_shared_secret = $password
metadata_workers = 1
CONF

cat >/etc/heat/heat.conf <<CONF
[DEFAULT]
transport_url = rabbit://openstack:$password@controller-1:5672/
num_engine_workers = 1
periodic_interval = 3
[database]
$(database heat heat)
[keystone_authtoken]
$(as_admin)
[trustee]
$(as_admin)
[clients_keystone]
auth_uri = http://controller-1:5000
CONF

a2dissite -q default-ssl
# The package leaves Horizon in the processes of Apache itself, and each of them takes seconds to load Django for its first page, whenever Apache has
# made it. Here it has the one process of its own, which has loaded it once it has answered.
sed -i 's/^ *#WSGIProcessGroup .*/    WSGIProcessGroup horizon/' /etc/apache2/sites-available/openstack-dashboard.conf
grep -q '^ *WSGIProcessGroup horizon$' /etc/apache2/sites-available/openstack-dashboard.conf
cat >>/etc/openstack-dashboard/local_settings.py <<CONF
ALLOWED_HOSTS = ['*']
OPENSTACK_KEYSTONE_URL = 'http://controller-1:5000/v3'
COMPRESS_ENABLED = False
COMPRESS_OFFLINE = False
COMPRESS_PRECOMPILERS = ()
SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'
CONF

# Two processes of each API instead of 16, and no threads: what waits for RabbitMQ in one can hang for ever ("cannot switch to a different thread").
sed -i -E 's/^(processes|workers) = .*/processes = 2/; s/^threads = .*/threads = 1/' /etc/*/*-uwsgi.ini

cat >/etc/rabbitmq/rabbitmq.conf <<CONF
default_user = openstack
default_pass = $password
loopback_users = none
CONF

# A database that is thrown away need not survive a power cut, and this build shares the network with its machine.
cat >/etc/mysql/mariadb.conf.d/60-lab.cnf <<CONF
[mysqld]
innodb_flush_log_at_trx_commit = 0
innodb_doublewrite = 0
skip-networking
CONF
install -d -o mysql -g mysql /run/mysqld
mysqld_safe --user=mysql >/dev/null 2>&1 &
mysqladmin --silent --wait=60 ping >/dev/null
mysql <<SQL
$(for name in keystone placement nova nova_api nova_cell0 glance cinder neutron heat; do
    user=${name%%_*}
    echo "create database $name; grant all on $name.* to '$user'@'localhost' identified by '$password';"
  done)
SQL

as() { runuser -u "$1" -- sh -ec "$2"; }
as keystone 'keystone-manage db_sync'
keystone-manage fernet_setup --keystone-user keystone --keystone-group keystone
keystone-manage credential_setup --keystone-user keystone --keystone-group keystone
as keystone "keystone-manage bootstrap --bootstrap-password $password"
as placement 'placement-manage db sync'
as nova 'nova-manage api_db sync
  nova-manage cell_v2 map_cell0
  nova-manage cell_v2 create_cell --name cell1
  nova-manage db sync'
as glance 'glance-manage db_sync'
as cinder 'cinder-manage db sync'
as neutron 'neutron-db-manage --config-file /etc/neutron/neutron.conf --config-file /etc/neutron/plugins/ml2/ml2_conf.ini upgrade head'
as heat 'heat-manage db_sync'
mysqladmin shutdown
