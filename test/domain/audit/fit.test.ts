import { describe, expect, it } from 'vitest';
import type { Finding, FindingSeverity } from '../../../domain/audit/finding.js';
import { fitted, MOST_OF_ONE, omittedAnywhere, worstOfOne } from '../../../domain/audit/fit.js';

const findings = (count: number, node: string, severity: FindingSeverity = 'warn', what = 'it is down'): Finding[] =>
  Array.from({ length: count }, (_, n) => ({
    check: 'units',
    node,
    about: `${severity}-${n}`,
    severity,
    what,
    evidence: [],
    next: 'start it',
  }));

describe('what one check found on one node', () => {
  it('is told as it is, where it is not too much', () => {
    const all = [...findings(MOST_OF_ONE - 1, 'c1'), ...findings(1, 'c1', 'error')];
    expect(worstOfOne(all)).toEqual({ findings: all, omitted: 0 });
    expect(worstOfOne([])).toEqual({ findings: [], omitted: 0 });
  });

  it('is the worst of it, where it is too much, and how much more there is', () => {
    const { findings: told, ...left } = worstOfOne([...findings(30, 'c1'), ...findings(10, 'c1', 'error')]);
    expect(told.map(({ severity }) => severity)).toEqual([...Array(10).fill('error'), ...Array(15).fill('warn')]);
    expect(left).toEqual({ omitted: 15, crowded: { 'units/c1': 15 } });
  });
});

describe('findings of one payload', () => {
  const crowd = worstOfOne(findings(30, 'c1'));

  it('are all that there are, where they fit, with what had been left out before', () => {
    const found = fitted([crowd, { findings: findings(2, 'c2', 'error'), omitted: 0 }, worstOfOne(findings(26, 'c3'))]);
    expect(found.findings).toHaveLength(52);
    expect(found.findings[0]).toMatchObject({ node: 'c2', severity: 'error' });
    expect(found).toMatchObject({ omitted: 6, crowded: { 'units/c1': 5, 'units/c3': 1 } });
    expect(omittedAnywhere(found)).toBe(0);
  });

  it('are the worst, where not all fit, and any check may have had more', () => {
    const long = findings(500, 'c2', 'error', 'x'.repeat(1_000));
    const { findings: told, ...left } = fitted([crowd, { findings: long, omitted: 0 }]);
    expect(told.every(({ severity }) => severity === 'error')).toBe(true);
    expect(left).toEqual({ omitted: 530 - told.length });
    expect(omittedAnywhere(left)).toBe(left.omitted);
  });

  it('that another part had left out count as before', () => {
    const found = fitted([crowd, { findings: [], omitted: 7 }]);
    expect(found.omitted).toBe(12);
    expect(omittedAnywhere(found)).toBe(7);
  });
});
