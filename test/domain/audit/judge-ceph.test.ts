import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Finding, findingKey } from '../../../domain/audit/finding.js';
import { judgeCeph, judgeCephFlags } from '../../../domain/audit/judge-ceph.js';
import { type CephUsage, judgeCephCapacity } from '../../../domain/audit/judge-ceph-capacity.js';
import { judgeCephMons, judgeCephOsds } from '../../../domain/audit/judge-ceph-daemons.js';
import type { CephHealth, CephOsd, CephStatus } from '../../../domain/ceph.js';

const short = (findings: readonly Finding[]) => findings.map((one) => `${one.severity} ${findingKey(one)}`);
const place = { asked: 'c1', nodes: ['c1', 'c2', 'c3', 's1', 's2'] };
const clean = { state: 'active+clean', count: 100 };
const aStatus = (more: Partial<CephStatus> = {}): CephStatus => ({ health: [], groups: [clean], ...more });
const warning = (code: string | undefined, summary: string, severity: CephHealth['severity'] = 'warn'): CephHealth => ({
  ...(code !== undefined && { code }),
  summary,
  severity,
});
const all = ['ceph', 'ceph-osds', 'ceph-mons', 'ceph-flags'];

describe('the check of Ceph’s health', () => {
  it('finds nothing where all is well, scrubbing included', () => {
    expect(
      judgeCeph(aStatus({ groups: [clean, { state: 'active+clean+scrubbing+deep', count: 2 }] }), 'c1', all),
    ).toEqual([]);
  });

  it('tells every health check by its code, as bad as it is', () => {
    const health = [warning('SLOW_OPS', '3 slow ops'), warning('OSD_FULL', '1 full osd(s)', 'error')];
    expect(short(judgeCeph(aStatus({ health }), 'c1', all))).toEqual(['warn ceph//SLOW_OPS', 'error ceph//OSD_FULL']);
  });

  it('leaves to others what they tell, as long as they are asked', () => {
    const status = aStatus({ health: [warning('OSD_DOWN', '1 osds down'), warning('MON_DOWN', '1/3 mons down')] });
    expect(judgeCeph(status, 'c1', all)).toEqual([]);
    expect(short(judgeCeph(status, 'c1', ['ceph', 'ceph-osds']))).toEqual(['warn ceph//MON_DOWN']);
  });

  it('has one finding for placement groups, with Ceph’s own words as evidence', () => {
    const status = aStatus({
      groups: [clean, { state: 'active+undersized+degraded', count: 4 }],
      health: [warning('PG_DEGRADED', 'Degraded data redundancy: 4 pgs degraded')],
    });
    const [found, ...more] = judgeCeph(status, 'c1', all);
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      about: 'placement-groups',
      severity: 'warn',
      what: '4 of 104 placement groups of Ceph are not clean',
      evidence: [{ value: '4 active+undersized+degraded' }, { value: 'Degraded data redundancy: 4 pgs degraded' }],
    });
  });

  it('is an error when a placement group is not active', () => {
    const [found] = judgeCeph(aStatus({ groups: [clean, { state: 'down+incomplete', count: 1 }] }), 'c1', all);
    expect(found).toMatchObject({ severity: 'error', what: expect.stringContaining('1 of 101 placement groups') });
  });

  it('knows a sentence without a code again whatever its numbers are', () => {
    const keyOf = (summary: string) => short(judgeCeph(aStatus({ health: [warning(undefined, summary)] }), 'c1', all));
    expect(keyOf('1/19 in osds are down')).toEqual(['warn ceph//in-osds-are-down']);
    expect(keyOf('12/19 in osds are down')).toEqual(keyOf('1/19 in osds are down'));
  });
});

describe('the check of Ceph’s flags', () => {
  it('tells each flag and how it is unset, of everything, a host or an OSD', () => {
    const findings = judgeCephFlags(
      [{ name: 'noout' }, { name: 'noout', on: 's1' }, { name: 'noin', on: 'osd.3' }, { name: 'pauserd' }],
      'c1',
    );
    expect(short(findings)).toEqual([
      'warn ceph-flags//noout',
      'warn ceph-flags//noout:s1',
      'warn ceph-flags//noin:osd.3',
      'warn ceph-flags//pauserd',
    ]);
    expect(findings.map(({ next }) => /`(.*)`/.exec(next)?.[1])).toEqual([
      'ceph osd unset noout',
      'ceph osd unset-group noout s1',
      'ceph osd rm-noin osd.3',
      'ceph osd unset pause',
    ]);
  });
});

const osd = (id: number, host: string | undefined, status = 'up', isIn = true): CephOsd => ({
  name: `osd.${id}`,
  ...(host !== undefined && { host }),
  status,
  isIn,
});

describe('the check of OSDs', () => {
  it('tells each that is not up with its host, and that it is still in', () => {
    const findings = judgeCephOsds(
      [osd(0, 's1'), osd(1, 's1', 'down'), osd(2, 's2', 'destroyed', false), osd(3, 's2')],
      place,
    );
    expect(findings.map(({ what }) => what)).toEqual([
      'osd.1 on s1 is down and still in: Ceph has not given it up yet',
      'osd.2 on s2 is destroyed',
    ]);
    expect(short(findings)).toEqual(['error ceph-osds/s1/osd.1', 'error ceph-osds/s2/osd.2']);
  });

  it('tells a host of which all are down once', () => {
    const findings = judgeCephOsds([osd(10, 's1', 'down', false), osd(9, 's1', 'down'), osd(2, 's2')], place);
    expect(short(findings)).toEqual(['error ceph-osds/s1/host']);
    expect(findings[0]?.evidence[0]?.value).toBe('osd.9 down and in, osd.10 down and out');
  });

  it('tells of one under a host that nobody knows, or under none', () => {
    const findings = judgeCephOsds([osd(1, 'elsewhere', 'down'), osd(2, undefined, 'down', false)], place);
    expect(short(findings)).toEqual(['error ceph-osds//osd.2', 'error ceph-osds//osd.1']);
  });

  it('names every OSD that is down in one finding, whatever the tree', () => {
    const some = fc.array(fc.record({ host: fc.constantFrom('s1', 's2', 'x', undefined), isUp: fc.boolean() }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(some, (tree) => {
        const osds = tree.map(({ host, isUp }, id) => osd(id, host, isUp ? 'up' : 'down'));
        const findings = judgeCephOsds(osds, place);
        const keys = findings.map(findingKey);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { name, status } of osds) {
          const naming = findings.filter(({ evidence }) =>
            evidence.some(({ value }) => value.split(/[ ,]/).includes(name)),
          );
          if (osds.length <= 8) expect(naming).toHaveLength(status === 'up' ? 0 : 1);
        }
      }),
    );
  });
});

describe('the check of monitors', () => {
  const mons = (monitors: string[], quorum = monitors) => judgeCephMons({ monitors, quorum }, place, { warn: 3 });

  it('finds nothing in three that agree', () => {
    expect(mons(['c1', 'c2', 'c3'])).toEqual([]);
  });

  it('tells each that is missing on its node, whatever the role of that is', () => {
    expect(short(mons(['c1', 'c2', 'c3'], ['c1', 'c2']))).toEqual(['error ceph-mons/c3/mon.c3']);
    expect(short(mons(['c1', 'c2', 's1'], ['c1', 'c2']))).toEqual(['error ceph-mons/s1/mon.s1']);
    expect(short(mons(['a', 'b', 'c'], ['a', 'b']))).toEqual(['error ceph-mons//mon.c']);
  });

  it('warns of fewer than three', () => {
    expect(short(mons(['c1']))).toEqual(['warn ceph-mons//count']);
  });
});

const capacity = (usage: CephUsage) => judgeCephCapacity(usage, 'c1', { warn: 83, error: 93 });
const raw = (percent: number) => ({ used: percent, total: 100 });

describe('the check of capacity', () => {
  it('begins to warn at 83 %, and is an error from 93 %', () => {
    expect(capacity({ raw: raw(82.99) })).toEqual([]);
    expect(short(capacity({ raw: raw(83) }))).toEqual(['warn ceph-capacity//raw']);
    expect(short(capacity({ raw: raw(93) }))).toEqual(['error ceph-capacity//raw']);
  });

  it('tells OSDs and pools where they are worse than the whole', () => {
    const osds = [
      { name: 'osd.1', percent: 94 },
      { name: 'osd.2', percent: 85 },
    ];
    const pools = [{ name: 'volumes', percent: 94 }];
    const findings = capacity({ raw: raw(50), osds, pools });
    expect(short(findings)).toEqual(['error ceph-capacity//osds']);
    expect(findings[0]?.what).toBe('the OSD osd.1 of Ceph is 94 % full, and 1 more OSD is too full');
    expect(short(capacity({ raw: raw(84), osds: [{ name: 'osd.2', percent: 85 }] }))).toEqual([
      'warn ceph-capacity//raw',
    ]);
    expect(short(capacity({ raw: raw(50), osds: [], pools }))).toEqual(['error ceph-capacity//pools']);
  });

  it('knows nothing of a cluster without disks', () => {
    expect(capacity({ raw: { used: 0, total: 0 } })).toEqual([]);
    expect(capacity({})).toEqual([]);
  });

  it('is quiet below its limits, and never quiet above', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 100, noNaN: true })),
        (whole, each) => {
          const findings = capacity({
            raw: raw(whole),
            osds: each.map((percent, id) => ({ name: `osd.${id}`, percent })),
          });
          const worst = Math.max(whole, ...each);
          const expected = worst >= 93 ? 'error' : worst >= 83 ? 'warn' : undefined;
          expect(findings.at(-1)?.severity).toBe(expected);
        },
      ),
    );
  });
});
