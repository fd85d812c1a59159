import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseOsdMap, parseOsdTree, parseOsdUse, parsePoolUse } from '../../../activities/ceph/osds.js';
import { parseCephStatus } from '../../../activities/ceph/status.js';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');
const status = (health: unknown) => parseCephStatus(JSON.stringify({ health, pgmap: {} })).health;

describe('the status of Ceph', () => {
  it('is read of a real one, with health, placement groups and bytes', () => {
    expect(parseCephStatus(fixture('ceph-16.2/osd-down/status.json'))).toMatchObject({
      health: [
        { code: 'OSDMAP_FLAGS', severity: 'warn', summary: 'noout flag(s) set' },
        { code: 'OSD_DOWN' },
        { code: 'PG_DEGRADED' },
      ],
      groups: [
        { state: 'active+undersized+degraded', count: 4 },
        { state: 'active+undersized', count: 4 },
        { state: 'active+clean', count: 1 },
      ],
      raw: { used: 1_293_795_328, total: 12_884_901_888 },
    });
  });

  it('is read of an old one, which has sentences', () => {
    const { health, groups } = parseCephStatus(fixture('ceph/firefly-status.json'));
    expect(health).toHaveLength(5);
    expect(health[3]).toEqual({ severity: 'warn', summary: '1/19 in osds are down' });
    expect(groups).toContainEqual({ state: 'active+degraded', count: 4 });
  });

  it('does not repeat what was muted, nor the constant warning of Luminous', () => {
    const check = { severity: 'HEALTH_WARN', summary: { message: 'said' } };
    expect(status({ status: 'HEALTH_OK', checks: { A: { ...check, muted: true } } })).toEqual([]);
    expect(status({ status: 'HEALTH_OK', overall_status: 'HEALTH_WARN', checks: {} })).toEqual([]);
  });

  it('is not well without a reason', () => {
    expect(status({ overall_status: 'HEALTH_ERR', summary: [] })).toMatchObject([{ severity: 'error' }]);
  });

  it('is nothing else', () => {
    expect(() => parseCephStatus('{}')).toThrow('the status of Ceph is not as expected');
  });
});

describe('the tree of OSDs', () => {
  it('is read of an old one, without what no longer exists, and with what stands under no host', () => {
    expect(parseOsdTree(fixture('ceph/firefly-osd-tree.json'))).toEqual([
      { name: 'osd.0', host: 'node-9', status: 'up', isIn: true },
      { name: 'osd.1', host: 'node-9', status: 'down', isIn: false },
      { name: 'osd.5', status: 'down', isIn: true },
    ]);
  });

  it('has an OSD once that stands below two roots', () => {
    const osd = { id: 0, name: 'osd.0', type: 'osd', status: 'up', reweight: 1 };
    const nodes = [
      { id: -1, name: 'a', type: 'host', children: [0] },
      osd,
      { id: -2, name: 'a~ssd', type: 'host' },
      osd,
    ];
    expect(parseOsdTree(JSON.stringify({ nodes }))).toHaveLength(1);
  });
});

describe('flags and use', () => {
  it('are read of old versions', () => {
    expect(parseOsdMap(fixture('ceph/firefly-osd-dump.json')).flags).toEqual([{ name: 'noout' }]);
    expect(parsePoolUse(fixture('ceph/luminous-df.json'))).toEqual([{ name: 'volumes', percent: 0.92 }]);
  });

  it('are those that restrain, and none that a healthy cluster has', () => {
    expect(parseOsdMap(fixture('ceph-16.2/healthy/osd-dump.json')).flags).toEqual([]);
  });

  it('are a fraction in pools from Nautilus on, and nothing while nobody has reported', () => {
    const pool = { name: 'p', stats: { stored: 1, percent_used: 0.5 } };
    expect(parsePoolUse(JSON.stringify({ pools: [pool] }))).toEqual([{ name: 'p', percent: 50 }]);
    expect(parseOsdUse('{"nodes":[{"name":"osd.0","utilization":-nan}]}')).toEqual([{ name: 'osd.0', percent: 0 }]);
  });
});
