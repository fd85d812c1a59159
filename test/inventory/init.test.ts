import { describe, expect, it } from 'vitest';
import { initialInventory } from '../../inventory/init.js';
import { parseInventory } from '../../inventory/load.js';

describe('the starter file', () => {
  it('loads as it stands', () => {
    const { cloud, ssh, nodes } = parseInventory(initialInventory({ cloud: 'prod' }), 'ostler.yaml');
    expect({ cloud, user: ssh.user, nodes: nodes.map(({ name }) => name) }).toEqual({
      cloud: 'prod',
      user: 'ops',
      nodes: ['compute-1.example.org', 'compute-2.example.org'],
    });
  });

  it('loads with every suggestion in it taken up', () => {
    const all = initialInventory({ cloud: 'prod', user: 'stack' }).replace(
      /^( *)# (?=(distribution|passphrase|proxyJump|labels|ssh|maxUnavailable|units|openstack|notify): )/gm,
      '$1',
    );
    expect(parseInventory(all, 'ostler.yaml')).toMatchObject({
      ssh: { passphrase: 'env:OSTLER_KEY_PASSPHRASE', proxyJump: { user: 'stack' } },
      nodes: [{}, { labels: { generation: '2' }, ssh: { port: 2222, proxyJump: 'none' } }],
      maxUnavailable: { compute: '20%', controller: 1 },
      openstack: { cloud: 'prod' },
      notify: { command: ['/usr/local/bin/tell-us'] },
    });
  });

  it.each(['true', '007', 'null', '1e3'])('keeps the cloud name %s a name', (cloud) => {
    expect(parseInventory(initialInventory({ cloud }), 'ostler.yaml').cloud).toBe(cloud);
  });

  it('tells editors where its schema is', () => {
    expect(initialInventory({ cloud: 'prod', schema: './s.json' }).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=./s.json',
    );
    expect(initialInventory({ cloud: 'prod' }).split('\n')[0]).toMatch(
      /^# yaml-language-server: \$schema=\/.*\/docs\/ostler\.schema\.json$/,
    );
  });
});
