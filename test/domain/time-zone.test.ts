import { expect, it } from 'vitest';
import { whyNotTimeZone } from '../../domain/time-zone.js';

it.each([
  ['Europe/Berlin', undefined],
  ['UTC', undefined],
  ['europe/berlin', 'must be spelled Europe/Berlin'],
  ['Europe/Berlino', 'is no time zone that is known here; it is a name such as Europe/Berlin or UTC'],
  ['', 'must be the name of a time zone, such as Europe/Berlin or UTC'],
  ['+02:00', 'must be the name of a time zone, such as Europe/Berlin or UTC'],
  ['CEST somewhere', 'is no time zone that is known here; it is a name such as Europe/Berlin or UTC'],
])('%j as a time zone: %s', (text, why) => expect(whyNotTimeZone(text)).toBe(why));
