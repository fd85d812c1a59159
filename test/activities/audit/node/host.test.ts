import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingsOf, recorded, type Section, STOPPED, settingsOf, systemd } from './on-node.js';

const df = (counted: string, path: string, used: string, mountedOn = path): string =>
  `${counted} ${path} Filesystem 1024-blocks Used Available Capacity Mounted on\n${counted} ${path} /dev/vda 1000 1 1 ${used} ${mountedOn}`;

describe('the root filesystem', () => {
  const used = (blocks: string, inodes: string) =>
    findingsOf('root-filesystem', { filesystems: `${df('blocks', '/', blocks)}\n${df('inodes', '/', inodes)}` });

  it('is well on a real host', async () => {
    expect(await findingsOf('root-filesystem', { filesystems: recorded('debian-12/filesystems') })).toEqual([]);
  });

  it('is a warning from 85 % and an error from 95 %', async () => {
    expect(await used('84%', '1%')).toEqual([]);
    expect(await used('85%', '1%')).toMatchObject([{ severity: 'warn', about: '/' }]);
    expect(await used('95%', '1%')).toMatchObject([
      {
        severity: 'error',
        evidence: [{ value: '95 %', threshold: 'warn at 85 %, error at 95 %', command: 'df -P /' }],
      },
    ]);
  });

  it('may be out of inodes, or count none', async () => {
    expect(await used('10%', '100%')).toMatchObject([{ severity: 'error', about: '/:inodes' }]);
    expect(await used('10%', '-')).toEqual([]);
  });

  it('has the limits of the site', async () => {
    const text = df('blocks', '/', '50%');
    const limits = { 'root-filesystem': { warn: 40 } };
    expect(await findingsOf('root-filesystem', { filesystems: text }, settingsOf(), limits)).toMatchObject([
      { severity: 'warn', evidence: [{ threshold: 'warn at 40 %, error at 95 %' }] },
    ]);
  });

  it('is unknown when df hangs, and only that one', async () => {
    const settings = settingsOf({ section: { mounts: { controller: ['/var/lib/glance'] } } });
    const text = `${df('blocks', '/', '1%')}\n${df('inodes', '/', '1%')}`;
    expect(await findingsOf('root-filesystem', { filesystems: text }, settings)).toMatchObject([
      { severity: 'unknown', about: '/var/lib/glance' },
    ]);
  });

  it('is not what holds a filesystem that should be mounted', async () => {
    const settings = settingsOf({ section: { mounts: { controller: ['/srv', '/gone'], compute: ['/other'] } } });
    const text = [
      df('blocks', '/', '1%'),
      df('blocks', '/srv', '1%', '/'),
      'blocks /gone df: /gone: No such file or directory',
    ].join('\n');
    expect(await findingsOf('root-filesystem', { filesystems: text }, settings)).toMatchObject([
      { severity: 'error', what: '/srv is not mounted on node-1: what is written there goes to /' },
      { severity: 'error', what: 'there is no /gone on node-1' },
    ]);
  });
});

describe('memory', () => {
  const meminfo = (free: number, buffers = 0, cached = 0): string =>
    `MemTotal:       1000 kB\nMemFree:        ${free} kB\nBuffers:  ${buffers} kB\nCached:    ${cached} kB`;

  it('is well on a real host', async () => {
    const answers = { meminfo: recorded('debian-12/meminfo'), processes: recorded('debian-12/processes') };
    expect(await findingsOf('memory', answers)).toEqual([]);
    expect(await findingsOf('process-memory', answers)).toEqual([]);
  });

  it('in buffers and the page cache is not used', async () => {
    expect(await findingsOf('memory', { meminfo: meminfo(0, 80, 80) })).toEqual([]);
    expect(await findingsOf('memory', { meminfo: meminfo(0, 75, 75) })).toMatchObject([{ severity: 'error' }]);
  });

  it('is an error exactly from 85 %', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), async (free) => {
        const found = await findingsOf('memory', { meminfo: meminfo(free) });
        expect(found).toHaveLength(1000 - free >= 850 ? 1 : 0);
      }),
    );
  });

  it('is unknown when the kernel does not tell', async () => {
    expect(await findingsOf('memory', { meminfo: '' })).toMatchObject([{ severity: 'unknown' }]);
  });

  it('of one process is told by its name, without what changes', async () => {
    const processes = '77 \t  510 kB rabbit mq\n78 \t  310 kB rabbit mq\n79 \t  301 kB qemu-kvm\n80 \t 300 kB mariadbd';
    const found = await findingsOf('process-memory', { meminfo: meminfo(0), processes });
    expect(found).toMatchObject([
      { severity: 'error', about: 'rabbit mq', evidence: [{ value: '51 %, 0.0 GiB, PID 77' }] },
      { severity: 'warn', about: 'qemu-kvm' },
    ]);
  });
});

describe('processors', () => {
  const load = (five: string, cores = 4) => findingsOf('load', { loadavg: `0.10 ${five} 0.50 1/200 4711\n${cores}` });

  it('are busy above 0.7 and 0.9 per core', async () => {
    expect(await load('2.80')).toEqual([]);
    expect(await load('2.81')).toMatchObject([{ severity: 'warn' }]);
    expect(await load('3.61')).toMatchObject([
      { severity: 'error', evidence: [{ value: '3.61 on 4 cores, over 5 minutes' }] },
    ]);
    expect(await findingsOf('load', { loadavg: '' })).toMatchObject([{ severity: 'unknown' }]);
  });

  it('outside of their range are one error, with a little tolerance', async () => {
    const at = (kHz: number) => `cpu0 ${kHz} 1200000 3000000\ncpu1 ${kHz} 1200000 3000000`;
    expect(await findingsOf('cpu-frequency', { frequencies: at(1_190_000) })).toEqual([]);
    expect(await findingsOf('cpu-frequency', { frequencies: at(800_000) })).toMatchObject([
      { severity: 'error', what: expect.stringContaining('cpu0 and 1 more'), evidence: [{ value: '800 MHz' }] },
    ]);
    expect(await findingsOf('cpu-frequency', { frequencies: '' })).toEqual([]);
  });
});

describe('bridges', () => {
  const wanting = (...names: string[]) => settingsOf({ section: { bridges: { controller: names } } });
  const NO_SWITCH = { exitCode: 127 };
  const bridges = (links: string, openvswitch: Parameters<typeof findingsOf>[1][string], ...names: string[]) =>
    findingsOf('bridges', { links, openvswitch }, wanting(...names));

  it('are not asked for without any in ostler.yaml', async () => {
    expect(await findingsOf('bridges', {})).toEqual([]);
  });

  it('that are there with a link are well', async () => {
    expect(await bridges(recorded('debian-12/links'), NO_SWITCH, 'host0')).toEqual([]);
  });

  it('that are not there, or switched off, are an error', async () => {
    const links = 'link br-mgmt bridge down none\nlink eth0 nic down 0';
    expect(await bridges(links, NO_SWITCH, 'br-mgmt', 'br-none', 'eth0')).toMatchObject([
      {
        about: 'br-mgmt',
        evidence: [{ value: 'down, switched off' }],
        next: expect.stringContaining('ip link set br-mgmt up'),
      },
      { about: 'br-none', what: 'node-1 has no network interface br-none' },
      { about: 'eth0', evidence: [{ value: 'down, no carrier' }] },
    ]);
  });

  it('are not whole without a link of every card and bond in them', async () => {
    const links = [
      'link br-mgmt bridge up 1',
      'port br-mgmt bond0',
      'port br-mgmt vnet7',
      'link bond0 bond up 1',
      'port bond0 eth0',
      'port bond0 eth1',
      'link eth0 nic up 1',
      'link eth1 nic down 0',
      'link eth9 nic down 0',
    ].join('\n');
    expect(await bridges(links, NO_SWITCH, 'br-mgmt')).toMatchObject([
      { about: 'eth1', what: 'the network interface eth1 of node-1 has no link (it carries br-mgmt)' },
    ]);
  });

  it('of Open vSwitch forward while their own interface is down, and need their cards', async () => {
    const links = 'link br-ex virtual down none\nlink eth2 nic up 1\nlink eth3 nic down 0';
    expect(await bridges(links, recorded('written/openvswitch-2.3'), 'br-ex', 'br-int')).toMatchObject([
      { about: 'eth3' },
    ]);
  });
});

describe('a bridge that may be one of Open vSwitch', () => {
  const settings = settingsOf({ section: { bridges: { controller: ['br-ex', 'br-mgmt'] } } });
  const links = 'link br-ex virtual unknown 1\nlink br-mgmt bridge up 1';

  it('is unknown while that does not answer, and one of the kernel is not', async () => {
    for (const openvswitch of [{ exitCode: 124 }, { text: 'sudo: a password is required', exitCode: 1 }])
      expect(await findingsOf('bridges', { links, openvswitch }, settings)).toMatchObject([
        { severity: 'unknown', about: 'br-ex' },
      ]);
  });
});

describe('peers', () => {
  const section: Section = {
    peers: {
      management: { controller: ['10.20.0.3', '10.20.0.4'], compute: ['10.20.0.9'] },
      storage: { controller: ['fd00::4'] },
    },
  };

  const ping = (pings: Parameters<typeof findingsOf>[1][string]) =>
    findingsOf('peers', { pings }, settingsOf({ section }));

  it('that answer are well, and the node itself is none', async () => {
    expect(await ping('peer fd00::4 0\npeer 10.20.0.4 0')).toEqual([]);
  });

  it('that do not answer are an error of their network', async () => {
    expect(await ping('peer 10.20.0.4 1\npeer fd00::4 2 connect: Network is unreachable')).toMatchObject([
      { severity: 'error', about: 'management:10.20.0.4' },
      { severity: 'error', about: 'storage:fd00::4', what: 'node-1 does not reach fd00::4 on the storage network' },
    ]);
  });

  it('that cannot be asked are unknown', async () => {
    expect(await ping('peer 10.20.0.4 0\npeer fd00::4 2 ping: socket: Operation not permitted')).toMatchObject([
      { severity: 'unknown', about: 'storage:fd00::4' },
    ]);
    expect(await ping({ exitCode: 127 })).toMatchObject([{ severity: 'unknown', what: 'there is no ping on node-1' }]);
  });
});

describe('time', () => {
  const ntp = async (unit: string, clocks: string, state = {}) =>
    findingsOf('ntp', { unit_states: await systemd({ [unit]: state }), clocks });

  it('is right with a server that is followed', async () => {
    expect(await ntp('chrony.service', recorded('debian-12/clocks'))).toEqual([]);
    expect(await ntp('ntpd.service', recorded('written/clocks-ntpd'))).toEqual([]);
    expect(await ntp('systemd-timesyncd.service', recorded('written/clocks-timedated-219'))).toEqual([]);
  });

  it('runs free without one', async () => {
    for (const [unit, clocks] of [
      ['chrony.service', recorded('debian-12/clocks-without-peer')],
      ['ntpd.service', recorded('written/clocks-ntpd-alone')],
      ['systemd-timesyncd.service', recorded('debian-12/clocks')],
    ] as const)
      expect(await ntp(unit, clocks), unit).toMatchObject([{ severity: 'error', about: 'peer' }]);
  });

  it('runs free when it follows itself, which only the master of a Fuel cloud may', async () => {
    const alone = recorded('written/clocks-ntpd-local');
    expect(await ntp('ntpd.service', alone)).toMatchObject([{ severity: 'error', about: 'peer' }]);
    const master = settingsOf({ roles: ['fuel'] });
    const states = { unit_states: await systemd({ 'ntpd.service': {} }, master), clocks: alone };
    expect(await findingsOf('ntp', states, master)).toEqual([]);
  });

  it('that is more than half a second off is a warning', async () => {
    expect(await ntp('ntpd.service', recorded('written/clocks-ntpd-behind'))).toMatchObject([
      { severity: 'warn', about: 'offset', evidence: [{ value: '-1.250 s from 10.20.0.2' }] },
    ]);
    expect(await ntp('systemd-timesyncd.service', recorded('written/clocks-timesyncd'))).toMatchObject([
      { severity: 'warn', evidence: [{ value: '-1.204 s from 10.20.0.2 (10.20.0.2)' }] },
    ]);
    const off = recorded('debian-12/clocks').replace(/0\.\d+ seconds fast/, '0.731000000 seconds slow');
    expect(await ntp('chrony.service', off)).toMatchObject([{ severity: 'warn', about: 'offset' }]);
  });

  it('needs a service that is there, active and enabled', async () => {
    const clocks = recorded('debian-12/clocks');
    expect(await ntp('other.service', clocks)).toMatchObject([{ severity: 'error', about: 'service' }]);
    expect(await ntp('chrony.service', clocks, STOPPED)).toMatchObject([{ severity: 'error', about: 'service' }]);
    expect(await ntp('chrony.service', clocks, { file: 'disabled' })).toMatchObject([{ severity: 'warn' }]);
  });

  it('is unknown when the service does not say', async () => {
    expect(await ntp('chrony.service', '-- chronyc --\n506 Cannot talk to daemon')).toMatchObject([
      { severity: 'unknown', what: expect.stringContaining('506 Cannot talk to daemon') },
    ]);
    expect(await ntp('ntpd.service', recorded('debian-12/clocks'))).toMatchObject([
      { severity: 'unknown', what: 'there is no ntpq on node-1 to ask its time service by' },
    ]);
  });
});

describe('SELinux', () => {
  const selinux = (modes: string, mode?: 'enforcing' | 'permissive' | 'disabled') =>
    findingsOf('selinux', { modes }, settingsOf({ section: { selinux: mode } }));

  it('is well where it runs as declared and configured', async () => {
    expect(await selinux('runtime 1\nSELINUX=enforcing', 'enforcing')).toEqual([]);
    expect(await selinux('runtime none', 'disabled')).toEqual([]);
    expect(await selinux('runtime none')).toEqual([]);
  });

  it('that runs otherwise than declared is an error', async () => {
    expect(await selinux('runtime 0\nSELINUX=enforcing', 'enforcing')).toMatchObject([
      { severity: 'error', what: 'SELinux is permissive on node-1, and ostler.yaml says enforcing' },
    ]);
  });

  it('that will be otherwise after the next boot is a warning', async () => {
    expect(await selinux('runtime 0\nSELINUX=enforcing')).toMatchObject([{ severity: 'warn', about: 'mode' }]);
    expect(await selinux('runtime none\nSELINUX=permissive', 'disabled')).toMatchObject([{ severity: 'warn' }]);
  });
});
