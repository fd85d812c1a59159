import { expect, it } from 'vitest';
import { pairNames } from '../../domain/node-names.js';

const pairs = (ours: string[], theirs: string[]) => Object.fromEntries(pairNames(ours, theirs));

it.each([
  ['the same', ['a.x', 'b.x'], ['b.x', 'a.x'], { 'a.x': 'a.x', 'b.x': 'b.x' }],
  ['longer there', ['node-1', 'node-2'], ['node-1.x', 'node-2.x'], { 'node-1': 'node-1.x', 'node-2': 'node-2.x' }],
  ['shorter there', ['node-1.x'], ['node-1'], { 'node-1.x': 'node-1' }],
  ['of another case', ['Node-1'], ['node-1.X'], { 'Node-1': 'node-1.X' }],
  ['of another domain', ['node-1.mgmt'], ['node-1.x'], { 'node-1.mgmt': 'node-1.x' }],
  ['no part of another', ['node-1'], ['node-10.x'], {}],
  ['known whole although a label is shared', ['a.x', 'a.y'], ['a.x', 'a.y'], { 'a.x': 'a.x', 'a.y': 'a.y' }],
])('pairs names that are %s', (_what, ours, theirs, expected) => {
  expect(pairs(ours, theirs)).toEqual(expected);
});

it('does not guess between two of one label, on either side', () => {
  expect(pairs(['a'], ['a.x', 'a.y'])).toEqual({});
  expect(pairs(['a.x', 'a.y'], ['a'])).toEqual({});
  expect(pairs(['a.x', 'a.y'], ['a.x', 'a'])).toEqual({ 'a.x': 'a.x' });
});
