#!/bin/sh
# Stands in for nova-compute: does nothing, lives until told otherwise, and misbehaves when steered to.
#   /etc/ostler-lab/die-after   seconds after which it exits 1
#   /etc/ostler-lab/slow-stop   seconds it takes to obey SIGTERM, or until the file is removed
. "${0%/*}/steering.sh"
trap 'hold slow-stop; exit 0' TERM
[ -z "${NOTIFY_SOCKET:-}" ] || systemd-notify --ready
sleep "$(steering die-after infinity)" &
wait $!
exit 1
