import { expect, it } from 'vitest';
import { isDonor } from '../../domain/galera.js';

it.each([
  ['Donor/Desynced', true],
  ['Donor', true],
  ['Synced', false],
  ['Joiner', false],
  ['Joining: receiving State Transfer', false],
  ['Initialized', false],
])('a member that is %s gives its state away: %s', (state, donor) => {
  expect(isDonor({ state })).toBe(donor);
});
