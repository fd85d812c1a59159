import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Imported } from '../../../inventory/import/hosts.js';
import type { RoleRule } from '../../../inventory/import/roles.js';
import { hostsOfSshConfig, parseSshConfig } from '../../../inventory/import/ssh-config.js';
import { importSshConfig } from '../../../inventory/import/ssh-config-files.js';
import { failureOf, folderWith } from '../scratch.js';
import { fixture, lines, omitted } from './samples.js';

const taken = (text: string, rules: RoleRule[] = []): Imported =>
  hostsOfSshConfig(parseSshConfig(text, 'config'), 'config', rules);

describe('an ssh_config with Include', () => {
  it('has what `ssh -G` has, but for conditions', async () => {
    const imported = await importSshConfig(
      fixture('ssh-config/config'),
      [{ of: 'cmp-?', role: 'compute' }],
      '/nowhere',
    );
    expect(lines(imported)).toEqual([
      'controller-1 10.0.0.101 controller ops 22 ~/.ssh/id_ed25519',
      'controller-2 10.0.0.102 controller root 22 ~/.ssh/id_ed25519',
      'controller-3 10.0.0.103 controller ops 22 ~/.ssh/id_ed25519 via jump2 2001:db8::1 2201',
      'compute-1 compute-1.example.org compute stack 22 ~/.ssh/the key via jump bastion.example.org 2200',
      'compute-2 compute-2.example.org compute stack 22 ~/.ssh/the key via jump bastion.example.org 2200',
      'compute-3 10.0.0.3 compute stack 2222 ~/.ssh/the key via jump bastion.example.org 2200',
      'compute-9 10.0.0.9 compute ops 22 ~/.ssh/compute-9_ops',
      'cmp-a 10.0.0.11 compute ops 22 ~/.ssh/id_ed25519 via jump bastion.example.org 2200',
    ]);
    expect(omitted(imported)).toEqual([
      'ssh-config/config:35: Match: not taken over: what holds only under conditions',
      expect.stringContaining('bastion: left out: its name says no role'),
      expect.stringContaining('github.com: left out: its name says no role'),
    ]);
  });

  it('is looked for in ~/.ssh first, as ssh does', async () => {
    const home = await folderWith({ '.ssh/more': 'Host compute-1\n', 'conf/more': 'Host compute-2\n' }, 0o700);
    const folder = await folderWith({ config: `Include more ${home}/conf/* nowhere`, more: 'Host compute-3\n' });
    expect(lines(await importSshConfig(join(folder, 'config'), [], home))).toEqual([
      'compute-1 compute-1 compute - 22 -',
      'compute-2 compute-2 compute - 22 -',
    ]);
  });

  it('holds for a block only, where it stands in one', async () => {
    const folder = await folderWith({
      config: 'Host compute-1\n Include inner\nHost compute-*\n User second\nHost compute-2\n',
      inner: 'User first\nHost compute-2\n User never\nHost compute-9\n',
    });
    expect(lines(await importSshConfig(join(folder, 'config'), [], '/nowhere'))).toEqual([
      'compute-1 compute-1 compute first 22 -',
      'compute-2 compute-2 compute second 22 -',
    ]);
  });

  it('that includes itself is refused', async () => {
    const folder = await folderWith({ config: 'Include config\n' });
    const failure = await failureOf(() => importSshConfig(join(folder, 'config'), [], '/nowhere'));
    expect(failure.message).toBe(`${folder}/config:1: includes files too deeply`);
  });
});

describe('roles', () => {
  it('come from the beginning of a name, or from the patterns that fit', () => {
    const text = 'Host controller1 compute-a mongo-1 ceph-osd-1 eqlx fuel ctl1 compute-b\n';
    const rules: RoleRule[] = [
      { of: 'ctl*', role: 'controller' },
      { of: 'ctl?', role: 'mongo' },
      { of: '*-b', role: 'ceph-osd' },
    ];
    expect(taken(text, rules).hosts.map(({ name, roles }) => `${name} ${roles.join(',')}`)).toEqual([
      'controller1 controller',
      'compute-a compute',
      'mongo-1 mongo',
      'ceph-osd-1 ceph-osd',
      'eqlx eqlx',
      'fuel fuel',
      'ctl1 controller,mongo',
      'compute-b ceph-osd',
    ]);
  });

  it('of a pattern that fits nothing are refused', async () => {
    const failure = await failureOf(() => taken('Host compute-1\n', [{ of: 'cmp*', role: 'compute' }]));
    expect(failure.message).toBe('config: names no host like "cmp*"');
  });
});

describe('a host', () => {
  const only = (text: string): string | undefined => lines(taken(text))[0];

  it.each([
    ['Host compute-1\n\tHostname=10.0.0.1\n', 'compute-1 10.0.0.1 compute - 22 -'],
    ['host "compute-1"\nHOSTNAME %h.x # comment\n', 'compute-1 compute-1.x compute - 22 -'],
    ['User all\nHost compute-1\nUser own\n', 'compute-1 compute-1 compute all 22 -'],
    ['Host compute-1\nHost *\nUser all\nHost * !compute-1\nPort 9\n', 'compute-1 compute-1 compute all 22 -'],
    ['Host compute-1\nMatch all\nUser all\nMatch user x\nPort 9\n', 'compute-1 compute-1 compute all 22 -'],
    ['Host compute-1\nIdentityFile %d/k\nIdentityFile other\n', 'compute-1 compute-1 compute - 22 ~/k'],
    ['Host compute-1\nProxyJump none\nProxyCommand nc %h %p\n', 'compute-1 compute-1 compute - 22 -'],
  ])('%j', (text, line) => {
    expect(only(text)).toBe(line);
  });

  it.each([
    'ProxyJump a,b',
    'ProxyJump via\nHost via\nProxyJump further',
    'ProxyCommand nc -x proxy %h %p',
    'IdentityFile ~/.ssh/%C',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is ssh's own
    'IdentityFile ${KEYS}/id',
  ])('keeps nothing of %j, and says so', (setting) => {
    const imported = taken(`Host compute-1\n${setting}\n`);
    expect(imported.hosts[0]?.ssh).toEqual({});
    expect(omitted(imported)).toContainEqual(expect.stringMatching(/^config:1: compute-1: its .* is not taken over/));
  });

  it('behind a bastion that is no Host of the file has what is said there', () => {
    const { hosts } = taken('Host compute-1\nProxyJump me@b:2200\nHost b\nUser other\nIdentityFile ~/.ssh/b\n');
    expect(hosts[0]?.ssh.proxyJump).toEqual({ address: 'b', user: 'me', port: 2200, identityFile: '~/.ssh/b' });
  });
});

describe('what ssh would refuse', () => {
  it('is refused, every line at once and without its text', async () => {
    const failure = await failureOf(() => parseSshConfig('Host\nUser "hunter2\nHost ok\nPort\n', 'config'));
    const reason = 'a keyword without a value, or a quote that is not closed';
    expect(failure.message.split('\n')).toEqual([1, 2, 4].map((line) => `config:${line}: ${reason}`));
  });
});
