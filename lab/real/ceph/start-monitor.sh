# Run by sh -eu on a host of Ceph when all are up: makes its monitor, and starts it now and at every boot.
name=$(hostname)
map=/var/lib/ceph/tmp/monmap
fsid=$(ceph-conf --lookup fsid)
set --
for monitor in ceph-1 ceph-2 ceph-3; do
  address=$(getent ahostsv4 "$monitor" | awk '{ print $1; exit }')
  set -- "$@" --addv "$monitor" "[v2:$address:3300,v1:$address:6789]"
done
monmaptool --create --clobber --fsid "$fsid" "$@" "$map"
install -d -o ceph -g ceph "/var/lib/ceph/mon/ceph-$name"
ceph-mon --setuser ceph --setgroup ceph --mkfs -i "$name" --monmap "$map" --keyring /etc/ceph/mon.keyring
systemctl enable --now "ceph-mon@$name"
