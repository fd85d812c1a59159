import { expect, it } from 'vitest';
import { inUse, type UnitState } from '../../../../activities/audit/node/unit-states.js';

const unit = (id: string, active: string, file = 'disabled'): UnitState => ({
  id,
  load: 'loaded',
  active,
  sub: '',
  result: '',
  file,
  isFleeting: false,
  triggeredBy: [],
});

const own = (active: string, file?: string) => unit('openstack-cinder-api.service', active, file);
const shared = unit('httpd.service', 'active', 'enabled');

it.each([
  ['its own that has failed, beside a web server that runs for others', [own('failed'), shared], 0],
  ['its own that is enabled and down, beside such a web server', [shared, own('inactive', 'enabled')], 1],
  ['the web server, where its own has never been used', [own('inactive'), shared], 1],
  ['the one that is up of two of its own', [own('inactive'), unit('cinder-api.service', 'active')], 1],
  ['the first, where nothing is in use', [own('inactive'), unit('cinder-api.service', 'inactive')], 0],
])('takes for the unit of a service %s', (_, units, index) => {
  expect(inUse(units as UnitState[])).toBe((units as UnitState[])[index as number]);
});
