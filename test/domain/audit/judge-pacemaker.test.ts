import { describe, expect, it } from 'vitest';
import { findingKey } from '../../../domain/audit/finding.js';
import { judgePacemaker } from '../../../domain/audit/judge-pacemaker.js';
import type { ControllerAnswer } from '../../../domain/cluster.js';
import { aClone, allSee, aMember, aResource, aView, names, silence, stopped, withNode } from '../cluster-samples.js';

const judge = (answers: readonly ControllerAnswer[], { absent = [] as string[], unreached = [] as string[] } = {}) =>
  judgePacemaker(answers, { absent: new Set(absent), unreached: new Set(unreached) });
const short = (findings: ReturnType<typeof judge>) => findings.map((one) => `${one.severity} ${findingKey(one)}`);
const [first, second] = allSee(aView()) as [ControllerAnswer, ControllerAnswer];

describe('the check of Pacemaker', () => {
  it('finds nothing in a healthy cluster', () => {
    expect(judge(allSee(aView()))).toEqual([]);
  });

  it('keeps the words of the cluster’s findings, with who sees them and how to see them', () => {
    const [found] = judge(allSee(withNode('c2', { standby: true })));
    expect(found).toMatchObject({
      node: 'c2',
      about: 'standby',
      severity: 'warn',
      what: 'c2 is in standby',
      evidence: [
        { value: 'Pacemaker has c2 as online, standby; seen by c1, c2, c3', command: 'crm_mon -1rf  # on c1' },
      ],
      next: 'when its maintenance is over: `pcs node unstandby c2`',
    });
  });

  it.each([
    [
      'a leftover constraint',
      { constraints: [{ id: 'cli-ban-vip-on-c2', resource: 'vip', node: 'c2', score: '-INFINITY' }] },
      'warn pacemaker//cli-ban-vip-on-c2:cli-constraint',
    ],
    [
      'a failure',
      { failures: [{ resource: 'vip', task: 'monitor', node: 'c1', result: 'not running' }] },
      'warn pacemaker//vip:failure',
    ],
    ['something unmanaged', { resources: aClone(names, { managed: false }) }, 'warn pacemaker//clone_p:unmanaged'],
    [
      'something that does not run',
      { resources: [stopped(), stopped(), stopped()] },
      'error pacemaker//clone_p:stopped',
    ],
    ['maintenance mode', { properties: { 'maintenance-mode': 'true' } }, 'error pacemaker//maintenance-mode'],
    ['no quorum', { quorum: false }, 'error pacemaker//no-quorum'],
  ] as const)('tells of %s', (_what, more, key) => {
    expect(short(judge(allSee(aView(more as object))))).toContain(key);
  });

  it('tells of a split', () => {
    const alone = aView({
      nodes: names.map((name) => aMember(name, { online: name === 'c3', isDc: name === 'c3' })),
      dc: 'c3',
    });
    expect(short(judge([first, second, { controller: 'c3', state: 'read', view: alone }]))).toContain(
      'error pacemaker//split',
    );
  });

  it('leaves a controller that was not reached to the others: they see it offline', () => {
    const others = allSee(withNode('c3', { online: false })).slice(0, 2);
    const findings = judge([...others, silence('c3')], { unreached: ['c3'] });
    expect(short(findings)).toEqual(['error pacemaker/c3/offline']);
  });

  it('says nothing of one that was not reached and that the others see', () => {
    expect(judge([first, second, silence('c3')], { unreached: ['c3'] })).toEqual([]);
  });

  it('does not know what one thinks that could not be asked', () => {
    expect(short(judge([first, second, silence('c3')]))).toEqual(['unknown pacemaker/c3/unread']);
  });

  it('tells of one on which no cluster runs', () => {
    expect(short(judge([first, second, silence('c3', 'stopped')]))).toEqual(['error pacemaker/c3/cluster-stopped']);
  });

  it('is unknown once where nobody answers, and nothing where nobody has it', () => {
    const nobody = names.map((name) => silence(name));
    expect(short(judge(nobody))).toEqual(['unknown pacemaker/']);
    expect(short(judge(nobody, { unreached: names }))).toEqual(['unknown pacemaker/']);
    expect(judge(nobody, { absent: names })).toEqual([]);
    expect(judge(nobody, { absent: ['c1', 'c2'], unreached: ['c3'] })).toEqual([]);
  });

  it('expects it on every controller where it is on one', () => {
    const two = aView({
      nodes: ['c1', 'c2'].map((name) => aMember(name)),
      resources: [aResource('vip'), ...aClone(['c1', 'c2'])],
    });
    const findings = judge([...allSee(two).slice(0, 2), silence('c3')], { absent: ['c3'] });
    expect(short(findings)).toEqual(['error pacemaker/c3/not-installed']);
  });
});
