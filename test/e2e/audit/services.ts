import { keystoneConf } from '../../../lab/real/audited/index.js';
import { freeze, type Hosts, type Round, stop } from './breakage.js';

/** What can be wrong with the services of one host. */
export const serviceRounds = (hosts: Hosts): Round[] => [
  {
    name: 'services of hosts that are not active or not enabled',
    breakages: [
      {
        what: 'a unit that is stopped',
        finds: 'error units/controller-1/memcached.service',
        shows: {
          value: /^inactive \(dead\)$/,
          threshold: /^active$/,
          command: /^systemctl status memcached\.service$/,
        },
        ...stop(hosts, 'controller-1', 'memcached'),
      },
      {
        what: 'a unit that is not enabled',
        finds: 'warn units/controller-2/memcached.service',
        shows: { value: /^disabled$/, threshold: /^enabled$/, command: /^systemctl is-enabled memcached\.service$/ },
        make: () => hosts.on('controller-2', 'systemctl disable -q memcached'),
        heal: () => hosts.on('controller-2', 'systemctl enable -q memcached'),
      },
      {
        what: 'a unit that is masked while it runs',
        finds: 'warn units/controller-3/glance-api.service',
        shows: { value: /^masked$/, threshold: /^enabled$/, command: /^systemctl is-enabled glance-api\.service$/ },
        make: () => hosts.on('controller-3', 'systemctl mask -q glance-api'),
        heal: () => hosts.on('controller-3', 'systemctl unmask -q glance-api'),
      },
      {
        what: 'a unit that has failed',
        finds: 'error units/compute-1/nova-compute.service',
        shows: {
          what: /has failed \(signal\)$/,
          value: /^failed \(failed\)$/,
          threshold: /^active$/,
          command: /^systemctl status nova-compute\.service$/,
        },
        make: () => hosts.on('compute-1', 'systemctl kill -s KILL nova-compute'),
        heal: () => hosts.on('compute-1', 'systemctl reset-failed nova-compute; systemctl start nova-compute'),
      },
      {
        what: 'a unit that systemd would start beside Pacemaker',
        finds: 'warn units/controller-3/haproxy.service',
        shows: { value: /^enabled$/, threshold: /^disabled$/, command: /^systemctl is-enabled haproxy\.service$/ },
        make: () => hosts.on('controller-3', 'systemctl enable -q haproxy'),
        heal: () => hosts.on('controller-3', 'systemctl disable -q haproxy'),
      },
      {
        what: 'an Open vSwitch with a port whose device is gone',
        finds: 'warn neutron-node/compute-1/ports',
        shows: { what: /lab-gone/, value: /^1 with an error$/, command: /ovs-vsctl --timeout=3 show$/ },
        make: () =>
          hosts.on(
            'compute-1',
            'ovs-vsctl --timeout=10 add-br br-lab -- set bridge br-lab datapath_type=netdev -- add-port br-lab lab-gone',
          ),
        heal: () => hosts.on('compute-1', 'ovs-vsctl --timeout=10 --if-exists del-br br-lab'),
      },
      {
        what: 'an API that is stopped on one controller',
        finds: 'error units/controller-1/keystone.service',
        shows: { value: /^inactive \(dead\)$/, command: /^systemctl status keystone\.service$/ },
        brings: ['error haproxy/controller-1/servers'],
        ...stop(hosts, 'controller-1', 'keystone'),
      },
    ],
  },
  {
    name: 'a controller whose sudo rules are gone',
    breakages: [
      {
        what: 'what could not be asked as unknown, with the reason',
        finds: 'unknown pacemaker/controller-2/unread',
        shows: { value: /sudo/, command: /# on controller-2$/ },
        brings: [
          'units/controller-2/pacemaker',
          `configs/controller-2/${keystoneConf}`,
          'corosync-node/controller-2',
          'database-login/controller-2/configuration',
          'neutron-node/controller-2',
          'rabbitmq/controller-2',
          'haproxy/controller-2',
        ].map((key) => `unknown ${key}`),
        make: () => hosts.on('controller-2', 'mv /etc/sudoers.d/ostler /root/ostler'),
        heal: () => hosts.on('controller-2', '! test -e /root/ostler || mv /root/ostler /etc/sudoers.d/ostler'),
      },
    ],
  },
  {
    name: 'services of hosts that are active and do not answer',
    breakages: [
      {
        what: 'a memcached that hangs',
        finds: 'error memcached-node/controller-3',
        shows: { value: /^no statistics$/, threshold: /^STAT pid/, command: /nc 127\.0\.0\.1 11211$/ },
        ...freeze(hosts, 'controller-3', 'memcached'),
      },
      {
        what: 'a Keystone that hangs',
        finds: 'error keystone-node/controller-1',
        shows: { value: /^no answer within 7 s$/, threshold: /^HTTP 200/, command: /^curl -i http:\/\/[\d.]+:5000\/$/ },
        brings: ['error haproxy/controller-1/servers'],
        ...freeze(hosts, 'controller-1', 'keystone'),
      },
      {
        what: 'a Glance that hangs',
        finds: 'error glance-node/controller-2',
        shows: { value: /^no answer within 7 s$/, threshold: /^HTTP 200/, command: /^curl -i http:\/\/[\d.]+:9292\/$/ },
        brings: ['error haproxy/controller-2/servers'],
        ...freeze(hosts, 'controller-2', 'glance-api'),
      },
      {
        what: 'a libvirt that hangs',
        finds: 'error nova-compute-node/compute-1',
        shows: {
          value: /no answer in time/,
          threshold: /^a list of guests$/,
          command: /^virsh -r -c qemu:\/\/\/system list$/,
        },
        ...freeze(hosts, 'compute-1', 'libvirtd'),
      },
      {
        what: 'an Open vSwitch that hangs',
        finds: 'error neutron-node/compute-1/openvswitch',
        shows: {
          value: /no answer in time/,
          threshold: /^a list of bridges$/,
          command: /^\/?.*ovs-vsctl --timeout=3 show$/,
        },
        ...freeze(hosts, 'compute-1', 'ovsdb-server'),
      },
    ],
  },
];
