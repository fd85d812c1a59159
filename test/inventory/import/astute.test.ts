import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { hostsOfAstute, importAstute } from '../../../inventory/import/astute.js';
import { settled } from '../../../inventory/import/hosts.js';
import { renderInventory } from '../../../inventory/import/write.js';
import { failureOf } from '../scratch.js';
import { fixture, lines, omitted } from './samples.js';

describe('astute.yaml of the older Fuels', () => {
  const file = fixture('fuel/astute-6.yaml');

  it('has one node for each uid, with all its roles, in the management network', async () => {
    const imported = await importAstute(file, []);
    expect(lines(imported)).toEqual([
      'node-1.domain.tld 192.168.0.2 controller,ceph-osd - 22 -',
      'node-2.domain.tld 192.168.0.3 controller - 22 -',
      'node-3.domain.tld 192.168.0.4 controller - 22 -',
      'node-4.domain.tld 192.168.0.5 mongo - 22 -',
      'node-5.domain.tld 192.168.0.6 mongo - 22 -',
      'node-6.domain.tld 192.168.0.7 ceph-osd - 22 -',
      'node-10.domain.tld 192.168.0.11 compute - 22 -',
      'node-9.domain.tld 192.168.0.10 compute - 22 -',
    ]);
    expect(omitted(imported)).toEqual([
      "fuel/astute-6.yaml: node-11.domain.tld: left out: its roles in Fuel (cinder) are none of Ostler's",
      "fuel/astute-6.yaml: node-12.domain.tld: left out: its roles in Fuel (base-os) are none of Ostler's",
    ]);
  });

  it('takes the roles that an operator names', async () => {
    const { hosts } = await importAstute(file, [{ of: 'base-os', role: 'fuel' }]);
    expect(hosts.at(-1)).toMatchObject({ name: 'node-12.domain.tld', roles: ['fuel'] });
  });
});

describe('astute.yaml of the later Fuels', () => {
  it('has the nodes of network_metadata', async () => {
    const imported = await importAstute(fixture('fuel/astute-9.yaml'), []);
    expect(lines(imported)).toEqual([
      'node-1.test.domain.local 10.109.1.4 controller,ceph-osd - 22 -',
      'node-2.test.domain.local 10.109.1.5 controller,mongo - 22 -',
      'node-3.test.domain.local 10.109.1.6 controller - 22 -',
      'node-4.test.domain.local 10.109.0.8 compute - 22 -',
      'node-5.test.domain.local 10.109.1.8 mongo - 22 -',
    ]);
    expect(omitted(imported)).toEqual([
      'fuel/astute-9.yaml: node-6.test.domain.local: left out: it has no address in the management network',
      "fuel/astute-9.yaml: node-7.test.domain.local: left out: its roles in Fuel (cinder, ironic) are none of Ostler's",
    ]);
  });
});

describe('the secrets of an astute.yaml', () => {
  it.each(['fuel/astute-6.yaml', 'fuel/astute-9.yaml'])('of %s are nowhere in what is made of it', async (name) => {
    const file = fixture(name);
    expect(await readFile(file, 'utf8')).toContain('hunter2');
    const { hosts, omissions } = settled(await importAstute(file, []), file);
    expect(renderInventory({ cloud: 'prod', hosts, source: file }) + JSON.stringify(omissions)).not.toContain(
      'hunter2',
    );
  });

  it('are in no message about what cannot be read', async () => {
    const failure = await failureOf(() =>
      hostsOfAstute('mysql: {root_password: hunter2\nnodes: x\n', 'astute.yaml', []),
    );
    expect(failure.message).toMatch(/^astute\.yaml:\d+: not valid YAML/);
    expect(failure.message).not.toContain('hunter2');
  });
});

describe('what is no astute.yaml of a node', () => {
  it.each([
    ['HOSTNAME: fuel\nADMIN_NETWORK: { ipaddress: 10.20.0.2 }\n', 'astute.yaml: lists no nodes'],
    ['nodes: text\n', 'astute.yaml: nodes: must be a list, not text'],
    ['nodes: [{ fqdn: n1, internal_address: 10.0.0.1 }]\n', 'astute.yaml: nodes[0].role: is missing'],
    ['nodes: [{ role: compute }]\n', 'astute.yaml: nodes[0]: has neither fqdn nor name'],
    ['network_metadata: { nodes: { n1: { node_roles: compute } } }\n', 'network_metadata.nodes.n1.node_roles: must be'],
    ['- a\n', 'astute.yaml: must be a map'],
    ['', 'astute.yaml: must be a map'],
  ])('%j', async (text, message) => {
    expect((await failureOf(() => hostsOfAstute(text, 'astute.yaml', []))).message).toContain(message);
  });
});
