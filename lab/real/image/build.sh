#!/bin/sh
# Builds one image into $FINAL, in a mount and PID namespace of its own and while holding the lock of the images
# directory (image.ts starts it that way): nothing stays mounted or running if it is killed, and two never build at once.
#   IMAGES   directory of all images          FINAL     where this one goes, complete or not at all
#   FROM     image to extend, or empty        PACKAGES  blank-separated packages to install
#   FINISH   commands to run in it at the end, or empty
#   SUITE MIRROR COMPONENTS SOURCES           what the machine's own apt is configured with
set -eu
[ -d "$FINAL" ] && exit 0
# We hold the lock, so whatever half-built image is here was left behind by a build that was killed.
rm -rf "$IMAGES"/building-*
root=$(mktemp -d "$IMAGES/building-XXXXXX")

if [ -n "$FROM" ]; then
  cp -a --reflink=auto "$FROM/." "$root/"
else
  eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
  export http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}"
  debootstrap --variant=minbase --components="$COMPONENTS" "$SUITE" "$root" "$MIRROR"
  rm -f "$root"/etc/apt/sources.list.d/*
fi

# The guard keeps packages from starting their daemons; the machine's proxy, resolver and certificates are lent.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
mkdir -p "$root/lent"
cp /etc/apt/apt.conf.d/* "$root/lent/" 2>/dev/null || true
[ ! -r /etc/ssl/certs/ca-certificates.crt ] || cp -L /etc/ssl/certs/ca-certificates.crt "$root/lent/ca.crt"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
printf '%s\n' "$SOURCES" >"$root/etc/apt/sources.list"
cat >"$root/lent/apt.conf" <<'CONF'
Dir::Etc::parts "/lent";
Acquire::https::CaInfo "/lent/ca.crt";
CONF
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --bind /dev "$root/dev"
mount -t devpts devpts "$root/dev/pts"

in_root() { chroot "$root" /usr/bin/env APT_CONFIG=/lent/apt.conf DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
in_root apt-get update -q
# shellcheck disable=SC2086
in_root apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-unsafe-io $PACKAGES
in_root apt-get clean
[ -z "$FINISH" ] || in_root sh -euc "$FINISH"

umount "$root/dev/pts" "$root/dev" "$root/sys" "$root/proc"
rm -rf "$root/usr/sbin/policy-rc.d" "$root/lent" "$root"/var/lib/apt/lists/*
: >"$root/etc/resolv.conf"

if [ -z "$FROM" ]; then
  in_root useradd --create-home --shell /bin/bash --groups systemd-journal --password '*' ops
  install -d -m 755 "$root/var/log/journal" "$root/etc/systemd/network" "$root/etc/systemd/journald.conf.d"
  printf '[Journal]\nStorage=persistent\nRateLimitBurst=0\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
  printf 'PasswordAuthentication no\nPermitRootLogin no\n' >"$root/etc/ssh/sshd_config.d/lab.conf"
  rm -f "$root"/etc/ssh/ssh_host_*
  for unit in console-getty.service getty.target apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-firstboot.service ssh.socket; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
  in_root systemctl enable systemd-networkd.service ssh.service
fi
chmod 755 "$root"
mv "$root" "$FINAL"
