import { clockOffsetFile, guestBridge, keystoneConf, smallMount } from '../../../lab/real/audited/index.js';
import { password } from '../../../lab/real/control-plane/index.js';
import type { Hosts, Round } from './breakage.js';
import { drop, dropNoMore } from './cut.js';

const { path } = smallMount;
const { bridge, port } = guestBridge;

/** Fills the small filesystem of a host to a share of its size. */
const fill = (percent: number): string =>
  `head -c ${Math.ceil((smallMount.megabytes * 2 ** 20 * percent) / 100)} /dev/zero >${path}/filler`;

/** A process that takes a share of the memory of its host, until it is stopped. */
const hog = (percent: number): string =>
  `systemd-run --quiet --unit lab-hog python3 -c 'import time
total = int(open("/proc/meminfo").readline().split()[1]) * 1024
hog = b"x" * (total * ${percent} // 100)
time.sleep(3600)'`;

const noHog = 'systemctl stop lab-hog 2>/dev/null || true';

/** Edits the configuration of Keystone, and keeps what it was. */
const edit = (expression: string): string =>
  `cp -p ${keystoneConf} /root/keystone.conf; sed -i '${expression}' ${keystoneConf}`;

const editNoMore = `! test -e /root/keystone.conf || mv /root/keystone.conf ${keystoneConf}`;

/** What can be wrong with the machines themselves. */
export const machineRounds = ({ on, host }: Hosts): Round[] => [
  {
    name: 'filesystems, memory, time and networks of hosts',
    breakages: [
      {
        what: 'a filesystem that is nearly full',
        finds: `warn root-filesystem/controller-1/${path}`,
        shows: { value: /^8\d %$/, threshold: /^warn at 85 %, error at 95 %$/, command: new RegExp(`^df -P ${path}$`) },
        make: () => on('controller-1', fill(87)),
        heal: () => on('controller-1', `rm -f ${path}/filler`),
      },
      {
        what: 'a filesystem that is full',
        finds: `error root-filesystem/controller-2/${path}`,
        shows: { value: /^9\d %$/, threshold: /error at 95 %$/, command: new RegExp(`^df -P ${path}$`) },
        make: () => on('controller-2', fill(97)),
        heal: () => on('controller-2', `rm -f ${path}/filler`),
      },
      {
        what: 'a filesystem without inodes',
        finds: `error root-filesystem/controller-3/${path}:inodes`,
        shows: { value: /^9\d %$/, command: new RegExp(`^df -P -i ${path}$`) },
        make: () =>
          on('controller-3', `cd ${path} && seq -f f%g ${Math.floor(smallMount.inodes * 0.97)} | xargs touch`),
        heal: () => on('controller-3', `rm -f ${path}/f*`),
      },
      {
        what: 'a filesystem that is not mounted',
        finds: `error root-filesystem/compute-1/${path}`,
        shows: { value: /^part of \/$/, command: new RegExp(`^df -P ${path}$`) },
        make: () => on('compute-1', `umount ${path}`),
        heal: () => on('compute-1', `mountpoint -q ${path} || mount ${path}`),
      },
      {
        what: 'a process with much memory',
        finds: 'warn process-memory/controller-2/python3',
        shows: {
          value: /^[45] %, [\d.]+ GiB, PID \d+$/,
          threshold: /^warn above 3 %/,
          command: /^grep VmRSS \/proc\/\d+\/status$/,
        },
        make: () => on('controller-2', hog(4)),
        heal: () => on('controller-2', noHog),
      },
      {
        what: 'a process with too much memory',
        finds: 'error process-memory/compute-1/python3',
        shows: { value: /^[78] %/, threshold: /error above 6 %$/, command: /^grep VmRSS/ },
        make: () => on('compute-1', hog(7)),
        heal: () => on('compute-1', noHog),
      },
      {
        what: 'a bridge that is switched off',
        finds: `error bridges/controller-1/${bridge}`,
        shows: { value: /^down, switched off$/, threshold: /^up$/, command: new RegExp(`^ip link show ${bridge}$`) },
        make: () => on('controller-1', `ip link set ${bridge} down`),
        heal: () => on('controller-1', `ip link set ${bridge} up`),
      },
      {
        what: 'a bridge whose port has no link',
        finds: `error bridges/controller-2/${bridge}`,
        shows: { value: /, no carrier$/, threshold: /^up$/, command: new RegExp(`^ip link show ${bridge}$`) },
        make: () => on('controller-2', `ip link set ${port} down`),
        heal: () => on('controller-2', `ip link set ${port} up`),
      },
      {
        what: 'a bridge that is gone',
        finds: `error bridges/controller-3/${bridge}`,
        shows: { value: /^does not exist$/, command: new RegExp(`^ip link show ${bridge}$`) },
        make: () => on('controller-3', `ip link set ${bridge} down; ip link set ${bridge} name br-away`),
        heal: () => on('controller-3', `! ip link set br-away name ${bridge} 2>/dev/null || ip link set ${bridge} up`),
      },
      {
        what: 'a peer that a node does not reach',
        finds: 'error peers/controller-3/management:compute-1',
        shows: { value: /^no answer$/, command: /^ping -c 2 compute-1$/ },
        make: () =>
          on('controller-3', drop('lab_peers', [`ip daddr ${host('compute-1').address} icmp type echo-request`])),
        heal: () => on('controller-3', dropNoMore('lab_peers')),
      },
      {
        what: 'a time service that is stopped',
        finds: 'error ntp/controller-2/service',
        shows: {
          value: /^inactive \(dead\)$/,
          threshold: /^active and enabled$/,
          command: /^systemctl status chrony\.service$/,
        },
        make: () => on('controller-2', 'systemctl stop chrony'),
        heal: () => on('controller-2', 'systemctl start chrony'),
      },
      {
        what: 'a time service that is not enabled',
        finds: 'warn ntp/controller-3/service',
        shows: { value: /^disabled$/, threshold: /^enabled$/, command: /^systemctl is-enabled chrony\.service$/ },
        make: () => on('controller-3', 'systemctl disable -q chrony'),
        heal: () => on('controller-3', 'systemctl enable -q chrony'),
      },
      {
        what: 'a time service whose server is out of reach',
        finds: 'error ntp/compute-1/peer',
        shows: {
          value: /^no selected peer$/,
          threshold: /^one$/,
          command: /^chronyc -n tracking; chronyc -n sources$/,
        },
        make: () => on('compute-1', `${drop('lab_ntp', ['udp dport 123'])}\nsystemctl restart chrony`),
        heal: () => on('compute-1', `${dropNoMore('lab_ntp')}; systemctl restart chrony`),
      },
      {
        what: 'a SELinux that will run in another mode after the next boot',
        finds: 'warn selinux/controller-1/mode',
        shows: { value: /^disabled, configured as enforcing$/, command: /^getenforce/ },
        make: () => on('controller-1', 'mkdir -p /etc/selinux; echo SELINUX=enforcing >/etc/selinux/config'),
        heal: () => on('controller-1', 'rm -f /etc/selinux/config'),
      },
    ],
  },
  {
    name: 'configuration files, and the time of all hosts',
    breakages: [
      {
        what: 'a value that differs',
        finds: `error configs/controller-1/${keystoneConf}:DEFAULT.debug`,
        shows: { value: /^DEFAULT\.debug = true$/, threshold: /^false$/, command: /^grep -n '?\^debug'? / },
        make: () => on('controller-1', edit('s/^debug.*/debug = true/')),
        heal: () => on('controller-1', editNoMore),
      },
      {
        what: 'a key that is missing, and one that is there in its place',
        finds: `warn configs/controller-2/${keystoneConf}:missing`,
        shows: { value: /^1 key$/, threshold: /^none$/, command: new RegExp(`^cat ${keystoneConf}$`) },
        brings: [`warn configs/controller-2/${keystoneConf}:more`],
        make: () => on('controller-2', edit('s/^provider.*/expiration = 3600/')),
        heal: () => on('controller-2', editNoMore),
      },
      {
        what: 'a login that the database refuses',
        finds: 'error database-login/controller-3/keystone:database',
        shows: { value: /^ERROR 1045/, threshold: /^SELECT 1 answers$/, command: /^mysql -h HOST/ },
        make: () => on('controller-3', edit(`s/${password}@/not-the-word@/`)),
        heal: () => on('controller-3', editNoMore),
      },
      ...['controller-1', 'controller-2', 'controller-3', 'compute-1'].map((name) => ({
        what: `a clock that is off on ${name}, as all that follow one source`,
        finds: `warn ntp/${name}/offset`,
        shows: { value: /^-?\d+\.\d+ s from /, threshold: /^warn above 0\.5 s$/, command: /^chronyc -n tracking/ },
        make: () => on('controller-1', `echo 100 >${clockOffsetFile}`).then(() => on(name, 'systemctl restart chrony')),
        heal: () => on('controller-1', `rm -f ${clockOffsetFile}`).then(() => on(name, 'systemctl restart chrony')),
      })),
    ],
  },
];
