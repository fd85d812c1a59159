# Read by the stand-ins. `steering NAME DEFAULT` prints what /etc/ostler-lab/NAME holds;
# `hold NAME` waits that many seconds, or until the file is removed.
steering() { cat "/etc/ostler-lab/$1" 2>/dev/null || echo "$2"; }
hold() {
  tenths=$(($(steering "$1" 0) * 10))
  while [ "$tenths" -gt 0 ] && [ -e "/etc/ostler-lab/$1" ]; do
    sleep 0.1
    tenths=$((tenths - 1))
  done
}
