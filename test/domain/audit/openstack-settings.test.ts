import { describe, expect, it } from 'vitest';
import { API_MODULES } from '../../../domain/audit/openstack-apis.js';
import { openStackChecks } from '../../../domain/audit/openstack-checks.js';
import { openStackAuditSchema } from '../../../domain/audit/openstack-settings.schema.js';

describe('audit.openstack of ostler.yaml', () => {
  it('fits a cloud as Fuel and most others deploy it when nothing is set', () => {
    expect(openStackAuditSchema.parse({})).toEqual({
      required: [],
      apis: {
        ...{ keystone: 5000, glance: 9292, placement: 8778, nova: 8774 },
        ...{ cinder: 8776, neutron: 9696, heat: 8004, ceilometer: 8777 },
      },
      dhcpSingleton: true,
      backupOnDemand: true,
    });
  });

  it('takes a port or none for each API, and none for all', () => {
    expect(openStackAuditSchema.parse({ apis: { heat: 'none', nova: 18774 } }).apis).toMatchObject({
      ...{ heat: 'none', nova: 18774, glance: 9292 },
    });
    expect(openStackAuditSchema.parse({ apis: 'none' }).apis).toBe('none');
    for (const apis of [{ nova: 0 }, { nova: 'some' }, { swift: 8080 }, 'all'])
      expect(openStackAuditSchema.safeParse({ apis }).success).toBe(false);
  });
});

describe('checks of the APIs', () => {
  it('have an id each, one for every API among them', () => {
    const ids = openStackChecks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(API_MODULES.map((module) => `api-${module}`)));
  });
});
