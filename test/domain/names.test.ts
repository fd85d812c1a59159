import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHostName, isIntent, isUnitName, isWord, naturalOrder } from '../../domain/names.js';

/** What a shell, sudo or systemctl could take for something other than a name. */
const hostile = [
  '',
  '-x',
  '--now',
  'a b',
  'a;reboot',
  'x; reboot',
  '$(reboot)',
  '`reboot`',
  'a\n',
  'a\nb',
  'a\0',
  'a/b',
  "a'b",
  'a*',
  'ä',
];

describe('names', () => {
  it.each(hostile)('refuses %j as a host name, a word, a unit and an intent', (text) => {
    const taken = [isHostName(text), isWord(text), isUnitName(text), isUnitName(`${text}.service`), isIntent(text)];
    expect(taken).toEqual([false, false, false, false, false]);
  });

  it.each(['compute-1', 'compute-1.example.org', 'C1', '1', 'a'.repeat(63), `${'a'.repeat(63)}.b`])(
    'takes %s for a host name',
    (text) => {
      expect(isHostName(text)).toBe(true);
    },
  );

  it.each(['compute_1', 'a-', '.a', 'a.', 'a..b', 'a-.b', 'a'.repeat(64), `${'a.'.repeat(127)}`])(
    'refuses %s as a host name',
    (text) => {
      expect(isHostName(text)).toBe(false);
    },
  );

  it('refuses a host name of more than 253 characters', () => {
    const long = Array.from({ length: 127 }, () => 'a').join('.');
    expect([isHostName(long), isHostName(`${long}.a`)]).toEqual([true, false]);
  });

  it.each([
    'nova-compute.service',
    'ceph-osd@3.service',
    'ceph-osd.target',
    'libvirtd.socket',
    'kolla-nova_compute-container.service',
  ])('takes %s for a unit', (text) => expect(isUnitName(text)).toBe(true));

  it.each(['nova-compute', 'x.mount', '-x.service', '.service', 'x.service ', 'x.service\n', '@x.service'])(
    'refuses %j as a unit',
    (text) => {
      expect(isUnitName(text)).toBe(false);
    },
  );

  it('takes exactly 16 lower-case hexadecimal digits for an intent', () => {
    expect(
      ['0123456789abcdef', '0123456789abcde', '0123456789abcdef0', '0123456789ABCDEF', '0123456789abcdeg'].map(
        isIntent,
      ),
    ).toEqual([true, false, false, false, false]);
  });

  it('never takes text with a leading hyphen or a character outside its alphabet', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (isHostName(text)) expect(text).toMatch(/^[a-z0-9][a-z0-9.-]*$/i);
        if (isWord(text)) expect(text).toMatch(/^[a-z0-9][a-z0-9._-]*$/i);
        if (isUnitName(text)) expect(text).toMatch(/^[^-][\w:.@\\-]*\.(service|target|socket)$/);
      }),
    );
  });

  it('sorts numbers by value', () => {
    expect(['compute-10', 'compute-9', 'compute-1'].sort(naturalOrder)).toEqual([
      'compute-1',
      'compute-9',
      'compute-10',
    ]);
  });

  it('is a total order in which only equal texts are equal', () => {
    const name = fc.stringMatching(/^[a-cA-C01-]{1,5}$/);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(naturalOrder(a, b))).toBe(-Math.sign(naturalOrder(b, a)) + 0);
        expect(naturalOrder(a, b) === 0).toBe(a === b);
        if (naturalOrder(a, b) <= 0 && naturalOrder(b, c) <= 0) expect(naturalOrder(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
