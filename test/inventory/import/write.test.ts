import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ImportedHost, type Login, settled } from '../../../inventory/import/hosts.js';
import { ROLES, sortedRoles } from '../../../inventory/import/roles.js';
import { renderInventory } from '../../../inventory/import/write.js';
import { parseInventory, siteOf } from '../../../inventory/load.js';
import { sshTarget } from '../../../inventory/targets.js';
import { failureOf } from '../scratch.js';
import { host, omitted } from './samples.js';

const written = (hosts: ImportedHost[]): string =>
  renderInventory({ cloud: 'prod', hosts, source: 'the Ansible inventory hosts', schema: './s.json' });

describe('the inventory that is written', () => {
  it('says where its hosts come from and what is to decide', () => {
    const text = written([
      host('c2', { ssh: { user: 'kolla', identityFile: '~/.ssh/kolla' } }),
      host('c10', { ssh: { user: 'kolla', port: 2222, proxyJump: { address: 'b' } }, remark: 'look here' }),
      host('k1', { roles: ['controller', 'mongo'], origin: 'the groups control, mongo', ssh: { user: 'root' } }),
    ]);
    expect(text.slice(0, text.indexOf('\n# How many'))).toBe(`# yaml-language-server: $schema=./s.json
# The cloud that Ostler looks after, from the Ansible inventory hosts.
# Paths are relative to this file, and ~/ is your home folder.
# To decide: ssh.identityFile, which the source does not say for 2 of 3 nodes
# To decide: failureDomain of each node, which is what fails together, such as a rack: { ..., failureDomain: rack-a }
# To decide: what stands behind nodes as a comment

cloud: prod

ssh:
  user: kolla
  identityFile: ~/.ssh/id_ed25519
  knownHosts: ~/.ssh/known_hosts

nodes:
  # controller, mongo: from the groups control, mongo
  - { name: k1, address: k1, roles: [ controller, mongo ], ssh: { user: root } }
  # compute: from the group compute
  - { name: c2, address: c2, roles: [ compute ], ssh: { identityFile: ~/.ssh/kolla } }
  - { name: c10, address: c10, roles: [ compute ], ssh: { port: 2222, proxyJump: { address: b } } } # look here
`);
  });

  it('cannot be made for a cloud that has no name', async () => {
    const failure = await failureOf(() => renderInventory({ cloud: 'a b', hosts: [host('c1')], source: 'x' }));
    expect(failure.message).toContain('cloud: must be a word');
  });

  it('keeps its comments comments', () => {
    const text = renderInventory({
      cloud: 'prod',
      hosts: [host('c1', { remark: 'a\nnodes: []' })],
      source: 'x\ncloud: y',
    });
    expect(parseInventory(text, 'ostler.yaml')).toMatchObject({ cloud: 'prod', nodes: [{ name: 'c1' }] });
  });

  it('loads, and has the hosts that it was made from, reached in the same way', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const login = fc.record(
      {
        user: word,
        port: fc.integer({ min: 1, max: 65535 }).filter((port) => port !== 22),
        identityFile: fc.constantFrom('~/.ssh/a b', '/k: #1', 'true', "it's", '{x}'),
      },
      { requiredKeys: [] },
    );
    const bastion = fc.record({ address: word, user: word, port: fc.integer({ min: 1, max: 65535 }) });
    const ssh: fc.Arbitrary<Login> = fc
      .tuple(login, fc.option(bastion, { nil: undefined }))
      .map(([own, proxyJump]) => ({ ...own, ...(proxyJump && { proxyJump }) }));
    const name = fc.oneof(fc.constantFrom('1e3', '007', 'null', 'true', 'no', '0x1f', '1.5'), word);
    const hosts = fc.uniqueArray(
      fc.record({ name, roles: fc.subarray([...ROLES], { minLength: 1 }).map(sortedRoles), ssh }),
      { minLength: 1, maxLength: 12, selector: (one) => one.name },
    );
    fc.assert(
      fc.property(hosts, (some) => {
        const made = some.map((one, index) => host(one.name, { ...one, address: `10.0.0.${index}` }));
        const { hosts: kept } = settled({ hosts: made, omissions: [] }, 'hosts');
        expect(kept).toEqual(made);
        const site = siteOf(parseInventory(written(kept), 'ostler.yaml'), '/site/ostler.yaml');
        expect(new Map(site.nodes.map((node) => [node.name, [node.address, node.roles]]))).toEqual(
          new Map(made.map((one) => [one.name, [one.address, one.roles]])),
        );
        for (const one of made) {
          const target = sshTarget(site, one.name);
          expect(target).toMatchObject({ port: one.ssh.port ?? 22, ...(one.ssh.user && { user: one.ssh.user }) });
          if (one.ssh.proxyJump) expect(target.proxyJump).toMatchObject(one.ssh.proxyJump);
          else expect(target.proxyJump).toBeUndefined();
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('hosts that cannot stand in it', () => {
  const settle = (...hosts: ImportedHost[]) => settled({ hosts, omissions: [] }, 'hosts');

  it('are left out, and said', () => {
    const left = settle(
      host('c_1'),
      host('c_2'),
      host('c3', { address: '10.0.0.256' }),
      host('c4', { ssh: { user: 'DOMAIN\\me', port: 70_000, identityFile: 'k' } }),
      host('c5', { ssh: { proxyJump: { address: 'b_1' } } }),
    );
    expect(left.hosts.map(({ name, ssh }) => [name, ssh])).toEqual([
      ['c4', { identityFile: 'k' }],
      ['c5', {}],
    ]);
    expect(omitted(left)).toEqual([
      'hosts: c_1, c_2: left out: its name must be a host name (letters, digits, hyphens, dots)',
      'hosts: c3: left out: its address must be an IP address or a host name',
      'hosts: c4: its user is not taken over: it must be a POSIX user name',
      'hosts: c4: its port is not taken over: it must be at most 65535',
      'hosts: c5: its proxyJump is not taken over: it must be an IP address or a host name',
    ]);
  });

  it('twice are there once', () => {
    const left = settle(
      host('c1', { address: '10.0.0.1' }),
      host('C1', { address: '10.0.0.2' }),
      host('c2', { address: '10.0.0.1' }),
      host('c3', { address: '10.0.0.1', ssh: { port: 2222 } }),
    );
    expect(left.hosts.map(({ name }) => name)).toEqual(['c1', 'c3']);
    expect(omitted(left)).toEqual([
      'hosts: C1, c2: left out: it has the name or the address of c1; if both are one host, give that one the roles of both',
    ]);
  });

  it('are named up to a number', () => {
    const many = Array.from({ length: 20 }, (_, index) => host(`c_${index}`));
    expect(omitted(settle(host('c1'), ...many))[0]).toMatch(/^hosts: c_0, .*c_7 and 12 more: left out: /);
  });

  it('and no others are an error that says why', async () => {
    const failure = await failureOf(() => settle(host('c_1')));
    expect(failure.message.split('\n')).toEqual([
      expect.stringContaining('hosts: c_1: left out'),
      'hosts: no host is left that Ostler could look after',
    ]);
  });
});
