# Run by sh -eu on a host of Ceph when its monitors are in quorum: makes OSD $id on a sparse file, and starts it now and at
# every boot. BlueStore takes a file as well as a device, which a host of the lab has none of.
dir=/var/lib/ceph/osd/ceph-$id
uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)
install -d -o ceph -g ceph "$dir"
ceph-authtool --create-keyring "$dir/keyring" --name "osd.$id" --add-key "$key"
chown ceph: "$dir/keyring"
printf '{"cephx_secret": "%s"}' "$key" | ceph osd new "$uuid" "$id" -i -
ceph-osd --setuser ceph --setgroup ceph -i "$id" --mkfs --osd-uuid "$uuid"
systemctl enable --now "ceph-osd@$id"
