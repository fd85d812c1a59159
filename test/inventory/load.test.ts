import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InventoryError, loadInventory, parseInventory } from '../../inventory/load.js';
import { failureOf, folderWith } from './scratch.js';

/** From the issue: "This must work as it stands". */
const AS_IT_STANDS = `cloud: prod
ssh: { user: ops, identityFile: ./id_ed25519, knownHosts: ./known_hosts }
nodes:
  - { name: compute-1.example.org, address: 10.20.0.21, roles: [compute], failureDomain: rack-a }
`;

const HEAD = `cloud: prod
ssh: { user: ops, agent: true }
`;
const NODES = 'nodes: [{ name: c1, address: 10.0.0.1, roles: [compute] }]\n';

/** An inventory with something in every place where something can be. */
const COMPLETE = {
  cloud: 'prod',
  distribution: 'auto',
  ssh: {
    user: 'ops',
    port: 22,
    identityFile: 'id',
    passphrase: 'env:P',
    knownHosts: ['known_hosts'],
    connectTimeout: '10s',
    keepalive: '10s',
    proxyJump: { address: 'bastion', port: 22, user: 'jump', identityFile: 'jump', passphrase: 'env:J' },
  },
  nodes: [
    {
      name: 'c1',
      address: '10.0.0.1',
      roles: ['compute'],
      failureDomain: 'rack-1',
      labels: { generation: '2' },
      distribution: 'rdo',
      ssh: { user: 'root', port: 2222, agent: true, proxyJump: { address: 'other', port: 22 } },
    },
    { name: 'c2', address: '2001:db8::1', roles: ['compute'] },
  ],
  units: { 'nova-compute': ['my-nova.service'] },
  maxUnavailable: { compute: '25%' },
  openstack: { cloudsYaml: 'clouds.yaml', cloud: 'prod' },
  notify: { webhook: 'https://chat.example.org/hooks/1' },
};

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The path of every value inside a document, and of the document itself. */
const places = (value: Json): string[][] => [
  [],
  ...(value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([key, inner]) => places(inner).map((path) => [key, ...path]))
    : []),
];

function replaced(document: Json, [key, ...rest]: readonly string[], value: Json): Json {
  if (key === undefined) return value;
  const copy = structuredClone(document) as { [key: string]: Json };
  copy[key] = replaced(copy[key] as Json, rest, value);
  return copy;
}

/** What may stand where something else belongs; some of it trips whoever takes it for a text. */
const anything = fc.oneof(
  fc.constantFrom<Json>(null, true, 101, -1, 1.5, '', 'none', 'c1', '::1', [], {}, [[]], [null], { toString: 1 }),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

/** The lines of the message with which a text is refused. */
function problemsOf(text: string): string[] {
  try {
    parseInventory(text, 'ostler.yaml');
  } catch (error) {
    if (error instanceof InventoryError) return error.message.split('\n');
    throw error;
  }
  throw new Error('it was accepted');
}

describe('an inventory', () => {
  it('loads as the shortest example stands, defaults filled in and paths relative to the file', async () => {
    const folder = await folderWith({ 'ostler.yaml': AS_IT_STANDS });
    const site = await loadInventory(join(folder, 'ostler.yaml'));
    const { node: _lookup, inventory, ...facts } = site;
    expect(facts).toEqual({
      file: join(folder, 'ostler.yaml'),
      cloud: 'prod',
      distribution: 'auto',
      ssh: {
        user: 'ops',
        port: 22,
        identityFile: join(folder, 'id_ed25519'),
        knownHosts: [join(folder, 'known_hosts')],
        connectTimeout: 10_000,
        keepalive: 10_000,
      },
      nodes: [
        {
          name: 'compute-1.example.org',
          address: '10.20.0.21',
          roles: ['compute'],
          failureDomain: 'rack-a',
          labels: {},
        },
      ],
      units: {},
      cluster: {
        vips: ['vip__management', 'vip__public'],
        resources: expect.arrayContaining(['clone_p_mysql', 'p_neutron-dhcp-agent']),
        backends: expect.arrayContaining(['keystone-1', 'mysqld']),
        haproxySockets: ['/run/haproxy/admin.sock', '/var/lib/haproxy/stats'],
      },
      maxUnavailable: {},
      audit: expect.objectContaining({ samples: 2, off: [], thresholds: {}, fuel: { backupDir: '/var/backup/fuel' } }),
      schedules: {},
    });
    expect(inventory.ssh).toMatchObject({ identityFile: './id_ed25519', knownHosts: './known_hosts' });
  });

  it('is taken with everything it can hold, every path made absolute', async () => {
    const folder = await folderWith({
      'etc/ostler.yaml': `cloud: prod
distribution: rdo
ssh:
  user: ops
  port: 2222
  identityFile: ~/.ssh/id
  passphrase: file:secrets/key
  knownHosts: [/etc/ssh/known, known]
  connectTimeout: 5s
  keepalive: 1m
  proxyJump: { address: bastion, user: jump, identityFile: jump_key, passphrase: env:JUMP }
nodes:
  - { name: c1, address: "2001:db8::1", roles: [compute, ceph-osd], labels: { gen: "2" }, distribution: kolla }
  - { name: c2, address: c2.example.org, roles: [compute], ssh: { agent: run/agent.sock, proxyJump: none } }
units: { nova-compute: [my-nova.service] }
maxUnavailable: { compute: 25%, controller: 1 }
openstack: { authUrl: "https://vip:5000/v3", username: ops, password: file:pw, project: admin, caFile: ca.pem }
notify: { command: [./tell, --loud] }
`,
    });
    const etc = join(folder, 'etc');
    const site = await loadInventory(join(etc, 'ostler.yaml'));
    expect(site.ssh).toEqual({
      user: 'ops',
      port: 2222,
      identityFile: join(homedir(), '.ssh/id'),
      passphrase: `file:${etc}/secrets/key`,
      knownHosts: ['/etc/ssh/known', join(etc, 'known')],
      connectTimeout: 5_000,
      keepalive: 60_000,
      proxyJump: {
        address: 'bastion',
        port: 22,
        user: 'jump',
        identityFile: join(etc, 'jump_key'),
        passphrase: 'env:JUMP',
      },
    });
    expect(site.node('c2').ssh).toEqual({ agent: join(etc, 'run/agent.sock'), proxyJump: 'none' });
    expect(site.maxUnavailable).toEqual({ compute: '25%', controller: 1 });
    expect(site.openstack).toMatchObject({
      password: `file:${etc}/pw`,
      caFile: join(etc, 'ca.pem'),
      interface: 'internal',
    });
    expect(site.notify).toEqual({ command: [join(etc, 'tell'), '--loud'] });
  });

  it('keeps a webhook as it is written, and makes a reference to it absolute', async () => {
    const folder = await folderWith({
      'url.yaml': `${HEAD}${NODES}notify: { webhook: "https://chat.example.org/hooks/1" }\n`,
      'env.yaml': `${HEAD}${NODES}notify: { webhook: env:OSTLER_WEBHOOK }\n`,
      'file.yaml': `${HEAD}${NODES}notify: { webhook: file:secrets/webhook }\n`,
    });
    const notify = async (name: string) => (await loadInventory(join(folder, name))).notify;
    expect([await notify('url.yaml'), await notify('env.yaml'), await notify('file.yaml')]).toEqual([
      { webhook: 'https://chat.example.org/hooks/1' },
      { webhook: 'env:OSTLER_WEBHOOK' },
      { webhook: `file:${folder}/secrets/webhook` },
    ]);
  });

  it('leaves a program without a slash to the PATH', async () => {
    const folder = await folderWith({ 'ostler.yaml': `${HEAD}${NODES}notify: { command: [logger] }\n` });
    expect((await loadInventory(join(folder, 'ostler.yaml'))).notify).toEqual({ command: ['logger'] });
  });

  it('refuses a node it does not hold, with the one that was probably meant', async () => {
    const folder = await folderWith({ 'ostler.yaml': AS_IT_STANDS });
    const file = join(folder, 'ostler.yaml');
    const site = await loadInventory(file);
    expect((await failureOf(() => site.node('compute-2.example.org'))).message).toBe(
      `the node compute-2.example.org is not in ${file}; did you mean compute-1.example.org?`,
    );
    expect((await failureOf(() => site.node('toString'))).message).toBe(
      `the node toString is not in ${file}; \`ostler nodes\` lists those that are`,
    );
  });

  it('may give several nodes one address when their ports or bastions differ', () => {
    const nodes = `nodes:
  - { name: a, address: 127.0.0.1, roles: [compute], ssh: { port: 2201 } }
  - { name: b, address: 127.0.0.1, roles: [compute], ssh: { port: 2202 } }
  - { name: c, address: 127.0.0.1, roles: [compute], ssh: { port: 2202, proxyJump: { address: bastion } } }
`;
    expect(parseInventory(HEAD + nodes, 'ostler.yaml').nodes).toHaveLength(3);
  });

  it('may give several nodes one IPv6 address when their ports differ', () => {
    const nodes = `nodes:
  - { name: a, address: "2001:db8::1", roles: [compute], ssh: { port: 2201 } }
  - { name: b, address: "2001:DB8:0::1", roles: [compute], ssh: { port: 2202 } }
`;
    expect(parseInventory(HEAD + nodes, 'ostler.yaml').nodes.map(({ address }) => address)).toEqual([
      '2001:db8::1',
      '2001:DB8:0::1',
    ]);
  });

  it('may write a thing once and refer to it', () => {
    const text = `${HEAD}nodes:
  - { name: a, address: 10.0.0.1, roles: &roles [compute] }
  - { name: b, address: 10.0.0.2, roles: *roles }
`;
    expect(parseInventory(text, 'ostler.yaml').nodes[1]?.roles).toEqual(['compute']);
  });
});

describe('an inventory that is wrong', () => {
  it.each<[string, string, string[]]>([
    [
      'an unknown role',
      `${HEAD}nodes:\n  - name: c1\n    address: 10.0.0.1\n    roles: [computer]\n`,
      ['ostler.yaml:6: nodes[0].roles[0]: unknown role "computer"; did you mean compute?'],
    ],
    [
      'a role that is like none',
      `${HEAD}nodes: [{ name: c1, address: 10.0.0.1, roles: [web] }]\n`,
      [
        'ostler.yaml:3: nodes[0].roles[0]: unknown role "web"; it can be controller, compute, mongo, ceph-osd, eqlx, fuel',
      ],
    ],
    [
      'a node twice, in whatever case',
      `${HEAD}nodes:\n  - { name: c1, address: 10.0.0.1, roles: [compute] }\n  - name: C1\n    address: 10.0.0.2\n    roles: [compute]\n`,
      [
        'ostler.yaml:5: nodes[1].name: C1 is already the name of nodes[0]; one host listed twice would be restarted twice',
      ],
    ],
    [
      'an address twice',
      `${HEAD}nodes:\n  - { name: c1, address: 10.0.0.1, roles: [compute] }\n  - { name: c2, address: 10.0.0.1, roles: [compute] }\n`,
      [
        'ostler.yaml:5: nodes[1].address: 10.0.0.1 is already the address of nodes[0]; one host listed twice would be restarted twice',
      ],
    ],
    [
      'an IPv6 address twice, however it is written',
      `${HEAD}nodes:\n  - { name: c1, address: "2001:db8::1", roles: [compute] }\n  - { name: c2, address: "2001:DB8:0::1", roles: [compute] }\n`,
      [
        'ostler.yaml:5: nodes[1].address: 2001:DB8:0::1 is already the address of nodes[0]; one host listed twice would be restarted twice',
      ],
    ],
    [
      'an IPv4 address twice, once as IPv6',
      `${HEAD}nodes:\n  - { name: c1, address: 10.0.0.1, roles: [compute] }\n  - { name: c2, address: "::ffff:a00:1", roles: [compute] }\n`,
      [
        'ostler.yaml:5: nodes[1].address: ::ffff:a00:1 is already the address of nodes[0]; one host listed twice would be restarted twice',
      ],
    ],
    [
      'an address twice behind one bastion, however that is written',
      `${HEAD}nodes:\n  - { name: c1, address: c1, roles: [compute], ssh: { proxyJump: { address: "fd00::1" } } }\n  - { name: c2, address: C1, roles: [compute], ssh: { proxyJump: { address: "fd00:0::1", port: 22 } } }\n`,
      [
        'ostler.yaml:5: nodes[1].address: C1 is already the address of nodes[0]; one host listed twice would be restarted twice',
      ],
    ],
    ...[
      ['101', 'a number (put it in quotes)'],
      ['true', 'true or false (put it in quotes)'],
      ['[c1]', 'a list'],
      ['', 'empty'],
    ].map(([name, kind]): [string, string, string[]] => [
      `a node whose name is ${kind}`,
      `${HEAD}nodes:\n  - name: ${name}\n    address: 10.0.0.1\n    roles: [compute]\n`,
      [`ostler.yaml:4: nodes[0].name: must be text, not ${kind}`],
    ]),
    [
      'a bastion without a value',
      `cloud: prod\nssh:\n  user: ops\n  agent: true\n  proxyJump:\n${NODES}`,
      ['ostler.yaml:5: ssh.proxyJump: must be a map, not empty'],
    ],
    [
      'a bastion of a node without a value',
      `${HEAD}nodes:\n  - name: c1\n    address: 10.0.0.1\n    roles: [compute]\n    ssh: { proxyJump: }\n`,
      ['ostler.yaml:7: nodes[0].ssh.proxyJump: must be a map, not empty'],
    ],
    [
      'an unknown key',
      `${HEAD}nodes:\n  - { name: c1, address: 10.0.0.1, roles: [compute], failuredomain: x }\n`,
      ['ostler.yaml:4: nodes[0].failuredomain: unknown key "failuredomain"; did you mean failureDomain?'],
    ],
    [
      'an unknown key that is like none',
      `cloud: prod\nssh: { user: ops, agent: true, proxyJump: { host: b, address: b } }\n${NODES}`,
      [
        'ostler.yaml:2: ssh.proxyJump.host: unknown key "host"; it can be address, port, user, identityFile, passphrase',
      ],
    ],
    [
      'an unknown role of a budget',
      `${HEAD}${NODES}maxUnavailable: { compte: 1 }\n`,
      ['ostler.yaml:4: maxUnavailable.compte: unknown role "compte"; did you mean compute?'],
    ],
    [
      'a budget that is no share',
      `${HEAD}${NODES}maxUnavailable: { compute: 120% }\n`,
      ['ostler.yaml:4: maxUnavailable.compute: must be a whole number or a percentage, such as 2 or "20%"'],
    ],
    [
      'a fraction of a host',
      `${HEAD}${NODES}maxUnavailable: { compute: 1.5 }\n`,
      ['ostler.yaml:4: maxUnavailable.compute: must be a whole number or a percentage, such as 2 or "20%"'],
    ],
    [
      'names for a service that is none',
      `${HEAD}${NODES}units:\n  libvirtd: [virtqemud.service]\n  nova-compte: [my-nova.service]\n`,
      ['ostler.yaml:6: units.nova-compte: unknown service "nova-compte"; did you mean nova-compute?'],
    ],
    [
      'names for a service that is like none',
      `${HEAD}${NODES}units: { etcd: [etcd.service] }\n`,
      [
        expect.stringMatching(
          /^ostler\.yaml:4: units\.etcd: unknown service "etcd"; it can be ntp, .*keystone.* and \d+ more$/,
        ),
      ],
    ],
    [
      'a hostile unit name',
      `${HEAD}${NODES}units: { nova-compute: ["x; reboot"] }\n`,
      [
        'ostler.yaml:4: units.nova-compute[0]: must be a systemd unit name with its suffix, such as nova-compute.service',
      ],
    ],
    [
      'a hostile cloud name',
      `cloud: "a/b"\nssh: { user: ops, agent: true }\n${NODES}`,
      ['ostler.yaml:1: cloud: must be a word of letters, digits, dots, hyphens and underscores'],
    ],
    [
      'a hostile node name',
      `${HEAD}nodes: [{ name: -oProxyCommand=x, address: 10.0.0.1, roles: [compute] }]\n`,
      ['ostler.yaml:3: nodes[0].name: must be a host name (letters, digits, hyphens, dots)'],
    ],
    [
      'an address out of range',
      `${HEAD}nodes: [{ name: c1, address: 10.0.0.256, roles: [compute] }]\n`,
      ['ostler.yaml:3: nodes[0].address: must be an IP address or a host name'],
    ],
    [
      'a port out of range',
      `cloud: prod\nssh: { user: ops, agent: true, port: 70000 }\n${NODES}`,
      ['ostler.yaml:2: ssh.port: must be at most 65535'],
    ],
    [
      'a name that is a number',
      `cloud: 5\nssh: { user: ops, agent: true }\n${NODES}`,
      ['ostler.yaml:1: cloud: must be text, not a number (put it in quotes)'],
    ],
    [
      'a time without a unit',
      `cloud: prod\nssh: { user: ops, agent: true, connectTimeout: "10" }\n${NODES}`,
      ['ostler.yaml:2: ssh.connectTimeout: must be a duration with its unit, such as 10s or 2m'],
    ],
    [
      'a time of nothing',
      `cloud: prod\nssh: { user: ops, agent: true, keepalive: 0s }\n${NODES}`,
      ['ostler.yaml:2: ssh.keepalive: must be between 1s and 10m'],
    ],
    [
      'no way to log in',
      `cloud: prod\nssh: { user: ops }\n${NODES}`,
      ['ostler.yaml:2: ssh: needs identityFile or agent'],
    ],
    [
      'two ways to log in',
      `cloud: prod\nssh: { user: ops, agent: true, identityFile: x }\n${NODES}`,
      ['ostler.yaml:2: ssh: has both identityFile and agent; keep one'],
    ],
    [
      'two ways to log in to a node',
      `${HEAD}nodes: [{ name: c1, address: 10.0.0.1, roles: [compute], ssh: { agent: true, identityFile: x } }]\n`,
      ['ostler.yaml:3: nodes[0].ssh: has both identityFile and agent; keep one'],
    ],
    [
      'an agent with a passphrase',
      `cloud: prod\nssh: { user: ops, agent: true, passphrase: env:X }\n${NODES}`,
      ['ostler.yaml:2: ssh: has a passphrase and no identityFile that it belongs to'],
    ],
    [
      'an agent with a passphrase for the bastion',
      `cloud: prod\nssh: { user: ops, agent: true, proxyJump: { address: b, passphrase: env:X } }\n${NODES}`,
      ['ostler.yaml:2: ssh.proxyJump: has a passphrase and no identityFile that it belongs to'],
    ],
    [
      "an agent with a passphrase for a node's bastion",
      `${HEAD}nodes:\n  - name: c1\n    address: 10.0.0.1\n    roles: [compute]\n    ssh: { proxyJump: { address: b, passphrase: env:X } }\n`,
      ['ostler.yaml:7: nodes[0].ssh.proxyJump: has a passphrase and no identityFile that it belongs to'],
    ],
    ['no nodes', `${HEAD}nodes: []\n`, ['ostler.yaml:3: nodes: needs at least one node']],
    [
      'a node without roles',
      `${HEAD}nodes: [{ name: c1, address: 10.0.0.1, roles: [] }]\n`,
      ['ostler.yaml:3: nodes[0].roles: needs at least one role'],
    ],
    [
      'a missing key',
      `${HEAD}nodes:\n  - name: c1\n    roles: [compute]\n`,
      ['ostler.yaml:4: nodes[0].address: is missing'],
    ],
    [
      'a list where a map belongs',
      `cloud: prod\nssh: [ops]\n${NODES}`,
      ['ostler.yaml:2: ssh: must be a map, not a list'],
    ],
    ['a key without a value', `cloud: prod\nssh:\n${NODES}`, ['ostler.yaml:2: ssh: must be a map, not empty']],
    [
      'half of the credentials',
      `${HEAD}${NODES}openstack: { cloudsYaml: x }\n`,
      ['ostler.yaml:4: openstack.cloud: is missing'],
    ],
    [
      'a webhook that is no URL',
      `${HEAD}${NODES}notify: { webhook: "ftp://chat.example.org/" }\n`,
      [
        'ostler.yaml:4: notify.webhook: must be a URL with http or https, or name where that is kept: env:VARIABLE or file:PATH',
      ],
    ],
    ['an empty file', '', ['ostler.yaml:1: is empty; `ostler init` writes one to start from']],
    ['text that is no map', 'just words\n', ['ostler.yaml:1: must be a map, not text']],
  ])('%s', (_what, text, lines) => expect(problemsOf(text)).toEqual(lines));

  it('is told everything at once, in the order of the file', () => {
    const text = `cloud: a b
cloud: prod
ssh: { user: Ops, agent: true }
nodes:
  - { name: c1, address: 10.0.0.1, roles: [computer] }
  - { name: c1, address: 10.0.0.2, roles: [compute], colour: red }
`;
    expect(problemsOf(text).map((line) => line.replace(/^(\S+ \S+) .*/, '$1'))).toEqual([
      'ostler.yaml:2: cloud:',
      'ostler.yaml:3: ssh.user:',
      'ostler.yaml:5: nodes[0].roles[0]:',
      'ostler.yaml:6: nodes[1].colour:',
      'ostler.yaml:6: nodes[1].name:',
    ]);
  });

  it('is an ordinary error with line, path and reason, whatever stands wherever in it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places(COMPLETE)), anything, (place, value) => {
        try {
          parseInventory(JSON.stringify(replaced(COMPLETE, place, value), null, 1), 'ostler.yaml');
        } catch (error) {
          if (!(error instanceof InventoryError)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
          for (const { line, reason } of error.problems)
            expect([typeof line, reason]).toEqual(['number', expect.any(String)]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('carries each problem for programs', async () => {
    const error = await failureOf(() => parseInventory(`${HEAD}nodes: []\n`, 'ostler.yaml'));
    expect(error).toMatchObject({
      name: 'InventoryError',
      kind: 'invalid',
      problems: [{ file: 'ostler.yaml', line: 3, path: 'nodes', reason: 'needs at least one node' }],
    });
  });

  it('is looked for first', async () => {
    const folder = await folderWith({});
    const file = join(folder, 'ostler.yaml');
    const error = await failureOf(() => loadInventory(file));
    expect(error).toMatchObject({
      kind: 'missing',
      message: `${file}: there is no such file; \`ostler init\` writes one to start from`,
    });
    expect((await failureOf(() => loadInventory(folder))).message).toBe(`${folder}: cannot be read (EISDIR)`);
  });
});

describe('text that is not YAML', () => {
  it.each<[string, string, string[]]>([
    [
      'an open bracket',
      'cloud: prod\nssh: { user: ops\nnodes: 1\n',
      ['ostler.yaml:3: not valid YAML: flow map in block collection must be sufficiently indented and end with a }'],
    ],
    ['a tab', 'cloud: prod\nssh:\n\tuser: ops\n', ['ostler.yaml:3: a tab where only spaces may indent']],
    ['a key twice', `${HEAD}${NODES}cloud: test\n`, ['ostler.yaml:4: cloud: is written twice']],
    [
      'a deep key twice',
      `cloud: prod\nssh: { user: ops, agent: true }\nnodes:\n  - { name: c1, name: c2, address: 10.0.0.1, roles: [compute] }\n`,
      ['ostler.yaml:4: nodes[0].name: is written twice'],
    ],
    [
      'two documents',
      `${HEAD}${NODES}---\n${HEAD}`,
      ['ostler.yaml:4: a second document (---) in the file; an inventory is one document'],
    ],
    [
      'an alias of nothing',
      `cloud: *prod\n`,
      ['ostler.yaml:1: an alias (*) of an anchor that is not set before it; quote the text if none is meant'],
    ],
  ])('%s', (_what, text, lines) => expect(problemsOf(text)).toEqual(lines));

  it('does not grow without limit when its aliases are followed', () => {
    const level = (name: string, of: string): string => `${name}: &${name} [${Array(10).fill(`*${of}`).join(', ')}]\n`;
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, index) => level(name, 'abcdefgh'.charAt(index))).join('')}`;
    expect(problemsOf(bomb)).toEqual([
      'ostler.yaml:1: its aliases (*) stand for more than 100 times what is written; write it out',
    ]);
  });
});

describe('a secret written in the file is refused and not repeated', () => {
  const credentials = (password: string): string =>
    `${HEAD}${NODES}openstack: { authUrl: "https://vip:5000/v3", username: ops, password: ${password}, project: admin }\n`;

  it('as a password', () => {
    expect(problemsOf(credentials('hunter2'))).toEqual([
      'ostler.yaml:4: openstack.password: must name where the secret is kept: env:VARIABLE or file:PATH, never the secret itself',
    ]);
  });

  it('as the only key of its section', () => {
    expect(problemsOf(`${HEAD}${NODES}openstack:\n  password: hunter2\n`)).toContain(
      'ostler.yaml:5: openstack.password: must name where the secret is kept: env:VARIABLE or file:PATH, never the secret itself',
    );
  });

  it('as the passphrase of a key', () => {
    expect(problemsOf(`cloud: prod\nssh: { user: ops, identityFile: x, passphrase: hunter2 }\n${NODES}`)).toEqual([
      'ostler.yaml:2: ssh.passphrase: must name where the secret is kept: env:VARIABLE or file:PATH, never the secret itself',
    ]);
  });

  it('as a password to log in with', () => {
    expect(problemsOf(`cloud: prod\nssh: { user: ops, agent: true, password: hunter2 }\n${NODES}`)).toEqual([
      'ostler.yaml:2: ssh.password: unknown key "password"; it can be user, port, identityFile, passphrase, agent, knownHosts, connectTimeout, keepalive, proxyJump',
    ]);
  });

  it('inside a URL', () => {
    expect(problemsOf(`${HEAD}${NODES}notify: { webhook: "https://ops:hunter2@chat.example.org/" }\n`)).toEqual([
      'ostler.yaml:4: notify.webhook: must not hold a user name or a password',
    ]);
  });

  it('inside a key file that is pasted in', () => {
    expect(
      problemsOf(`cloud: prod\nssh:\n  user: ops\n  identityFile: |\n    -----BEGIN\n    hunter2\n${NODES}`),
    ).toEqual(['ostler.yaml:4: ssh.identityFile: must be a path on one line']);
  });

  it.each([
    'hunter2',
    '"hunter2',
    "'hunter2",
    '*hunter2',
    '!hunter2',
    '&hunter2',
    '"\\hunter2"',
    '{hunter2',
    '[hunter2',
    '[hunter2]',
    '{hunter2: 1}',
    '|hunter2',
    '%hunter2',
    '@hunter2',
    '`hunter2',
    '12345678',
  ])('however it is written: %s', (written) => {
    const message = problemsOf(credentials(written)).join('\n');
    expect(message).toMatch(/^ostler\.yaml:\d+: /);
    expect(message).not.toMatch(/hunter2|12345678/);
  });
});
