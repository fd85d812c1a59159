import { describe, expect, it } from 'vitest';
import { parseOsdMap, parseOsdTree } from '../../../activities/ceph/osds.js';
import { parseQuorumStatus } from '../../../activities/ceph/quorum-status.js';
import { parseCephStatus } from '../../../activities/ceph/status.js';
import type { CephFacts } from '../../../domain/ceph.js';
import type { OsdTicket } from '../../../domain/ceph-daemons.js';
import { cephGates, hopeless, isSet, monitorGates, osdsMissing, othersMissing } from '../../../domain/ceph-gates.js';
import { fixture } from '../pacemaker/recorded.js';

const limits = { used: 83, monitors: 3 };

/** What a real Ceph said that is well, but for what it said in another state. */
function facts(state: string, names: readonly string[] = []): CephFacts {
  const of = (name: string): string => fixture(`ceph-16.2/${names.includes(name) ? state : 'healthy'}/${name}.json`);
  return {
    status: parseCephStatus(of('status')),
    mons: parseQuorumStatus(of('quorum')),
    osds: parseOsdTree(of('osd-tree')),
    map: parseOsdMap(of('osd-dump')),
  };
}
const why = (seen: CephFacts, own?: Parameters<typeof cephGates>[2]): string[] =>
  cephGates(seen, limits, own).map((one) => one.why);

describe('the gates of Ceph, by what a real one said', () => {
  it('are open where all is well', () => {
    expect(why(facts('healthy'))).toEqual([]);
    expect(monitorGates(facts('healthy'), limits)).toEqual([]);
  });

  it('name every flag that is set, with who knows of it and the command that unsets it', () => {
    expect(why(facts('flags', ['osd-dump']))).toEqual([
      expect.stringMatching(
        /^noout is set on all of Ceph: `ostler leases` tells whether a run left it; .*: `ceph osd unset noout`$/,
      ),
      expect.stringMatching(/^norecover is set on all of Ceph: .*`ceph osd unset norecover`$/),
      expect.stringMatching(/^noout is set on storage-2: .*`ceph osd unset-group noout storage-2`$/),
      expect.stringMatching(/^noout is set on osd\.3: .*`ceph osd rm-noout osd\.3`$/),
    ]);
  });

  it('leave out the flag of the run itself, and no other', () => {
    const seen = facts('flags', ['osd-dump']);
    expect(why(seen, { kind: 'host', host: 'storage-2' })).toHaveLength(3);
    expect(why(seen, { kind: 'host', host: 'storage-1' })).toHaveLength(4);
    expect(isSet(seen, { kind: 'host', host: 'storage-2' })).toBe(true);
    expect(isSet(seen, { kind: 'host', host: 'storage-1' })).toBe(false);
    expect(isSet(seen, { kind: 'cluster' })).toBe(true);
  });

  it('count OSDs that are down, and placement groups that miss them', () => {
    expect(why(facts('osd-down', ['status', 'osd-tree']))).toEqual([
      expect.stringMatching(/^1 of 4 OSDs are not up and in: osd\.1 \(down, in\)$/),
      expect.stringMatching(/^\d+ of \d+ placement groups are not active\+clean: /),
    ]);
  });

  it('count monitors that are not in quorum, and wait for what may pass by itself', () => {
    const refusals = cephGates(facts('mon-down', ['quorum']), limits);
    expect(refusals).toEqual([{ why: '1 of 3 monitors are not in quorum: controller-3', passes: true }]);
  });

  it('are shut by an error and by full disks, which waiting does not mend', () => {
    const { status, ...others } = facts('healthy');
    const health = [{ code: 'OSD_FULL', summary: '1 full osd(s)', severity: 'error' as const }];
    expect(cephGates({ ...others, status: { ...status, health, raw: { used: 83, total: 100 } } }, limits)).toEqual([
      { why: 'Ceph is in HEALTH_ERR: 1 full osd(s); `ceph health detail` says more' },
      { why: '83 % of all disks of Ceph are used, and from 83 % on nothing of it is taken down' },
    ]);
  });

  it('let a scrub go on, and no group whose report is stale', () => {
    const { status, ...others } = facts('healthy');
    const groups = (state: string) => ({ ...others, status: { ...status, groups: [{ state, count: 3 }] } });
    expect(why(groups('active+clean+scrubbing+deep'))).toEqual([]);
    expect(why(groups('stale+active+clean'))).toHaveLength(1);
  });

  it('want three monitors before one is restarted', () => {
    const { mons, ...others } = facts('healthy');
    const two = { ...mons, monitors: mons.monitors.slice(1) };
    expect(monitorGates({ ...others, mons: two }, limits)).toHaveLength(1);
  });
});

describe('what is missing after a restart', () => {
  const ticket = (upFrom: Record<string, number>): OsdTicket => ({
    host: 'storage-2',
    upFrom,
    noout: { kind: 'host', host: 'storage-2' },
    from: { node: 'controller-1', bootId: 'boot' },
  });

  it('is each OSD that is down, gone, or still in its life of before', () => {
    const seen = facts('osd-down', ['osd-tree']);
    const upFrom = seen.map.upFrom['osd.2'] as number;
    expect(osdsMissing(seen, ticket({ 'osd.1': 1, 'osd.2': upFrom, 'osd.3': 0, 'osd.9': 1 }))).toEqual([
      'osd.1 is down',
      'Ceph has not seen osd.2 come up anew',
      'osd.9 is gone',
    ]);
  });

  it('is every group and every monitor that is not back', () => {
    expect(othersMissing(facts('healthy'))).toEqual([]);
    expect(othersMissing(facts('osd-down', ['status']))[0]).toMatch(/^placement groups: /);
    expect(othersMissing(facts('mon-down', ['quorum']))).toEqual(['the monitor controller-3 is not in quorum']);
  });

  it('is hopeless where groups cannot be read or a monitor is lost, and not where copies are missing', () => {
    const { status, ...others } = facts('healthy');
    const groups = (state: string) => ({ ...others, status: { ...status, groups: [{ state, count: 3 }] } });
    expect(hopeless(groups('active+undersized+degraded'))).toBeUndefined();
    expect(hopeless(groups('down+remapped'))).toBe('placement groups cannot be read: 3 down+remapped');
    expect(hopeless(groups('incomplete'))).toContain('3 incomplete');
    expect(hopeless(facts('mon-down', ['quorum']))).toBe('the monitor controller-3 is not in quorum');
    expect(hopeless(facts('mon-down', ['quorum']), 'controller-3')).toBeUndefined();
  });
});
