import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostsOfAnsible, parseAnsible, parseVars } from '../../../inventory/import/ansible.js';
import { importAnsible } from '../../../inventory/import/ansible-files.js';
import { expandHosts } from '../../../inventory/import/ansible-pattern.js';
import { placedHosts } from '../../../inventory/import/ansible-tree.js';
import type { Imported } from '../../../inventory/import/hosts.js';
import type { RoleRule } from '../../../inventory/import/roles.js';
import { wordsOf } from '../../../inventory/import/words.js';
import { failureOf, folderWith } from '../scratch.js';
import { fixture, lines, omitted } from './samples.js';

const NONE = { groups: new Map(), hosts: new Map() };

/** What is taken over from a text without variables beside it. */
const taken = (text: string, rules: RoleRule[] = [], file = 'hosts'): Imported =>
  hostsOfAnsible(parseAnsible(text, file), NONE, file, rules);

const named = (text: string, rules?: RoleRule[]): string[] =>
  taken(text, rules).hosts.map(({ name, roles }) => `${name} ${roles.join(',')}`);

describe('an inventory of Kolla-ansible', () => {
  it('gives controllers and computes, with the variables beside it', async () => {
    const imported = await importAnsible(fixture('ansible/kolla/multinode'), []);
    const listed = lines(imported);
    expect(listed).toHaveLength(43);
    expect(listed.slice(0, 4)).toEqual([
      'control01 control01 controller kolla 22 ~/.ssh/kolla',
      'control02 control02 controller kolla 22 ~/.ssh/kolla',
      'control03 control03 controller kolla 22 ~/.ssh/kolla',
      'compute01 compute01 compute kolla 2222 ~/.ssh/kolla via jump bastion.example.org 2200',
    ]);
    expect(listed.at(9)).toBe('compute07 10.1.0.7 compute root 2222 ~/.ssh/kolla via jump bastion.example.org 2200');
    expect(listed.at(-1)).toMatch(/^compute40 /);
  });

  it('says which hosts have no role, and what is not taken over', async () => {
    const left = omitted(await importAnsible(fixture('ansible/kolla/multinode'), []));
    expect(left).toContain(
      'ansible/kolla/multinode: network01: left out: no group of it is known as a role of Ostler (network); --role network=ROLE gives it one',
    );
    expect(left).toContain(
      'ansible/kolla/host_vars/compute07.yml: ansible_password: not taken over: Ostler logs in with a key file or an agent',
    );
    expect(left.filter((line) => line.includes('left out'))).toHaveLength(5);
    expect(left.join()).not.toContain('hunter2');
  });

  it('does not take its template groups for services that run', async () => {
    const { hosts } = await importAnsible(fixture('ansible/kolla/multinode'), []);
    expect(new Set(hosts.flatMap(({ roles }) => roles))).toEqual(new Set(['controller', 'compute']));
    const told = await importAnsible(fixture('ansible/kolla/multinode'), [{ of: 'ceph-osd', role: 'ceph-osd' }]);
    expect(lines(told)).toContain('storage01 storage01 ceph-osd kolla 22 ~/.ssh/kolla');
  });

  it('gives the one host of an all-in-one both roles, and asks for its real name', async () => {
    const { hosts } = await importAnsible(fixture('ansible/all-in-one'), []);
    expect(hosts).toMatchObject([
      { name: 'localhost', roles: ['controller', 'compute'], remark: expect.stringContaining('real name') },
    ]);
  });
});

describe('an inventory of ranges and group_vars', () => {
  /** As `ansible-inventory --list` of ansible-core 2.14 and 2.19 has it. */
  const SAME = [
    'ctl-a.example.org 10.0.0.1 controller everybody 22 ~/.ssh/prod key',
    'ctl-b.example.org 10.0.0.2 controller everybody 22 ~/.ssh/prod key',
    'ctl-c.example.org 10.0.0.3 controller everybody 22 ~/.ssh/prod key via bastion.example.org',
    'cmp01-1 cmp01-1 compute stack 2201 ~/.ssh/prod key',
    'cmp01-2 cmp01-2 compute stack 2201 ~/.ssh/prod key',
    'cmp03-1 cmp03-1 compute stack 2201 ~/.ssh/prod key',
    'cmp03-2 cmp03-2 compute stack 2201 ~/.ssh/prod key',
    'cmp99.example.org cmp99.example.org compute - 2299 ~/.ssh/prod key',
    'osd8 osd8 ceph-osd everybody 2203 ~/.ssh/prod key',
    'osd9 osd9 ceph-osd everybody 22 ~/.ssh/prod key',
    'osd10 osd10 ceph-osd everybody 22 ~/.ssh/prod key',
  ];
  const rules: RoleRule[] = [{ of: 'old_osds', role: 'ceph-osd' }];

  it('has the precedence of Ansible', async () => {
    expect(lines(await importAnsible(fixture('ansible/ranges/hosts.ini'), rules))).toEqual(SAME);
  });

  it('reads the same from what `ansible-inventory --list` says of it', async () => {
    expect(lines(await importAnsible(fixture('ansible/list.json'), rules)).sort()).toEqual([...SAME].sort());
  });

  it('lists what is encrypted and what is an expression', async () => {
    expect(omitted(await importAnsible(fixture('ansible/ranges/hosts.ini'), rules))).toEqual([
      'ansible/ranges/group_vars/all/vault.yml: not taken over: it is encrypted by the vault',
      'ansible/ranges/hosts.ini: bastion.example.org: left out: no group of it is known as a role of Ostler (ungrouped)',
      'ansible/ranges/hosts.ini:8: ansible_user: not taken over: it is an expression of Jinja',
    ]);
  });
});

describe('an inventory in YAML', () => {
  it('has nested groups, and group_vars by their names', async () => {
    const imported = await importAnsible(fixture('ansible/tree/site.yml'), []);
    expect(lines(imported)).toEqual([
      'overcloud-controller-0 overcloud-controller-0 controller heat-admin 22 -',
      'overcloud-controller-1 overcloud-controller-1 controller heat-admin 22 -',
      'overcloud-controller-2 overcloud-controller-2 controller heat-admin 22 -',
      'overcloud-novacompute-0 192.0.2.20 compute stack 22 ~/.ssh/compute',
      'overcloud-novacompute-1 overcloud-novacompute-1 compute stack 22 ~/.ssh/compute',
      'overcloud-novacompute-2 2001:db8::22 compute stack 22 ~/.ssh/compute',
      'overcloud-ceph_storage-0 overcloud-ceph_storage-0 ceph-osd stack 22 -',
      'overcloud-cephstorage-2 overcloud-cephstorage-2 ceph-osd stack 2022 -',
    ]);
    expect(imported.hosts.find(({ name }) => name === 'overcloud-novacompute-1')?.remark).toContain('write it');
    const computes = 'ansible/tree/site.yml: all.children.overcloud.children.Compute.hosts';
    expect(omitted(imported)).toEqual([
      `${computes}.overcloud-novacompute-1.ansible_host: not taken over: it is encrypted by the vault`,
      `${computes}.overcloud-novacompute-2.ansible_host: not taken over: it is an expression of Jinja`,
      'ansible/tree/site.yml: overcloud-cephstorage-1: left out: Ansible does not reach it by SSH',
      expect.stringContaining('mon-1: left out'),
      expect.stringContaining('director: left out'),
    ]);
  });

  it('is told from INI where the file has no ending', () => {
    const tree = parseAnsible('# ours\n\ncompute:\n  hosts:\n    c[1:2]:\n', 'hosts');
    expect([...tree.hosts.keys()]).toEqual(['c1', 'c2']);
  });
});

describe('roles', () => {
  it.each([
    ['control', 'controller'],
    ['controllers', 'controller'],
    ['shared-infra_hosts', 'controller'],
    ['storage-infra_hosts', 'controller'],
    ['compute_hosts', 'compute'],
    ['nova_compute', 'compute'],
    ['overcloud_Compute', 'compute'],
    ['osds', 'ceph-osd'],
    ['ceph-osd', 'ceph-osd'],
    ['mongodb', 'mongo'],
    ['eqlx', 'eqlx'],
    ['fuel', 'fuel'],
  ])('come from the group %s', (group, role) => {
    expect(named(`[${group}]\nh1\n`)).toEqual([`h1 ${role}`]);
  });

  it.each(['network', 'storage', 'monitoring', 'deployment', 'mons', 'constructor', 'nova-compute-ironic'])(
    'do not come from the group %s',
    (group) => {
      expect(named(`[${group}]\nh1\n`)).toEqual([]);
    },
  );

  it('add up over all groups of a host, those above it too', () => {
    const text = '[a]\nh1\n[control:children]\na\n[osds]\nh1\n';
    expect(named(text)).toEqual(['h1 controller,ceph-osd']);
  });

  it('are what an operator says, in place of what the name says', () => {
    const rules: RoleRule[] = [
      { of: 'compute', role: 'controller' },
      { of: 'web', role: 'mongo' },
      { of: 'web', role: 'fuel' },
    ];
    expect(named('[compute]\nh1\n[web]\nh2\n', rules)).toEqual(['h1 controller', 'h2 mongo,fuel']);
    expect(named('h1\n', [{ of: 'all', role: 'compute' }])).toEqual(['h1 compute']);
  });

  it('of a group that is not there are refused, with the one that was meant', async () => {
    const failure = await failureOf(() => taken('[storage]\nh1\n', [{ of: 'storag', role: 'ceph-osd' }]));
    expect(failure.message).toBe('hosts: has no group "storag"; did you mean storage?');
  });
});

describe('ranges', () => {
  it.each([
    ['c[1:3]', ['c1', 'c2', 'c3']],
    ['c[08:10].x', ['c08.x', 'c09.x', 'c10.x']],
    ['c[:1]', ['c0', 'c1']],
    ['c[1:9:4]', ['c1', 'c5', 'c9']],
    ['r[a:c:2]-[1:2]', ['ra-1', 'ra-2', 'rc-1', 'rc-2']],
    ['c[3:1]', []],
    ['2001:db8::1', ['2001:db8::1']],
  ])('%s', (entry, names) => {
    expect(expandHosts(entry)).toEqual({ names });
  });

  it('may have a port after them', () => {
    expect(expandHosts('c[1:2]:2222')).toEqual({ names: ['c1', 'c2'], port: 2222 });
    expect(expandHosts('[2001:db8::1]:22')).toEqual({ names: ['2001:db8::1'], port: 22 });
  });

  it.each([
    'c[1-3]',
    'c[1:3',
    'c[01:100]',
    'c[z:a]',
    'c[1:3:0]',
    'c[a:3]',
    'c[1:]',
    'c[0:99999999]',
    'c:',
    'c[1:999][1:999]',
  ])('like %s are refused', (entry) => {
    expect(expandHosts(entry)).toEqual({ reason: expect.any(String) });
  });
});

describe('words', () => {
  it.each([
    ['a b="c d" \'e f\'', ['a', 'b=c d', 'e f']],
    ['a\\ b "c\\"\\d"', ['a b', 'c"\\d']],
    ['a x=b#c', ['a', 'x=b']],
    ['""', ['']],
    ['"open', undefined],
    ['end\\', undefined],
  ])('%s', (text, words) => {
    expect(wordsOf(text, { comments: true })).toEqual(words);
  });
});

describe('precedence', () => {
  const winner = (ini: string, vars: Record<string, string> = {}): unknown => {
    const groups = new Map(Object.entries(vars).map(([name, text]) => [name, parseVars(text, name) ?? new Map()]));
    const [first] = placedHosts(parseAnsible(ini, 'hosts'), { groups, hosts: new Map() }, 'hosts');
    return first?.settings.get('v')?.value;
  };

  it.each([
    ['a child over its parent', '[b]\nh\n[a:children]\nb\n[a:vars]\nv=a\n[b:vars]\nv=b\n', 'b'],
    ['the later name of one depth', '[b]\nh\n[a]\nh\n[a:vars]\nv=a\n[b:vars]\nv=b\n', 'b'],
    ['the longest way down', '[c]\nh\n[a:children]\nc\n[z]\nh\n[z:vars]\nv=z\n[c:vars]\nv=c\n', 'c'],
    [
      'the higher priority of one depth',
      '[b]\nh\n[a]\nh\n[a:vars]\nv=a\nansible_group_priority=2\n[b:vars]\nv=b\n',
      'a',
    ],
    ['the host over its groups', '[b]\nh v=h\n[b:vars]\nv=b\n', 'h'],
    ['any group over all', '[b]\nh\n[all:vars]\nv=all\n[b:vars]\nv=b\n', 'b'],
  ])('%s', (_name, ini, value) => {
    expect(winner(ini)).toBe(value);
  });

  it('group_vars/all wins over a group in the inventory, and group_vars of the group over both', () => {
    expect(winner('[b]\nh\n[b:vars]\nv=b\n', { all: 'v: beside' })).toBe('beside');
    expect(winner('[b]\nh\n[b:vars]\nv=b\n', { all: 'v: beside', b: 'v: own' })).toBe('own');
  });

  it('takes the first of the files of one name, and all files of a folder in their order', async () => {
    const folder = await folderWith(
      {
        hosts: '[compute]\nc1\nc2\n',
        'group_vars/compute/a.yml': 'ansible_user: first\nansible_port: 1\n',
        'group_vars/compute/b.json': '{"ansible_user": "second"}',
        'group_vars/compute/.hidden.yml': 'ansible_user: hidden\n',
        'group_vars/compute/c.yml~': 'ansible_user: backup\n',
        'group_vars/compute.yml': 'ansible_user: never\n',
        'host_vars/c2.yaml': 'ansible_user: own\n',
        'host_vars/c2.json': '{"ansible_user": "never"}',
      },
      0o700,
    );
    expect(lines(await importAnsible(join(folder, 'hosts'), []))).toEqual([
      'c1 c1 compute second 1 -',
      'c2 c2 compute own 1 -',
    ]);
  });
});

describe('a way through a bastion', () => {
  const jump = (args: string): unknown =>
    taken(`[compute]\nc1\n[compute:vars]\nansible_ssh_common_args=${args}\n`).hosts[0]?.ssh.proxyJump;

  it.each([
    ['-J b', { address: 'b' }],
    ["'-o ProxyJump=me@b:2200'", { address: 'b', user: 'me', port: 2200 }],
    ["'-C -oProxyJump=[2001:db8::1]:22'", { address: '2001:db8::1', port: 22 }],
    [`'-o ProxyCommand="ssh -W %h:%p -q me@b"'`, { address: 'b', user: 'me' }],
    ['-o ProxyJump=none', undefined],
    ['-o ControlPersist=60s', undefined],
  ])('%s', (args, expected) => {
    expect(jump(args)).toEqual(expected);
  });

  it.each(['-J a,b', `'-o ProxyCommand="nc -x proxy %h %p"'`])('like %s is left to a person', (args) => {
    const imported = taken(`[compute]\nc1 ansible_ssh_common_args=${args.startsWith("'") ? args : `'${args}'`}\n`);
    expect(imported.hosts[0]?.ssh).toEqual({});
    expect(omitted(imported)).toEqual([expect.stringMatching(/^hosts:2: ansible_ssh_common_args: not taken over: /)]);
  });
});

describe('what cannot be read is refused', () => {
  it.each([
    ['[a]\nh x\n', 'hosts:2: only key=value can follow a host'],
    ['[a]\nh x="y\n', 'hosts:2: a quote that is not closed'],
    ['[a:kids]\nb\n', 'hosts:1: a section can be'],
    ['[a b]\nh\n', 'hosts:1: a section that is not understood'],
    ['[a:vars]\nx=1\n', 'hosts:1: a: variables of a group that has no section'],
    ['[a:children]\nb\n', 'hosts:2: b: a child group that has no section'],
    ['[a:children]\nb c\n[b]\n', 'hosts:2: only the name of a group'],
    ['[a]\n[a:vars]\nx\n', 'hosts:3: only key=value'],
    ['[a]\nh[1-3]\n', 'hosts:2: a host range must be'],
    ['', 'hosts: is empty'],
    ['#!/usr/bin/env python3\n', 'hosts: is a program, which is not run; save what `ansible-inventory'],
    ['\x7fELF\0\0', 'hosts: is a program'],
  ])('%j', async (text, message) => {
    expect((await failureOf(() => parseAnsible(text, 'hosts'))).message).toContain(message);
  });

  it.each([
    ['a:\n  hosts: [h1]\n', 'a.hosts: must be a map; each name in it ends with a colon'],
    ['a:\n  hosts: { h1: text }\n', 'a.hosts.h1: must be a map of variables'],
    ['a:\n  hosts: { "h[1-2]": }\n', 'a.hosts["h[1-2]"]: a host range'],
    ['a: text\n', 'a: must be a group'],
    ['a:\n  vars: [1]\n', 'a.vars: must be a map of variables'],
    ['- a\n', 'must be a map of groups'],
    ['plugin: openstack.cloud.openstack\n', 'is the configuration of an inventory plugin'],
    ['a: {\n  password: hunter2\n', 'hosts.yml:'],
  ])('%j', async (text, message) => {
    const failure = await failureOf(() => parseAnsible(text, 'hosts.yml'));
    expect(failure.message).toContain(message);
    expect(failure.message).not.toContain('hunter2');
  });

  it('every mistake at once', async () => {
    const failure = await failureOf(() => parseAnsible('[a]\nh x\nh[1-2]\n', 'hosts'));
    expect(failure.message.split('\n')).toHaveLength(2);
  });

  it('a group that contains itself', async () => {
    const failure = await failureOf(() => taken('[a:children]\nb\n[b:children]\na\n[c]\nh\n'));
    expect(failure.message).toContain('is a group inside of itself');
  });

  it('TOML, a folder, no file, and variables that are none', async () => {
    const folder = await folderWith(
      { 'hosts.toml': '', hosts: '[compute]\nc1\n', 'group_vars/compute': '- a\n' },
      0o700,
    );
    const message = async (file: string): Promise<string> =>
      (await failureOf(() => importAnsible(join(folder, file), []))).message;
    expect(await message('hosts.toml')).toContain('is TOML');
    expect(await message('group_vars')).toContain('is a folder');
    expect(await message('nowhere')).toContain('there is no such file');
    expect(await message('hosts')).toContain('group_vars/compute: must be a map of variables');
  });
});
