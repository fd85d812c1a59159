/**
 * Functions of the script for services that are asked over TCP on their own host:
 *
 * - `places PORT` prints the addresses where something listens there: the node's own where it listens everywhere or on that, else all of them. A VIP
 *   of HAProxy at the same port is among the others alone, since a proof of the node must not be answered by its neighbour. Without `ss`
 *   the node's own address is the best guess;
 * - `talk ADDRESS PORT SECONDS` sends standard input there and prints what comes back within that time, by whatever the host has for it. 124 says
 *   that the time was over.
 */
export const LISTENERS = `places() {
  has ss || { echo "$own"; return; }
  all=$(at_most 3 ss -ltn | awk -v port="$1" '
    $1 == "LISTEN" { at = $4; n = at; sub(/.*:/, "", n); if (n != port) next
      sub(/:[0-9]+$/, "", at); sub(/%.*/, "", at); gsub(/[][]/, "", at)
      if (at == "*" || at == "0.0.0.0" || at == "::") at = "any"
      if (!(at in seen)) print at; seen[at] = 1 }')
  for at in $all; do case $at in any|"$own") echo "$own"; return ;; esac; done
  for at in $all; do echo "$at"; done
}
talk() {
  if has bash; then at_most "$3" bash -c 'exec 3<>"/dev/tcp/$0/$1" && cat >&3 && cat <&3' "$1" "$2" 2>/dev/null
  elif has python3; then at_most "$3" python3 -c 'import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2]))); s.sendall(sys.stdin.buffer.read())
while True:
    b = s.recv(65536)
    if not b: break
    sys.stdout.buffer.write(b)' "$1" "$2" 2>/dev/null
  elif has nc; then at_most "$3" nc "$1" "$2" 2>/dev/null
  else return 127; fi
}`;
