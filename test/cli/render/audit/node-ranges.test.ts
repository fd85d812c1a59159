import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangesOf } from '../../../../cli/render/audit/node-ranges.js';

const computes = (...numbers: number[]): string[] => numbers.map((number) => `compute-${number}`);

/** All the names that a text stands for. */
function expanded(text: string): string[] {
  return text === ''
    ? []
    : text.split(', ').flatMap((part) => {
        const [, before = '', spans = '', after = ''] = /^(.*)\[(.*)\](.*)$/.exec(part) ?? [];
        if (spans === '') return [part];
        return spans.split(',').flatMap((span) => {
          const [first = '', last = first] = span.split('-');
          return Array.from(
            { length: Number(last) - Number(first) + 1 },
            (_, index) => `${before}${String(Number(first) + index).padStart(first.length, '0')}${after}`,
          );
        });
      });
}

describe('names of nodes in few words', () => {
  it.each([
    [computes(3, 4, 5, 6, 7, 8, 9, 12), 'compute-[3-9,12]'],
    [[...computes(1, 2, 5), 'controller-1'], 'compute-[1,2,5], controller-1'],
    [computes(7), 'compute-7'],
    [['ceph', 'fuel'], 'ceph, fuel'],
    [['c1.a.example', 'c2.a.example', 'c2.b.example'], 'c[1,2].a.example, c2.b.example'],
    [['node-08', 'node-09', 'node-8'], 'node-[08,09], node-8'],
    [computes(11, 2, 10), 'compute-[2,10,11]'],
    [[], ''],
  ])('%j are %s', (names, text) => {
    expect(rangesOf(names)).toBe(text);
  });

  it('are counted where there are too many to write out', () => {
    expect(rangesOf(computes(1, 3, 5, 7, 9, 10, 11), 3)).toBe('compute-[1,3,5] and 4 more');
    expect(rangesOf([...computes(1, 3), 'controller-1', 'controller-2'], 2)).toBe('compute-[1,3] and 2 more');
  });

  it('stand for exactly the names that they were made of', () => {
    const name = fc
      .tuple(fc.constantFrom('compute-', 'c', 'rack1-node', ''), fc.integer({ min: 0, max: 120 }), fc.nat({ max: 2 }))
      .map(([before, number, width]) => `${before}${String(number).padStart(width + 1, '0')}`);
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 60 }), (names) => {
        expect(expanded(rangesOf(names)).sort()).toEqual([...names].sort());
      }),
    );
  });
});
