# Run by sh -eu inside an image, as the last step of its build: gives it the real mongosh, and all that the stand-in for mongod
# needs but its program and its configuration, which each host has of its own.

# Debian has no mongosh, and its Node.js is older than the shell's driver wants. $mongosh and $node, set above, are where the
# machine that builds has both; PID 1 here is the build, whose root is that machine.
cp -a "/proc/1/root$mongosh" /opt/mongosh
cp -L "/proc/1/root$node" /usr/bin/node
ln -s /opt/mongosh/node_modules/.bin/mongosh /usr/bin/mongosh
mongosh --version

useradd --system --home-dir /var/lib/mongodb --shell /usr/sbin/nologin mongodb
install -d -o mongodb -g mongodb /var/lib/mongodb
install -d /etc/ostler-lab /usr/lib/ostler-lab

cat >/etc/systemd/system/mongod.service <<'UNIT'
[Unit]
Description=Stand-in of the lab for MongoDB
After=network-online.target
Wants=network-online.target

[Service]
User=mongodb
Group=mongodb
ExecStart=/usr/bin/python3 /usr/lib/ostler-lab/mongod-stand-in.py

[Install]
WantedBy=multi-user.target
UNIT
systemctl enable -q mongod.service
