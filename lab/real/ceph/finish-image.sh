# Run by sh -eu inside an image, as the last step of its build: what all hosts of Ceph share, so that each has only to make
# and start its daemons. Nothing here knows an address: hosts find the monitors by name. The keys are made here, once.

# The first reports crashes to a Ceph that is not there yet; the others look for disks, of which a host of the lab has none.
systemctl disable -q ceph-crash.service nvmf-autoconnect.service lvm2-monitor.service

# Ceph looks at the disk below the host, which may be rather full; and the numbers of placement groups stay as they are made.
# A cache of the size that fits real disks would be most of the lab's memory.
cat >/etc/ceph/ceph.conf <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_host = ceph-1 ceph-2 ceph-3
auth_allow_insecure_global_id_reclaim = false
osd_pool_default_size = 3
osd_pool_default_min_size = 2
osd_pool_default_pg_autoscale_mode = off
mon_data_avail_warn = 1
mon_data_avail_crit = 1
[osd]
osd_objectstore = bluestore
bluestore_block_size = 1073741824
bluestore_cache_autotune = false
bluestore_cache_size = 33554432
CONF

ceph-authtool --create-keyring /etc/ceph/ceph.client.admin.keyring --gen-key -n client.admin \
  --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
ceph-authtool --create-keyring /etc/ceph/mon.keyring --gen-key -n mon. --cap mon 'allow *' \
  --import-keyring /etc/ceph/ceph.client.admin.keyring
chown ceph: /etc/ceph/mon.keyring
