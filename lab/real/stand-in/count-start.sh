#!/bin/sh
# ExecStartPre of a stand-in: count this start of unit $1, independently of the journal, then misbehave when steered to.
#   /etc/ostler-lab/fail-next-start   consumed; this start fails
#   /etc/ostler-lab/slow-start        seconds this start takes, or until the file is removed
# One line per start: boot id, seconds since the kernel started, and whether the host was still booting.
set -eu
. "${0%/*}/steering.sh"
read -r boot </proc/sys/kernel/random/boot_id
read -r uptime _ </proc/uptime
phase=running
[ "$(systemctl show --property FinishTimestampMonotonic --value)" != 0 ] || phase=booting
mkdir -p /var/lib/ostler-lab/starts
echo "$boot $uptime $phase" >>"/var/lib/ostler-lab/starts/$1"
if [ -e /etc/ostler-lab/fail-next-start ]; then
  rm /etc/ostler-lab/fail-next-start
  echo 'steered to fail this start' >&2
  exit 1
fi
hold slow-start
