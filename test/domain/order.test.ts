import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderHosts } from '../../domain/order.js';

const placed = (name: string, failureDomain: string) => ({ name, failureDomain });
const names = (hosts: { name: string }[]): string[] => hosts.map(({ name }) => name);

const hosts = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^c-[0-9]{1,3}$/),
    failureDomain: fc.constantFrom('rack-1', 'rack-01', 'rack-2', 'rack-10'),
  }),
  { selector: ({ name }) => name, maxLength: 40 },
);

/** How often the failure domain changes from one host to the next. */
const changes = (ordered: { failureDomain: string }[]): number =>
  ordered.filter((host, index) => index > 0 && host.failureDomain !== ordered[index - 1]?.failureDomain).length;

describe('orderHosts', () => {
  it('goes by failure domain and then by name, numbers by value', () => {
    const given = [
      placed('c-10', 'rack-2'),
      placed('c-9', 'rack-2'),
      placed('c-1', 'rack-10'),
      placed('c-30', 'rack-1'),
    ];
    expect(names(orderHosts(given, false))).toEqual(['c-30', 'c-9', 'c-10', 'c-1']);
  });

  it('takes one host of each domain in turn when it spreads', () => {
    const given = [
      placed('a-1', 'a'),
      placed('a-2', 'a'),
      placed('a-3', 'a'),
      placed('b-1', 'b'),
      placed('c-1', 'c'),
      placed('c-2', 'c'),
    ];
    expect(names(orderHosts(given, true))).toEqual(['a-1', 'b-1', 'c-1', 'a-2', 'c-2', 'a-3']);
  });

  it('keeps every domain in one piece, also rack-1 and rack-01', () => {
    fc.assert(
      fc.property(hosts, (given) => {
        const domains = new Set(given.map(({ failureDomain }) => failureDomain)).size;
        expect(changes(orderHosts(given, false))).toBe(Math.max(0, domains - 1));
      }),
    );
  });

  it('gives every host once, and the same order whatever the order of the input', () => {
    fc.assert(
      fc.property(hosts, fc.boolean(), fc.func(fc.integer()), (given, spread, shuffle) => {
        const shuffled = [...given].sort((a, b) => shuffle(a.name) - shuffle(b.name));
        expect(orderHosts(shuffled, spread)).toEqual(orderHosts(given, spread));
        expect(names(orderHosts(given, spread)).sort()).toEqual(names(given).sort());
      }),
    );
  });

  it('takes no domain a second time, when it spreads, before each that has a host left had its turn', () => {
    fc.assert(
      fc.property(hosts, (given) => {
        const turns = new Map<string, number>();
        const order = orderHosts(given, true).map(({ failureDomain }) => {
          const turn = (turns.get(failureDomain) ?? 0) + 1;
          turns.set(failureDomain, turn);
          return turn;
        });
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
    );
  });
});
