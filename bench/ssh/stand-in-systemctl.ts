/**
 * A `systemctl` for hosts without a systemd: every unit asked about is loaded and active, and nothing has failed, but for those that have their
 * names from RDO or Kolla: a host has the packages of one distribution. Of each, only what is asked for is printed. It is as much as a plan or
 * an audit reads of a host.
 */
export const standInSystemctl = `#!/bin/sh
[ "$1" = show ] || exit 0
while [ "$1" != -- ]; do [ "$1" != -p ] || asked=,$2,; shift; done
shift
of() {
  for line; do case $asked in *,\${line%%=*},*) echo "$line" ;; esac; done
}
loaded=$(of LoadState=loaded ActiveState=active SubState=running UnitFileState=enabled \\
  MainPID=1 ExecMainStatus=0 ExecMainStartTimestampMonotonic=1 ActiveEnterTimestampMonotonic=1 \\
  InvocationID=00000000000000000000000000000001 NRestarts=0 Type=simple)
absent=$(of LoadState=not-found ActiveState=inactive SubState=dead UnitFileState= Type=)
every=$(of Result=success RemainAfterExit=no TriggeredBy= Requires= BindsTo=)
for unit; do
  case $unit in openstack-* | kolla-*) state=$absent ;; *) state=$loaded ;; esac
  echo "Id=$unit
$state
$every
"
done
`;
