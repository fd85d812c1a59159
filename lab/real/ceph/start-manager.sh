# Run by sh -eu on a host of Ceph when its monitors are in quorum: starts a manager, now and at every boot.
name=$(hostname)
install -d -o ceph -g ceph "/var/lib/ceph/mgr/ceph-$name"
ceph auth get-or-create "mgr.$name" mon 'allow profile mgr' osd 'allow *' mds 'allow *' -o "/var/lib/ceph/mgr/ceph-$name/keyring"
chown ceph: "/var/lib/ceph/mgr/ceph-$name/keyring"
systemctl enable --now "ceph-mgr@$name"
