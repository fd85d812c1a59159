# Run by sh -eu inside an image, as the last step of its build: what all controllers share and need not do at each boot,
# so that hosts only have to start their daemons. Nothing is enabled: computes have the same image. Nothing here knows
# an address. $password, set above, is that of the database's clients.

systemctl disable -q mariadb rabbitmq-server haproxy epmd.service epmd.socket

# HAProxy and MariaDB bind addresses that the host does not have yet: the VIPs, and its own while it boots.
echo 'net.ipv4.ip_nonlocal_bind = 1' >/etc/sysctl.d/60-lab.conf

# A power cut in the lab leaves the kernel's page cache intact, so flushing to the file is as good as a sync.
# The last of these donors, an empty one, stands for "any other"; controller-1 comes last since HAProxy writes to it.
cat >/etc/mysql/mariadb.conf.d/60-lab.cnf <<'CONF'
[mariadbd]
port = 3307
skip-name-resolve
max_connect_errors = 4294967295
innodb_buffer_pool_size = 32M
innodb_log_file_size = 8M
innodb_flush_log_at_trx_commit = 2
key_buffer_size = 1M
aria_pagecache_buffer_size = 8M
binlog_format = row
default_storage_engine = InnoDB
innodb_autoinc_lock_mode = 2
wsrep_on = ON
wsrep_provider = /usr/lib/galera/libgalera_smm.so
wsrep_cluster_name = lab
wsrep_sst_method = rsync
wsrep_sst_donor = controller-3,controller-2,
CONF

# One Galera node runs for a moment, in a network of its own, and is stopped cleanly. Every host then begins with the same
# state at the same position, so that none has to fetch all of it from another.
useradd --system --no-create-home --shell /usr/sbin/nologin galera-check
install -d -o mysql -g mysql /run/mysqld
cat >/tmp/first.sql <<SQL
create user ops@localhost identified via unix_socket;
create user 'galera-check'@localhost identified via unix_socket;
create database ledger;
create table ledger.entries (id bigint primary key, value bigint not null) engine = InnoDB;
create user ledger@'%' identified by '$password';
grant all on ledger.* to ledger@'%';
SQL
unshare --net sh -euc '
  ip link set lo up
  mariadbd --user=mysql --wsrep-new-cluster --wsrep-cluster-address=gcomm:// --wsrep-node-address=127.0.0.1 \
    --bind-address=127.0.0.1 >/tmp/first.log 2>&1 &
  mysqladmin --silent --wait=60 ping >/dev/null || { cat /tmp/first.log; exit 1; }
  mysql </tmp/first.sql
  mysqladmin shutdown
  wait'
grep safe_to_bootstrap: /var/lib/mysql/grastate.dat
rm -f /tmp/first.* /var/lib/mysql/galera.cache

# The members of a RabbitMQ cluster know one another by this. One scheduler that does not spin is enough for the lab.
printf only-in-the-lab >/var/lib/rabbitmq/.erlang.cookie
rm -rf /var/lib/rabbitmq/mnesia/*
echo 'SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"' >/etc/rabbitmq/rabbitmq-env.conf
