import { describe, expect, it } from 'vitest';
import type { ClusterView, ControllerAnswer } from '../../domain/cluster.js';
import { clusterFindings } from '../../domain/cluster-findings.js';
import {
  aClone,
  allSee,
  aMember,
  aResource,
  aView,
  aVip,
  names,
  silence,
  stopped,
  withNode,
} from './cluster-samples.js';

const told = (answers: readonly ControllerAnswer[]): string[] =>
  clusterFindings(answers).map(({ severity, kind, about }) => `${severity} ${kind}${about ? ` ${about}` : ''}`);
const toldOf = (view: ClusterView): string[] => told(allSee(view));
const read = (controller: string, view: ClusterView): ControllerAnswer => ({ controller, state: 'read', view });

it('finds nothing in a healthy cluster', () => {
  expect(clusterFindings(allSee(aView()))).toEqual([]);
});

describe('who takes part', () => {
  it.each([
    ['offline', { online: false }, ['error offline c3']],
    ['unclean', { online: false, unclean: true }, ['error unclean c3']],
    ['joining', { pending: true }, ['warn pending c3']],
    ['in standby', { standby: true }, ['warn standby c3']],
    [
      'offline, and in standby when it is back',
      { online: false, standby: true },
      ['error offline c3', 'warn standby c3'],
    ],
    ['in standby because of a failure', { standby: true, standbyOnFail: true }, ['error standby-on-fail c3']],
    ['in maintenance', { maintenance: true }, ['warn node-maintenance c3']],
    ['leaving', { shutdown: true }, ['warn shutting-down c3']],
  ])(
    'a node that is %s is the only finding: clones that do not run there follow from it',
    (_what, states, findings) => {
      const resources = [aVip(), ...aClone(['c1', 'c2']), stopped()];
      expect(toldOf(withNode('c3', states, { resources }))).toEqual(findings);
    },
  );

  it('says what was seen, by whom, and what to do', () => {
    expect(clusterFindings(allSee(withNode('c3', { standby: true })))).toEqual([
      {
        kind: 'standby',
        severity: 'warn',
        about: 'c3',
        what: 'c3 is in standby',
        evidence: 'Pacemaker has c3 as online, standby',
        next: 'when its maintenance is over: `pcs node unstandby c3`',
        seenBy: names,
      },
    ]);
  });

  it('speaks the pcs of its generation', () => {
    const [finding] = clusterFindings(allSee(withNode('c3', { standby: true }, { dialect: 'old-xml' })));
    expect(finding?.next).toContain('`pcs cluster unstandby c3`');
  });

  it('a lost quorum explains what it stopped, and names who says so', () => {
    const view = aView({
      quorum: false,
      resources: [aVip({ role: 'Stopped', nodes: [] }), stopped(), stopped(), stopped()],
    });
    expect(toldOf(view)).toEqual(['error no-quorum']);
    expect(clusterFindings([read('c1', view), read('c2', aView()), read('c3', aView())])[0]).toMatchObject({
      kind: 'no-quorum',
      seenBy: ['c1'],
    });
  });

  it('a quorum that is ignored explains nothing', () => {
    const view = aView({
      quorum: false,
      properties: { 'no-quorum-policy': 'ignore' },
      resources: [aVip({ role: 'Stopped', nodes: [] })],
    });
    expect(toldOf(view)).toEqual(['error no-quorum', 'error stopped vip']);
  });

  it('an election is a warning', () => {
    const { dc: _dc, quorum: _quorum, ...view } = aView();
    expect(toldOf(view)).toEqual(['warn no-dc']);
  });

  it.each(['true', 'yes', 'ON', '1'])('maintenance mode (%s) explains that nothing is managed', (value) => {
    const resources = [aVip({ managed: false }), ...aClone(names, { managed: false })];
    expect(toldOf(aView({ properties: { 'maintenance-mode': value }, resources }))).toEqual(['error maintenance-mode']);
  });
});

describe('controllers that disagree', () => {
  const majority = withNode('c3', { online: false }, { resources: [aVip(), ...aClone(['c1', 'c2']), stopped()] });
  const minority = aView({
    quorum: false,
    dc: 'c3',
    nodes: names.map((name) => aMember(name, { online: name === 'c3' })),
    resources: [aVip({ role: 'Stopped', nodes: [] }), stopped(), stopped(), stopped()],
  });

  it('are split, and the finding says who sees whom', () => {
    const findings = clusterFindings([read('c1', majority), read('c2', majority), read('c3', minority)]);
    expect(findings.map(({ kind }) => kind)).toEqual(['split', 'no-quorum']);
    expect(findings[0]).toMatchObject({
      severity: 'error',
      evidence:
        'c1 sees c1, c2 (quorum, c1 decides); c2 sees c1, c2 (quorum, c1 decides); c3 sees c3 (no quorum, c3 decides)',
      seenBy: names,
    });
  });

  it('are split, too, when they only disagree about who decides', () => {
    expect(told([read('c1', aView()), read('c2', aView({ dc: 'c2' })), read('c3', aView())])).toEqual(['error split']);
  });

  it('are not split while one of them knows nobody who decides', () => {
    const { dc: _dc, quorum: _quorum, ...electing } = aView();
    expect(told([read('c1', electing), read('c2', aView()), read('c3', aView())])).toEqual(['warn no-dc']);
  });

  it('and a minority that ignores its quorum runs what the majority runs', () => {
    const ignoring = {
      ...minority,
      properties: { 'no-quorum-policy': 'ignore' },
      resources: [aVip({ nodes: ['c3'] })],
    };
    expect(told([read('c1', majority), read('c2', majority), read('c3', ignoring)])).toEqual([
      'error split',
      'error no-quorum',
      'error twice vip',
    ]);
    expect(clusterFindings([read('c1', majority), read('c2', majority), read('c3', ignoring)])[2]?.evidence).toBe(
      'on c1, says c1 and c2; on c3, says c3',
    );
  });

  it('and an address that moves while they are read is not taken for two', () => {
    const moved = aView({ resources: [aVip({ nodes: ['c2'] }), ...aClone(names)] });
    expect(told([read('c1', aView()), read('c2', moved), read('c3', moved)])).toEqual([]);
  });
});

describe('controllers that do not answer', () => {
  const gone = withNode('c3', { online: false }, { resources: [aVip(), ...aClone(['c1', 'c2']), stopped()] });

  it('are never ok', () => {
    expect(told([read('c1', aView()), read('c2', aView()), silence('c3')])).toEqual(['error unread c3']);
    expect(told(names.map((name) => silence(name)))).toEqual(names.map((name) => `error unread ${name}`));
    expect(told(names.map((name) => silence(name, 'stopped')))).toEqual(
      names.map((name) => `error cluster-stopped ${name}`),
    );
  });

  it.each(['unread', 'stopped'] as const)('and that others see offline are one finding (%s)', (state) => {
    const findings = clusterFindings([read('c1', gone), read('c2', gone), silence('c3', state)]);
    expect(findings).toMatchObject([
      {
        kind: 'offline',
        about: 'c3',
        evidence: 'Pacemaker has c3 as OFFLINE; c3 did not answer',
        seenBy: ['c1', 'c2'],
      },
    ]);
  });
});

describe('names', () => {
  const full = aView({
    dc: 'c1.domain.tld',
    nodes: names.map((name) => aMember(`${name}.domain.tld`)),
    resources: [aVip({ nodes: ['c1.domain.tld'] }), ...aClone(names.map((name) => `${name}.domain.tld`))],
  });

  it("may be longer in Pacemaker than in the inventory; findings have the inventory's, commands Pacemaker's", () => {
    expect(clusterFindings(allSee(full))).toEqual([]);
    const nodes = full.nodes.map((node, index) => (index === 2 ? { ...node, standby: true } : node));
    expect(clusterFindings(allSee({ ...full, nodes }))).toMatchObject([
      { about: 'c3', next: 'when its maintenance is over: `pcs node unstandby c3.domain.tld`' },
    ]);
  });

  it('that fit nobody are findings on both sides', () => {
    const nodes = ['c1', 'c2', 'other'].map((name) => aMember(name));
    const resources = [aVip(), ...aClone(['c1', 'c2', 'other'])];
    expect(toldOf(aView({ nodes, resources }))).toEqual(['error no-member c3', 'warn not-in-inventory other']);
  });

  it('of remote nodes need not be in the inventory', () => {
    const nodes = [...names.map((name) => aMember(name)), aMember('r1', { isRemote: true })];
    expect(toldOf(aView({ nodes }))).toEqual([]);
    const lost = nodes.map((node) => (node.isRemote ? { ...node, online: false } : node));
    expect(toldOf(aView({ nodes: lost }))).toEqual(['error offline r1']);
  });
});

describe('what runs once', () => {
  const found = (more: Parameters<typeof aVip>[0]) => toldOf(aView({ resources: [aVip(more), ...aClone(names)] }));

  it.each([
    ['stopped', { role: 'Stopped', nodes: [] }, 'error stopped vip'],
    ['on its way', { role: 'Starting', nodes: ['c1'] }, 'error stopped vip'],
    ['told to be stopped', { role: 'Stopped', nodes: [], disabled: true }, 'error stopped vip'],
    ['started twice', { nodes: ['c1', 'c2'] }, 'error twice vip'],
    ['started without a node, as an old pcs says it', { nodes: [] }, 'warn no-place vip'],
    ['failed', { failed: true }, 'error failed vip'],
    ['blocked', { failed: true, blocked: true, managed: false }, 'error blocked vip'],
    ['unmanaged', { managed: false }, 'warn unmanaged vip'],
  ])('%s', (_what, more, finding) => {
    expect(found(more)).toEqual([finding]);
  });

  it('holds for members of groups', () => {
    const member = aResource('b', { kind: 'group-member', parent: 'g', role: 'Stopped', nodes: [] });
    expect(toldOf(aView({ resources: [member] }))).toEqual(['error stopped b']);
  });

  it('tells what kept it from running, and the command that fits', () => {
    const findingOf = (view: Partial<ClusterView>, more = {}) =>
      clusterFindings(allSee(aView({ resources: [aVip({ role: 'Stopped', nodes: [], ...more })], ...view })))[0];
    const failure = {
      resource: 'vip',
      task: 'start',
      node: 'c2',
      result: 'error',
      reason: 'no such device',
      at: 'noon',
    };
    expect(findingOf({ failures: [failure] })).toMatchObject({
      evidence: 'it is Stopped; start on c2: error (no such device), noon',
      next: 'mend that, then `pcs resource cleanup vip`',
    });
    expect(findingOf({}, { disabled: true })).toMatchObject({
      evidence: 'it is Stopped, and told to be',
      next: 'if it should run: `pcs resource enable vip`',
    });
    const bans = names.map((node) => ({ id: `cli-ban-vip-on-${node}`, resource: 'vip', node, score: '-INFINITY' }));
    expect(findingOf({ constraints: bans })).toMatchObject({ next: '`pcs resource clear vip`' });
    expect(findingOf({})).toMatchObject({ next: expect.stringContaining('crm_simulate -sL') });
  });
});

describe('what runs everywhere', () => {
  const found = (instances: ReturnType<typeof aClone>, more: Partial<ClusterView> = {}) =>
    toldOf(aView({ resources: instances, ...more }));
  const ban = { id: 'cli-ban-clone_p-on-c3', resource: 'clone_p', node: 'c3', score: '-INFINITY' };

  it.each([
    ['lacks an instance', [...aClone(['c1', 'c2']), stopped()], 'error clone-incomplete clone_p'],
    ['lacks one that is not even listed', aClone(['c1', 'c2']), 'error clone-incomplete clone_p'],
    ['runs nowhere', [stopped(), stopped(), stopped()], 'error stopped clone_p'],
    ['has a failed instance', [...aClone(['c1', 'c2']), ...aClone(['c3'], { failed: true })], 'error failed clone_p'],
    ['is unmanaged', aClone(names, { managed: false }), 'warn unmanaged clone_p'],
    ['has nobody promoted', aClone(names, { role: 'Slave' }), 'error not-promoted clone_p'],
    ['has nobody promoted, in the words of today', aClone(names, { role: 'Unpromoted' }), 'error not-promoted clone_p'],
  ])('%s', (_what, instances, finding) => {
    expect(found(instances)).toEqual([finding]);
  });

  it('names the controllers where it is missing', () => {
    const [finding] = clusterFindings(allSee(aView({ resources: [...aClone(['c1']), stopped(), stopped()] })));
    expect(finding?.what).toBe('clone_p does not run on c2, c3');
  });

  it('of a group lacks an instance when one of its primitives does', () => {
    const instances = [...aClone(names, { id: 'a' }), ...aClone(['c1', 'c2'], { id: 'b' }), stopped({ id: 'b' })];
    expect(found(instances)).toEqual(['error clone-incomplete clone_p']);
    const both = [...aClone(['c1', 'c2'], { id: 'a' }), ...aClone(['c1', 'c2'], { id: 'b' })];
    expect(clusterFindings(allSee(aView({ resources: both })))).toMatchObject([{ about: 'clone_p', seenBy: names }]);
  });

  it('is whole with one promoted and the others not', () => {
    expect(found([...aClone(['c1'], { role: 'Master' }), ...aClone(['c2', 'c3'], { role: 'Slave' })])).toEqual([]);
    expect(found([...aClone(['c1'], { role: 'Promoted' }), ...aClone(['c2', 'c3'], { role: 'Unpromoted' })])).toEqual(
      [],
    );
  });

  it.each([ban, { ...ban, resource: 'p' }])('is not missed where it is banned from (%j)', (constraint) => {
    const instances = [...aClone(['c1', 'c2']), stopped()];
    expect(found(instances, { constraints: [constraint] })).toEqual(['warn cli-constraint cli-ban-clone_p-on-c3']);
  });

  it.each([
    ['another node', { ...ban, node: 'c2' }],
    ['another resource', { ...ban, resource: 'clone_q' }],
    ['a preference', { ...ban, score: 'INFINITY' }],
    ['a ban of one role', { ...ban, role: 'Master' }],
    ['a ban with an end, which may have come', { ...ban, until: '2020-01-01 00:00:00Z' }],
  ])('is missed when it is banned from %s', (_what, constraint) => {
    const instances = [...aClone(['c1', 'c2']), stopped()];
    expect(found(instances, { constraints: [constraint] })).toContain('error clone-incomplete clone_p');
  });

  it('may be unmanaged where a node is in maintenance', () => {
    const instances = [...aClone(['c1', 'c2']), ...aClone(['c3'], { managed: false })];
    expect(toldOf(withNode('c3', { maintenance: true }, { resources: instances }))).toEqual([
      'warn node-maintenance c3',
    ]);
  });
});

describe('what was left behind', () => {
  const failure = { resource: 'p', task: 'monitor', node: 'c2', result: 'not running', at: 'noon' };

  it('failures of what runs again, one finding for each resource', () => {
    const failures = [failure, { ...failure, node: 'c3' }, { ...failure, resource: 'vip', node: 'c1' }];
    expect(toldOf(aView({ failures }))).toEqual(['warn failure p', 'warn failure vip']);
    expect(clusterFindings(allSee(aView({ failures })))[0]).toMatchObject({
      what: 'p failed on c2, c3, and that is still counted against it',
      evidence: 'monitor on c2: not running, noon; monitor on c3: not running, noon',
    });
  });

  it('a failure that explains what is broken stands there as evidence', () => {
    const view = aView({ resources: [...aClone(['c1', 'c3']), stopped()], failures: [failure] });
    expect(toldOf(view)).toEqual(['error clone-incomplete clone_p']);
    expect(clusterFindings(allSee(view))[0]?.evidence).toContain('monitor on c2: not running');
  });

  it('a failure of something that is no longer configured', () => {
    expect(toldOf(aView({ failures: [{ ...failure, resource: 'gone' }] }))).toEqual(['warn failure gone']);
  });

  it('the ban of a service, with the command that starts it', () => {
    const bans = ['clone_p_haproxy', 'p_haproxy', 'vip'].map((resource) => ({
      ...{ id: `cli-ban-${resource}-on-c2`, resource, node: 'c2', score: '-INFINITY' },
    }));
    const next = clusterFindings(allSee(aView({ constraints: bans })))
      .filter(({ kind }) => kind === 'cli-constraint')
      .map((finding) => finding.next);
    expect(next).toEqual([
      'when nobody needs it any more: `ostler service start haproxy --on c2`',
      'when nobody needs it any more: `pcs resource clear p_haproxy`',
      'when nobody needs it any more: `pcs resource clear vip`',
    ]);
  });

  it('constraints of moves and bans', () => {
    const constraints = [
      { id: 'cli-prefer-vip', resource: 'vip', node: 'c3', score: 'INFINITY' },
      { id: 'cli-ban-vip-on-c2', resource: 'vip', node: 'c2', score: '-INFINITY', until: 'midnight' },
    ];
    expect(clusterFindings(allSee(aView({ constraints })))).toMatchObject([
      { severity: 'warn', what: expect.stringContaining('vip is bound to c3'), evidence: 'cli-prefer-vip (INFINITY)' },
      {
        what: expect.stringContaining('vip is kept away from c2'),
        evidence: expect.stringContaining('until midnight'),
      },
    ]);
  });
});

it('puts errors before warnings', () => {
  const view = withNode('c2', { standby: true }, { resources: [aVip({ failed: true }), ...aClone(['c1', 'c3'])] });
  expect(toldOf(view)).toEqual(['error failed vip', 'warn standby c2']);
});
