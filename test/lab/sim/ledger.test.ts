import { describe, expect, it } from 'vitest';
import { Ledger, mostAtOnce } from '../../../lab/sim/ledger.js';

describe('the most outages at once', () => {
  it('is 0 without outages', () => {
    expect(mostAtOnce([])).toBe(0);
  });

  it('counts those that overlap, and not those that follow each other', () => {
    const unit = 'x.service';
    expect(
      mostAtOnce([
        { unit, from: 10, until: 20 },
        { unit, from: 20, until: 30 },
        { unit, from: 25, until: 40 },
        { unit, from: 50, until: 60 },
      ]),
    ).toBe(2);
  });

  it('counts an outage that has not ended as lasting', () => {
    const unit = 'x.service';
    expect(
      mostAtOnce([
        { unit, from: 1 },
        { unit, from: 5, until: 6 },
        { unit, from: 7 },
      ]),
    ).toBe(2);
  });
});

describe('a ledger', () => {
  it('lets an outage last from the stop, past failed starts, until the unit serves again', () => {
    const ledger = new Ledger();
    ledger.stopped('x.service', 'intent');
    ledger.started('x.service', 'intent');
    ledger.stopped('x.service', 'crash');
    expect(ledger.outages).toMatchObject([{ unit: 'x.service' }]);
    expect(ledger.outages[0]?.until).toBeUndefined();
    ledger.started('x.service', 'hand');
    ledger.up('x.service');
    expect(ledger.outages).toHaveLength(1);
    expect(ledger.outages[0]?.until).toBeGreaterThanOrEqual(ledger.outages[0]?.from ?? Number.POSITIVE_INFINITY);
  });
});
