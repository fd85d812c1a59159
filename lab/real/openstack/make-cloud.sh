# Run by sh -eu inside an image, as the last step of its build: configures Keystone, Placement and Nova for one controller
# called controller-1 and any number of computes, and fills their databases, so that hosts only have to start them.
# Nothing here knows an address: hosts find the controller by name, and the catalogue is written when addresses are known.
# No service is enabled. $password, set above, is everybody's.

units='mariadb rabbitmq-server epmd.socket epmd keystone placement-api nova-api nova-api-metadata nova-conductor nova-scheduler nova-compute'
# shellcheck disable=SC2086
systemctl disable -q $units

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

# Reports every 3 s instead of 10 keep tests short.
cat >/etc/nova/nova.conf <<CONF
[DEFAULT]
transport_url = rabbit://openstack:$password@controller-1:5672/
compute_driver = fake.FakeDriver
state_path = /var/lib/nova
report_interval = 3
service_down_time = 12
[keystone_authtoken]
$(as_admin)
[placement]
$(as_admin)
[service_user]
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

# One process of each API instead of 16.
sed -i -E 's/^(processes|workers) = .*/processes = 1/; s/^threads = .*/threads = 4/' /etc/*/*-uwsgi.ini

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
$(for name in keystone placement nova nova_api nova_cell0; do
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
mysqladmin shutdown
