import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../domain/inventory.js';
import { parseSelection, SelectionError, select } from '../../domain/selection.js';
import { aNode } from './samples.js';

const nodes = [
  aNode('compute-1', { failureDomain: 'rack-a', labels: { gen: '1' } }),
  aNode('compute-2', { failureDomain: 'rack-a', labels: { gen: '2' } }),
  aNode('compute-10', { failureDomain: 'rack-b', labels: { gen: '2' } }),
  aNode('mixed-1', { failureDomain: 'rack-b', roles: ['compute', 'ceph-osd'] }),
  aNode('controller-1', { failureDomain: 'rack-a', roles: ['controller'] }),
];

const chosen = (text: string, role: Role = 'compute'): string[] =>
  select(parseSelection(text), nodes, role).map(({ name }) => name);

function refusal(action: () => unknown): SelectionError {
  try {
    action();
  } catch (error) {
    if (error instanceof SelectionError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a selection', () => {
  it.each([
    ['compute-1', ['compute-1']],
    ['compute-?', ['compute-1', 'compute-2']],
    ['compute-*', ['compute-1', 'compute-2', 'compute-10']],
    ['*', ['compute-1', 'compute-2', 'compute-10', 'mixed-1']],
    ['compute-10,compute-1', ['compute-1', 'compute-10']],
    ['domain=rack-a', ['compute-1', 'compute-2']],
    ['domain=rack-*&label.gen=2', ['compute-2', 'compute-10']],
    ['label.gen=2', ['compute-2', 'compute-10']],
    ['role=ceph-osd', ['mixed-1']],
    ['!compute-1', ['compute-2', 'compute-10', 'mixed-1']],
    ['!compute-1,compute-*', ['compute-2', 'compute-10']],
    ['compute-*,!domain=rack-a&label.gen=1', ['compute-2', 'compute-10']],
    [' compute-1 , compute-2 ', ['compute-1', 'compute-2']],
  ])('%j means %j', (text, names) => expect(chosen(text)).toEqual(names));

  it('takes every dot for a dot', () => {
    const dotted = [aNode('a.b'), aNode('axb')];
    expect(select(parseSelection('a.b'), dotted, 'compute').map(({ name }) => name)).toEqual(['a.b']);
    expect(select(parseSelection('a.?'), dotted, 'compute').map(({ name }) => name)).toEqual(['a.b']);
  });

  it.each([
    ['', 'the selection is empty; name hosts, or leave --on out for every host of the role'],
    ['  ', 'the selection is empty; name hosts, or leave --on out for every host of the role'],
    ['compute-1,', '"" is not a selection; see `ostler restart --help` for the forms it can take'],
    ['x; reboot', '"x; reboot" is not a selection; see `ostler restart --help` for the forms it can take'],
    ['!!compute-1', '"!!compute-1" is not a selection; see `ostler restart --help` for the forms it can take'],
    ['rack=a', '"rack=a" is not a selection; see `ostler restart --help` for the forms it can take'],
    ['role=', '"role=" is not a selection; see `ostler restart --help` for the forms it can take'],
  ])('refuses %j by its form', (text, message) => expect(refusal(() => parseSelection(text)).message).toBe(message));

  it.each([
    ['compute-3', 'the node compute-3 is not in the inventory', 'compute-3', 'compute-1'],
    ['web-*', 'a node like web-* is not in the inventory', 'web-*', 'compute-1'],
    ['role=computer', 'the role computer is not in the inventory', 'computer', 'compute'],
    ['domain=rack-c', 'the failure domain rack-c is not in the inventory', 'rack-c', 'rack-a'],
    ['label.gen=3', 'the label gen=3 is not in the inventory', 'gen=3', 'gen=1'],
    ['compute-*,!compute-3', 'the node compute-3 is not in the inventory', 'compute-3', 'compute-1'],
  ])('refuses %j, which names nothing, and offers what there is', (text, message, value, known) => {
    const error = refusal(() => chosen(text));
    expect(error.message).toBe(message);
    expect(error.unknown).toMatchObject({ value, known: expect.arrayContaining([known]) });
  });

  it('refuses a host that is named outright and lacks the role', () => {
    expect(refusal(() => chosen('controller-1')).message).toBe('controller-1 has the roles controller, not compute');
  });

  it.each([['compute-1,!compute-*'], ['role=controller'], ['controller-*'], ['domain=rack-b&label.gen=1']])(
    'refuses %j, which leaves nothing',
    (text) => {
      expect(refusal(() => chosen(text)).message).toBe(
        'no host with the role compute is left by this selection; an empty selection is never taken for "all"',
      );
    },
  );

  it.each(['constructor', 'toString', '__proto__'])('does not take label.%s=* for every node', (key) => {
    expect(refusal(() => chosen(`label.${key}=*`)).message).toBe(`the label ${key}=* is not in the inventory`);
  });

  it('answers at once for a glob of many stars that does not fit', () => {
    const long = [aNode('a'.repeat(63)), aNode('b')];
    const text = `b,!${'*a'.repeat(60)}*b`;
    expect(() => select(parseSelection(text), long, 'compute')).toThrow('a node like');
  });

  it('fits globs as their regular expressions do', () => {
    const pattern = fc.stringMatching(/^[ab*?]{1,6}$/);
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[ab]{1,8}$/), (glob, name) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
        const known = [aNode(name), aNode('aaaaaaaaa'), aNode('bbbbbbbbb')];
        const names = ((): string[] => {
          try {
            return select(parseSelection(glob), known, 'compute').map((node) => node.name);
          } catch {
            return [];
          }
        })();
        expect(names.includes(name)).toBe(expected);
      }),
    );
  });

  it('chooses only hosts of the role, never an excluded one, and never none', () => {
    const term = fc.constantFrom('compute-1', 'compute-*', '*-1', 'domain=rack-a', 'label.gen=2', 'role=ceph-osd', '*');
    const terms = fc.array(fc.tuple(fc.boolean(), term), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(terms, (all) => {
        const text = all.map(([not, one]) => (not ? `!${one}` : one)).join(',');
        const excluded = all.filter(([not]) => not).map(([, one]) => one);
        try {
          const names = chosen(text);
          expect(names.length).toBeGreaterThan(0);
          expect(names).not.toContain('controller-1');
          for (const one of excluded) expect(names.filter((name) => chosen(one).includes(name))).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(SelectionError);
        }
      }),
    );
  });
});
