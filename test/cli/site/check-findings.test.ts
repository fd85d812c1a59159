import { describe, expect, it } from 'vitest';
import { judge } from '../../../cli/commands/check-findings.js';
import type { HostAnswer, UnitAnswer } from '../../../cli/commands/check-script.js';
import type { Node } from '../../../domain/inventory.js';
import { aNode, anInventory } from '../../domain/samples.js';

const controller = aNode('controller-1', { roles: ['controller'] });

const judged = (pacemaker?: Partial<UnitAnswer>, node = controller) => {
  const answer: UnitAnswer = { load: 'loaded', active: 'active', refusals: [], ...pacemaker };
  const units = new Map(pacemaker ? [['pacemaker.service', answer]] : []);
  return judge(anInventory([node]), node, 'ops', { systemd: 252, journal: true, units });
};

it('a controller whose cluster may be read is well', () => {
  expect(judged({})).toMatchObject({
    severity: 'ok',
    units: [{ id: 'pacemaker', unit: 'pacemaker.service', active: 'active', permitted: true }],
  });
});

it('a controller whose cluster may not be read names the fragment to install', () => {
  expect(judged({ refusals: ['', 'sudo: a password is required'] })).toMatchObject({
    severity: 'error',
    units: [{ id: 'pacemaker', permitted: false }],
    findings: [
      {
        what: 'sudo does not let ops do all that Ostler does with the cluster (sudo: a password is required)',
        next: 'install what `ostler sudoers --role controller --user ops` prints',
      },
    ],
  });
});

it.each([
  ['has no Pacemaker', undefined],
  ['has none installed', { load: 'not-found' }],
])('a controller that %s is no trouble', (_what, pacemaker) => {
  expect(judged(pacemaker)).toMatchObject({ severity: 'ok', units: [] });
});

it('a host of another role is not judged by its Pacemaker', () => {
  const node = aNode('mongo-1', { roles: ['mongo'] });
  expect(judged({ refusals: ['no'] }, node)).toMatchObject({ severity: 'ok', units: [] });
});

describe('a host that Ceph is asked from', () => {
  const storage = aNode('storage-1', { roles: ['ceph-osd'] });
  const of = (node: Node, answer: Partial<HostAnswer>) =>
    judge(anInventory([node]), node, 'ops', { systemd: 252, journal: true, units: new Map(), ...answer });

  it.each([
    ['controller', aNode('controller-1', { roles: ['controller', 'ceph-osd'] })],
    ['ceph-osd', storage],
  ])('names the fragment of the role %s where sudo refuses what is done with Ceph', (role, node) => {
    expect(of(node, { ceph: ['', 'sudo: a password is required'] })).toMatchObject({
      severity: 'error',
      findings: [
        {
          what: 'sudo does not let ops do all that Ostler does with Ceph (sudo: a password is required)',
          next: `install what \`ostler sudoers --role ${role} --user ops\` prints`,
        },
      ],
    });
    expect(of(node, { ceph: [] })).toMatchObject({ severity: 'ok', findings: [] });
  });

  it('names it where sudo refuses the restart of its daemons', () => {
    const target: UnitAnswer = { load: 'loaded', active: 'active', refusals: ['sudo: a password is required'] };
    expect(of(storage, { units: new Map([['ceph-osd.target', target]]) })).toMatchObject({
      severity: 'error',
      units: [{ id: 'ceph-osd', unit: 'ceph-osd.target', permitted: false }],
      findings: [
        {
          what: 'sudo does not let ops restart ceph-osd.target (sudo: a password is required)',
          next: 'install what `ostler sudoers --role ceph-osd --user ops` prints',
        },
      ],
    });
  });
});
