import { describe, expect, it } from 'vitest';
import {
  exactly,
  type FoundSchedule,
  fieldChanges,
  PAUSED_BY_INVENTORY,
  scheduleChanges,
  type WantedSchedule,
  wantedSchedules,
} from '../../domain/schedules.js';
import { InventoryError, parseInventory } from '../../inventory/load.js';

const site = `
cloud: prod
ssh: { user: ops, agent: true }
nodes: [{ name: compute-1, address: 10.0.0.1, roles: [compute] }]
schedules:
`;

/** What an inventory with one schedule, `nightly`, asks for. */
function wanted(text: string): WantedSchedule {
  const [one] = wantedSchedules(parseInventory(`${site}  nightly: ${text}\n`, 'ostler.yaml').schedules);
  if (!one) throw new Error('there is no schedule');
  return one;
}

/** The same as `ostler schedule apply` leaves it. */
const applied = (one: WantedSchedule, more: Partial<FoundSchedule> = {}): FoundSchedule => ({
  ...one,
  isOurs: true,
  isEdited: false,
  paused: false,
  state: one.note,
  ...more,
});

describe('schedules in ostler.yaml', () => {
  it('have what Temporal would otherwise choose for them', () => {
    expect(wanted('{ audit: {}, every: 5m }')).toEqual({
      name: 'nightly',
      intervals: [{ everyMs: 300_000, offsetMs: 0 }],
      clocks: [],
      timeZone: 'UTC',
      jitterMs: 0,
      overlap: 'skip',
      catchupWindowMs: 300_000,
      pauseOnFailure: false,
      audit: {},
      note: 'scheduled',
      paused: false,
      strange: [],
    });
  });

  it('catch up for as long as ten minutes where there is no interval', () => {
    expect(wanted('{ audit: {}, cron: "@daily" }').catchupWindowMs).toBe(600_000);
    expect(wanted('{ audit: {}, every: 1h, catchupWindow: 10s }').catchupWindowMs).toBe(10_000);
  });

  it.each([
    ['{ audit: {} }', 'schedules.nightly: says not when'],
    ['{ every: 5m }', 'schedules.nightly.audit: is missing'],
    ['{ audit: {}, every: 5m, cron: "@daily" }', 'schedules.nightly: has every and cron; keep one'],
    ['{ audit: {}, every: 5s }', 'schedules.nightly.every: must be at least 10s'],
    ['{ audit: {}, every: 12500ms }', 'schedules.nightly.every: must be whole seconds'],
    ['{ audit: {}, every: 1m, offset: 1m }', 'schedules.nightly.offset: must be less than every'],
    ['{ audit: {}, cron: "@daily", offset: 1m }', 'schedules.nightly.offset: belongs to every'],
    ['{ audit: {}, cron: "61 * * * *" }', 'schedules.nightly.cron: the minute "61" must be 0 to 59'],
    ['{ audit: {}, calendar: {} }', 'schedules.nightly.calendar: is empty'],
    ['{ audit: {}, calendar: { hour: 25 } }', 'schedules.nightly.calendar.hour: the hour "25" must be 0 to 23'],
    ['{ audit: {}, calendar: { dayOfMonth: 30, month: feb } }', 'schedules.nightly.calendar: never comes'],
    ['{ audit: {}, calendar: { hours: 2 } }', 'did you mean hour?'],
    ['{ audit: {}, every: 5m, timeZone: Europe/Berlim }', 'schedules.nightly.timeZone: is no time zone'],
    ['{ audit: {}, every: 5m, timeZone: europe/berlin }', 'must be spelled Europe/Berlin'],
    ['{ audit: {}, every: 5m, timeZone: "+02:00" }', 'must be the name of a time zone'],
    ['{ audit: {}, every: 5m, overlap: skipp }', 'unknown overlap "skipp"; did you mean skip?'],
    ['{ audit: {}, every: 5m, catchupWindow: 9s }', 'schedules.nightly.catchupWindow: must be at least 10s'],
    ['{ audit: { checks: [reachible] }, every: 5m }', 'did you mean reachable?'],
    ['{ audit: { on: "compute-*,," }, every: 5m }', 'schedules.nightly.audit.on: must be a selection of hosts'],
    ['{ audit: {}, every: 5m, note: "" }', 'schedules.nightly.note: must not be empty'],
    ['{ audit: {}, every: 5m }\n  "a/b": { audit: {}, every: 5m }', 'must be a word'],
  ])('%s is refused with file, path and reason', (text, reason) => {
    const read = () => wanted(text);
    expect(read).toThrow(InventoryError);
    expect(read).toThrow(reason);
    expect(read).toThrow(/^ostler\.yaml:\d+: schedules/);
  });
});

describe('what applying an inventory changes', () => {
  const nightly = wanted('{ audit: { on: compute-* }, cron: "30 2 * * *", note: each night }');

  it('is nothing where all is as wanted', () => {
    expect(scheduleChanges([nightly], [applied(nightly)]).map(({ kind }) => kind)).toEqual(['unchanged']);
  });

  it('is what is wanted and not there, and what is there and no longer wanted', () => {
    const old = applied({ ...nightly, name: 'old' });
    const changes = scheduleChanges([nightly], [old]);
    expect(changes.map(({ kind, name }) => [kind, name])).toEqual([
      ['create', 'nightly'],
      ['delete', 'old'],
    ]);
  });

  it('never touches what Ostler has not made', () => {
    const others = [applied(nightly, { isOurs: false }), applied({ ...nightly, name: 'mine' }, { isOurs: false })];
    const changes = scheduleChanges([nightly], others);
    expect(changes.map(({ kind, name }) => [kind, name])).toEqual([
      ['taken', 'nightly'],
      ['foreign', 'mine'],
    ]);
  });

  it('is told field by field', () => {
    const later = wanted(
      '{ audit: {}, calendar: { hour: 3 }, timeZone: Europe/Berlin, jitter: 30s, overlap: buffer-one }',
    );
    expect(fieldChanges(later, applied(nightly))).toEqual([
      { field: 'what', from: 'audit of everything on compute-*', to: 'audit of everything' },
      { field: 'when', from: 'at 02:30 every day', to: 'at 03:00 every day' },
      { field: 'time zone', from: 'UTC', to: 'Europe/Berlin' },
      { field: 'jitter', from: '0s', to: '30s' },
      { field: 'overlap', from: 'skip', to: 'buffer-one' },
      { field: 'note', from: 'each night', to: 'scheduled' },
    ]);
  });

  it('takes back what somebody has set that no inventory can ask for', () => {
    const [change] = scheduleChanges([nightly], [applied(nightly, { strange: ['3 times more'], isEdited: true })]);
    expect(change).toMatchObject({
      kind: 'change',
      isEdited: true,
      fields: [{ field: 'set by hand', from: '3 times more', to: 'nothing' }],
    });
  });

  it('leaves paused what a person or a failure has paused', () => {
    expect(fieldChanges(nightly, applied(nightly, { paused: true, state: 'paused by ann: OPS-1' }))).toEqual([]);
    expect(fieldChanges({ ...nightly, paused: true }, applied(nightly, { paused: true, state: 'x' }))).toEqual([]);
  });

  it('pauses and resumes what only the inventory has paused', () => {
    const paused = { ...nightly, paused: true };
    expect(fieldChanges(paused, applied(nightly))).toEqual([{ field: 'paused', from: 'no', to: 'yes' }]);
    const byInventory = applied(nightly, { paused: true, state: `${PAUSED_BY_INVENTORY}: each night` });
    expect(fieldChanges(nightly, byInventory)).toEqual([{ field: 'paused', from: 'yes', to: 'no' }]);
  });
});

describe('a duration that must be told apart from any other', () => {
  it.each([
    [0, '0s'],
    [10_000, '10s'],
    [5_400_000, '90m'],
    [86_400_000, '1d'],
    [90_061_000, '90061s'],
    [1_500, '1500ms'],
  ])('%i ms is %s', (ms, text) => expect(exactly(ms)).toBe(text));
});
