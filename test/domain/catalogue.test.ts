import { describe, expect, it } from 'vitest';
import { aliases, candidateUnits, catalogue } from '../../domain/catalogue.js';
import { roleSchema } from '../../domain/inventory.schema.js';
import { isUnitName, isWord } from '../../domain/names.js';
import { novaCompute } from './samples.js';

describe.each([...catalogue.values()])('the catalogue entry $id', (entry) => {
  it('can be typed, and names units that systemd accepts for every distribution', () => {
    expect(isWord(entry.id)).toBe(true);
    for (const units of Object.values(entry.units)) expect(units.length > 0 && units.every(isUnitName)).toBe(true);
  });

  it('has a role that exists, needs that exist on the same role, and deadlines', () => {
    expect(roleSchema.options).toContain(entry.role);
    for (const need of entry.needs) expect(catalogue.get(need)?.role).toBe(entry.role);
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

  it('has no alias that hides an entry', () => {
    expect([...aliases.keys()].filter((alias) => catalogue.has(alias))).toEqual([]);
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
