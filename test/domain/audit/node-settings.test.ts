import { describe, expect, it } from 'vitest';
import { nodeAuditSettings, ofRoles } from '../../../domain/audit/node-settings.js';
import { nodeAuditSchema } from '../../../domain/audit/node-settings.schema.js';
import { looksSecret } from '../../../domain/audit/secret-key.js';

const parse = (section: Parameters<typeof nodeAuditSchema.parse>[0]) => nodeAuditSchema.safeParse(section);
const config = (entries: Record<string, unknown>, path = '/etc/nova/nova.conf') =>
  parse({ configs: [{ path, roles: ['compute'], entries }] } as never);

describe('what a site wants of its nodes', () => {
  it('is nothing beyond the checks by default', () => {
    expect(nodeAuditSchema.parse({})).toEqual({ mounts: {}, bridges: {}, peers: {}, configs: [] });
  });

  it('is said by role', () => {
    const { data } = parse({
      mounts: { compute: ['/var/lib/nova'] },
      bridges: { controller: ['br-mgmt'], compute: ['br-mgmt', 'bond0.100'] },
      peers: { storage: { compute: ['10.30.0.1', 'fd00::1', 'ceph-1'] } },
      selinux: 'enforcing',
    });
    expect(data?.bridges.compute).toEqual(['br-mgmt', 'bond0.100']);
  });

  it.each<[unknown, string]>([
    [{ mounts: { compute: ['var/lib'] } }, 'a relative path'],
    [{ mounts: { compute: ['/var/../etc'] } }, 'a path over ..'],
    [{ mounts: { compute: ['/a b'] } }, 'a path with a blank, which would be two words of a sudo rule'],
    [{ bridges: { compute: ['br-a-name-too-long'] } }, 'a name that no interface has'],
    [{ bridges: { eqlx: ['br'] } }, 'a role that is no host'],
    [{ peers: { storage: { compute: ['-f'] } } }, 'an address that is an option'],
    [{ peers: { storage: { compute: ['10.30.0.256'] } } }, 'an address that is none'],
    [{ selinux: 'off' }, 'a mode that SELinux does not have'],
    [{ bridge: {} }, 'a word that is not known'],
  ])('is refused with %j: %s', (section) => {
    expect(parse(section as never).success).toBe(false);
  });

  it('holds no secret of a configuration file, but may ask that there is one', () => {
    expect(config({ 'database.connection': 'mysql://nova:word@db/nova' }).success).toBe(false);
    expect(config({ 'database.connection': null, 'DEFAULT.debug': false, 'DEFAULT.workers': 4 }).success).toBe(true);
    expect(config({ nokey: 1 }).success).toBe(false);
  });

  it('is that of all roles of a node together, each once', () => {
    expect(ofRoles({ controller: ['a', 'b'], compute: ['b', 'c'], mongo: ['d'] }, ['controller', 'compute'])).toEqual([
      'a',
      'b',
      'c',
    ]);
  });
});

describe('the settings of a node', () => {
  const node = { name: 'node-1', address: '10.20.0.3', roles: ['controller' as const], failureDomain: 'a', labels: {} };
  const section = nodeAuditSchema.parse({});

  it('have the names that Pacemaker may know it by, and the distribution of the node before that of the site', () => {
    const settings = nodeAuditSettings(
      { units: {}, distribution: 'debian' },
      { ...node, clusterName: 'node-1.example.org', distribution: 'rdo' },
      section,
    );
    expect(settings).toMatchObject({ members: ['node-1.example.org', 'node-1'], distribution: 'rdo' });
  });

  it('have no distribution where it is looked up', () => {
    expect(nodeAuditSettings({ units: {}, distribution: 'auto' }, node, section)).not.toHaveProperty('distribution');
  });
});

describe('a key of a configuration file', () => {
  it.each([
    'database.connection',
    'keystone_authtoken.password',
    'DEFAULT.transport_url',
    'DEFAULT.metadata_proxy_shared_secret',
    'DEFAULT.admin_token',
    'rbd.secret_key',
  ])('%s looks like a secret', (key) => {
    expect(looksSecret(key)).toBe(true);
  });

  it.each([
    'DEFAULT.debug',
    'keystone_authtoken.auth_url',
    'fernet_tokens.key_repository',
    'token.provider',
    'DEFAULT.my_ip',
  ])('%s does not', (key) => {
    expect(looksSecret(key)).toBe(false);
  });
});
