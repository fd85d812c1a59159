import { describe, expect, it } from 'vitest';
import {
  type AuditEvent,
  countsInWords,
  type EventFinding,
  headlineOf,
  partOf,
  TURNS,
} from '../../../domain/audit/event.js';
import { EVENT_VARIABLES, FINDING_VARIABLES, viewOf } from '../../../domain/audit/event-view.js';
import { testEvent } from '../../../domain/audit/test-event.js';

const finding = (
  about: string,
  severity: EventFinding['severity'],
  more: Partial<EventFinding> = {},
): EventFinding => ({
  key: `disk/c1/${about}`,
  check: 'disk',
  node: 'c1',
  about,
  severity,
  what: `${about} on c1 is full`,
  since: '2026-03-01T02:00:11.000Z',
  ...more,
});

const event = (changes: Partial<AuditEvent>): AuditEvent => ({
  id: '0f3a1c52-7f5e-4c7f-9a55-6f2f0a0f1b11',
  cloud: 'prod',
  at: '2026-03-01T02:00:11.000Z',
  run: 'audit/prod@9c8d7e6f',
  opened: [],
  worsened: [],
  eased: [],
  resolved: [],
  omitted: 0,
  counts: { error: 0, unknown: 0, warn: 0, acked: 0 },
  ...changes,
});

describe('what of an event is for whom', () => {
  const all = event({
    opened: [finding('/', 'error'), finding('/var', 'warn')],
    eased: [finding('/tmp', 'warn', { was: 'error' }), finding('/srv', 'warn', { was: 'unknown' })],
    resolved: [finding('/opt', 'unknown')],
    omitted: 3,
  });
  const about = (part?: AuditEvent) => TURNS.flatMap((turn) => part?.[turn].map((one) => `${turn} ${one.about}`));

  it('is all of it for who wants to hear of everything', () => {
    expect(partOf(all, ['warn', 'error', 'unknown'])).toEqual(all);
  });

  it('is also what has been as bad as one wants to hear of', () => {
    const part = partOf(all, ['error']);
    expect(about(part)).toEqual(['opened /', 'eased /tmp']);
    expect(part).toMatchObject({ id: all.id, omitted: 0 });
    expect(about(partOf(all, ['unknown']))).toEqual(['eased /srv', 'resolved /opt']);
  });

  it('is nothing when nothing of it is so bad', () => {
    expect(partOf(event({ opened: [finding('/', 'warn')] }), ['error', 'unknown'])).toBeUndefined();
    expect(partOf(event({ omitted: 4 }), ['error'])).toBeUndefined();
  });
});

describe('an event in words', () => {
  it.each<[string, Partial<AuditEvent>]>([
    ['error: / on c1 is full', { opened: [finding('/', 'error')] }],
    ['worse, now error: / on c1 is full', { worsened: [finding('/', 'error', { was: 'warn' })] }],
    ['better, now warn: / on c1 is full', { eased: [finding('/', 'warn')] }],
    ['resolved: / on c1 is full', { resolved: [finding('/', 'error')] }],
    ['1 new, 2 more', { opened: [finding('/', 'error')], omitted: 2 }],
    [
      '2 new, 1 resolved',
      { opened: [finding('/', 'error'), finding('/a', 'warn')], resolved: [finding('/b', 'warn')] },
    ],
  ])('%s', (words, changes) => expect(headlineOf(event(changes))).toBe(words));

  it.each([
    ['nothing', { error: 0, unknown: 0, warn: 0, acked: 0 }],
    ['1 error, 2 unknown, 1 warning', { error: 1, unknown: 2, warn: 1, acked: 0 }],
    ['nothing; 3 more acknowledged', { error: 0, unknown: 0, warn: 0, acked: 3 }],
  ])('there is %s', (words, counts) => expect(countsInWords(counts)).toBe(words));
});

describe('what templates see', () => {
  it('is each variable there is, and no other', () => {
    const view = viewOf(
      testEvent({ id: 'x', cloud: 'prod', at: '2026-03-01T02:00:11.000Z', run: 'notify-test/prod/1@2' }),
    );
    expect(Object.keys(view).sort()).toEqual([...EVENT_VARIABLES, ...TURNS].sort());
    for (const turn of TURNS) expect(Object.keys(view[turn][0] ?? {}).sort()).toEqual([...FINDING_VARIABLES].sort());
  });

  it('is one line of harmless text each, not too long', () => {
    const what = `a\r\nb\u001b[2J\u2028c\u202ed${'x'.repeat(1_000)}😀`;
    const [seen] = viewOf(event({ opened: [finding('/', 'error', { what })] })).opened;
    expect(seen?.what).toMatch(/^a b \[2J c dx+$/);
    expect(seen?.what).toHaveLength(500);
    expect(seen?.was).toBe('');
  });
});
