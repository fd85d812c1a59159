import { describe, expect, it } from 'vitest';
import { downtimes, mostOverlapping } from '../../../lab/real/downtime.js';
import { countOutsideBoot } from '../../../lab/real/host.js';
import { parseUnitEvents, startsOutsideBoot, stopsOf, type UnitEvent } from '../../../lab/real/journal.js';

/** One event per word: `starting:1` is kind and invocation; each is 10 µs after the one before. */
function history(boot: string, words: string, fromUs = 0): UnitEvent[] {
  return words.split(' ').map((word, index) => {
    const [kind, invocationId] = word.split(':');
    const at = fromUs + index * 10;
    return {
      kind: kind as UnitEvent['kind'],
      atRealtimeUs: at,
      atMonotonicUs: at,
      bootId: boot,
      ...(invocationId && { invocationId }),
    };
  });
}

const invocations = (events: UnitEvent[]) => startsOutsideBoot(events).map((start) => start.invocationId);

describe('starts outside boot', () => {
  it('leaves out the first start of each boot and counts every invocation once', () => {
    const first = history('a', 'starting:1 started:1 boot-finished stopping:1 stopped:1 starting:2 started:2');
    const second = history('b', 'starting:3 started:3 boot-finished', 1000);
    expect(invocations([...first, ...second])).toEqual(['2']);
  });

  it('counts a restart that came before the boot was finished', () => {
    expect(invocations(history('a', 'starting:1 started:1 stopping:1 starting:2 started:2 boot-finished'))).toEqual([
      '2',
    ]);
  });

  it('counts the first start of a boot when the boot had finished without it', () => {
    expect(invocations(history('a', 'boot-finished starting:1 started:1'))).toEqual(['1']);
  });

  it('counts a start that failed, and none that the start limit forbade', () => {
    const words = 'starting:1 started:1 boot-finished stopping:1 starting:2 ended:2 start-failed:2 start-failed:2';
    expect(invocations(history('a', words))).toEqual(['2']);
  });

  it('counts a simple service that says only that it started', () => {
    expect(invocations(history('a', 'started:1 boot-finished stopping:1 started:2'))).toEqual(['2']);
  });

  it('agrees with the count of the stand-in', () => {
    expect(countOutsideBoot('a 1.00 booting\na 2.00 booting\na 9.00 running\nb 20.00 booting\n')).toBe(2);
    expect(countOutsideBoot('a 9.00 running\n')).toBe(1);
    expect(countOutsideBoot('')).toBe(0);
  });
});

describe('reading what PID 1 said', () => {
  // systemd 252 on Debian 12: a try-restart.
  const recorded = [
    '{"MESSAGE_ID":"7d4958e842da4a758f6c1cdc7b36dcc5","__REALTIME_TIMESTAMP":"1795401500153677","__MONOTONIC_TIMESTAMP":"2210280754","_BOOT_ID":"d9d55b4072bb431bbc1f76055a5ab583","INVOCATION_ID":"c5682785cdf74b159f6bc4db4db5e3bb"}',
    '{"MESSAGE_ID":"de5b426a63be47a7b6ac3eaac82e2f6f","__REALTIME_TIMESTAMP":"1795401500096216","_SOURCE_REALTIME_TIMESTAMP":"1795401500096200","__MONOTONIC_TIMESTAMP":"2210223293","_BOOT_ID":"d9d55b4072bb431bbc1f76055a5ab583","INVOCATION_ID":"9035ee3acb9d4c44a5e910fec5b77d9f"}',
    '{"__REALTIME_TIMESTAMP":"1795401500200000","__MONOTONIC_TIMESTAMP":"2210300000","_BOOT_ID":"d9d55b4072bb431bbc1f76055a5ab583"}',
  ].join('\n');

  it('orders events by the time PID 1 gave them and ignores other messages', () => {
    const events = parseUnitEvents(`${recorded}\n`);
    expect(events.map(({ kind }) => kind)).toEqual(['stopping', 'starting']);
    expect(stopsOf(events)).toEqual([
      {
        atRealtimeUs: 1795401500096200,
        atMonotonicUs: 2210223293,
        bootId: 'd9d55b4072bb431bbc1f76055a5ab583',
        invocationId: '9035ee3acb9d4c44a5e910fec5b77d9f',
      },
    ]);
  });
});

describe('downtime', () => {
  it('lasts from the stop to the start that works', () => {
    const events = history('a', 'started:1 stopping:1 stopped:1 starting:2 start-failed:2 starting:3 started:3');
    expect(downtimes(events, [])).toEqual([{ fromUs: 10, toUs: 60 }]);
  });

  it('begins when the unit dies or the power is cut, and does not end without a start', () => {
    expect(downtimes(history('a', 'started:1 ended:1'), [])).toEqual([{ fromUs: 10, toUs: Number.POSITIVE_INFINITY }]);
    expect(downtimes(history('a', 'started:1'), [7])).toEqual([{ fromUs: 7, toUs: Number.POSITIVE_INFINITY }]);
  });

  it('overlaps only while both are down at one moment', () => {
    const one = [{ fromUs: 0, toUs: 10 }];
    expect(mostOverlapping([one, [{ fromUs: 10, toUs: 20 }]], 0)).toBe(1);
    expect(mostOverlapping([one, [{ fromUs: 9, toUs: 20 }]], 0)).toBe(2);
  });

  it('ignores what was over before the moment asked for, and keeps what was still down', () => {
    const hosts = [[{ fromUs: 0, toUs: 10 }], [{ fromUs: 5, toUs: 50 }], [{ fromUs: 40, toUs: 60 }]];
    expect(mostOverlapping(hosts, 20)).toBe(2);
    expect(mostOverlapping(hosts, 55)).toBe(1);
    expect(mostOverlapping(hosts, 60)).toBe(0);
  });
});
