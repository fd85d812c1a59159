import { describe, expect, it } from 'vitest';
import { closest, didYouMean } from '../../inventory/suggest.js';

const roles = ['controller', 'compute', 'mongo', 'ceph-osd'];

describe('a suggestion', () => {
  it.each([
    ['computer', 'compute'],
    ['Compute', 'compute'],
    ['comptue', 'compute'],
    ['ceph-ods', 'ceph-osd'],
    ['mogno', undefined],
    ['mong', 'mongo'],
    ['web', undefined],
    ['', undefined],
  ])('for %j is %j', (typed, meant) => expect(closest(typed, roles)).toBe(meant));

  it('is the first of equally near words', () => {
    expect(closest('compute-3', ['compute-1', 'compute-2'])).toBe('compute-1');
  });

  it('ends a sentence, or is nothing', () => {
    expect([didYouMean('computer', roles), didYouMean('web', roles), didYouMean('x', [])]).toEqual([
      '; did you mean compute?',
      undefined,
      undefined,
    ]);
  });
});
