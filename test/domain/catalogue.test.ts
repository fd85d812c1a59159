import { describe, expect, it } from 'vitest';
import {
  aliases,
  type CatalogueEntry,
  candidateUnits,
  catalogue,
  entriesCalled,
  modules,
  sharersOf,
} from '../../domain/catalogue.js';
import { roleSchema } from '../../domain/inventory.schema.js';
import { isUnitName, isWord } from '../../domain/names.js';
import { novaCompute } from './samples.js';

describe.each([...catalogue.values()])('the catalogue entry $id', (entry) => {
  it('can be typed, and names units that systemd accepts', () => {
    expect(isWord(entry.id)).toBe(true);
    const units = Object.values(entry.units).flat();
    expect(units.length > 0 && units.every(isUnitName)).toBe(true);
  });

  it('has roles that exist, needs on the same hosts that start before it, and deadlines', () => {
    expect(roleSchema.options).toEqual(expect.arrayContaining([...entry.roles]));
    const ids = [...catalogue.keys()];
    for (const need of entry.needs) {
      expect(catalogue.get(need)?.roles).toEqual(expect.arrayContaining([...entry.roles]));
      expect(ids.indexOf(need)).toBeLessThan(ids.indexOf(entry.id));
    }
    expect(Math.min(entry.startDeadlineMs, entry.verifyDeadlineMs)).toBeGreaterThan(0);
  });
});

describe('the catalogue', () => {
  it('knows nova-compute and libvirtd by the unit names of each distribution', () => {
    expect([...catalogue.keys()]).toEqual(expect.arrayContaining(['nova-compute', 'libvirtd']));
    expect(novaCompute.units).toEqual({
      rdo: ['openstack-nova-compute.service'],
      debian: ['nova-compute.service'],
      kolla: ['kolla-nova_compute-container.service'],
    });
  });

  it('takes a unit name, with and without its suffix, for the entry it belongs to', () => {
    expect([
      aliases.get('openstack-nova-compute'),
      aliases.get('nova-compute.service'),
      aliases.get('nova-compute'),
    ]).toEqual(['nova-compute', 'nova-compute', undefined]);
  });

  it('takes a resource of Pacemaker for the entry that it runs, with and without what says that it is a clone', () => {
    expect([aliases.get('clone_p_mysql'), aliases.get('p_mysql'), aliases.get('p_neutron-dhcp-agent')]).toEqual([
      'mysql',
      'mysql',
      'neutron-dhcp-agent',
    ]);
  });

  it('takes a web server for the dashboard, and knows what else goes down with it', () => {
    expect([aliases.get('httpd'), aliases.get('apache2.service')]).toEqual(['horizon', 'horizon']);
    expect(sharersOf(catalogue.get('horizon') as CatalogueEntry, 'httpd.service')).toEqual([
      'keystone',
      'cinder-api',
      'placement',
      'ceilometer-api',
    ]);
  });

  it('has no alias that hides an entry', () => {
    expect([...aliases.keys()].filter((alias) => catalogue.has(alias))).toEqual([]);
  });

  it('has every module of the domain reference that units belong to, and starts them in its order (B9)', () => {
    const order =
      'ntp pacemaker mysql rabbitmq memcached haproxy ceph mongodb keystone glance cinder neutron placement nova heat ceilometer horizon';
    expect([...modules.keys()]).toEqual(order.split(' '));
  });

  it.each([
    ['nova', 'compute', ['nova-ssh', 'libvirtd', 'nova-compute']],
    ['glance', 'controller', ['glance-api', 'glance-registry']],
    ['openstack-glance-api.service', 'controller', ['glance-api']],
    ['glance', 'compute', []],
    ['glanze', 'controller', []],
  ] as const)('takes %s on a %s for %j', (name, role, ids) => {
    expect(entriesCalled(name, role).map(({ id }) => id)).toEqual(ids);
  });
});

describe('candidateUnits', () => {
  it("tries a site's own names first, then those of the hinted distribution", () => {
    expect(candidateUnits(novaCompute, ['x.service'], 'rdo')).toEqual(['x.service', 'openstack-nova-compute.service']);
  });

  it("tries every distribution's names without a hint, each once", () => {
    expect(candidateUnits(novaCompute, ['nova-compute.service'])).toEqual([
      'nova-compute.service',
      'openstack-nova-compute.service',
      'kolla-nova_compute-container.service',
    ]);
  });
});
