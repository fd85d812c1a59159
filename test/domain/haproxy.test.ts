import { expect, it } from 'vitest';
import { isDrained, isTaking, isUp } from '../../domain/haproxy.js';

it.each([
  // status, up for good, gets connections, taken out by somebody
  ['UP', true, true, false],
  ['no check', true, true, false],
  ['UP 1/2', false, true, false],
  ['UP 2/3', false, true, false],
  ['DOWN', false, false, false],
  ['DOWN 1/2', false, false, false],
  ['DOWN (agent)', false, false, false],
  ['NOLB', false, false, false],
  ['MAINT', false, false, true],
  ['MAINT (via keystone-1/controller-1)', false, false, true],
  ['MAINT (resolution)', false, false, true],
  ['DRAIN', false, false, true],
  ['DRAIN 1/2', false, false, true],
  ['', false, false, false],
])('a server that is "%s"', (status, up, taking, drained) => {
  expect([isUp({ status }), isTaking({ status }), isDrained({ status })]).toEqual([up, taking, drained]);
});
