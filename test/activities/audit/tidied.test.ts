import { expect, it } from 'vitest';
import { tidied } from '../../../activities/audit/tidied.js';

it('makes every text of a finding one short line without secrets, whatever a host has put there', () => {
  const hostile = `password=hush\n${'x'.repeat(100_000)}`;
  const found = tidied({
    check: 'ceph-osds',
    node: 'c1',
    about: hostile,
    severity: 'error',
    what: hostile,
    evidence: Array.from({ length: 1_000 }, () => ({ value: hostile, threshold: hostile, command: hostile })),
    next: hostile,
  });
  const text = JSON.stringify(found);
  expect(text).not.toMatch(/hush|\\n/);
  expect(text.length).toBeLessThan(30_000);
  expect(found.about?.length).toBe(200);
});

it('leaves what is short as it is', () => {
  const finding = { check: 'memory', severity: 'warn' as const, what: 'w', evidence: [], next: 'n' };
  expect(tidied(finding)).toEqual(finding);
});
