/**
 * A `systemctl` for hosts without a systemd: every unit asked about is loaded and active, and nothing has failed. It is as much
 * as a plan reads of a host.
 */
export const standInSystemctl = `#!/bin/sh
[ "$1" = show ] || exit 0
while [ "$1" != -- ]; do shift; done
shift
for unit; do
  echo "Id=$unit
LoadState=loaded
ActiveState=active
SubState=running
Result=success
MainPID=1
ExecMainStatus=0
ExecMainStartTimestampMonotonic=1
ActiveEnterTimestampMonotonic=1
InvocationID=00000000000000000000000000000001
NRestarts=0
Requires=
BindsTo=
"
done
`;
