import { describe, expect, it } from 'vitest';
import { forecastText } from '../../../cli/render/forecast.js';
import type { ControllerForecast, ControllerRequest } from '../../../domain/failover.js';
import type { Plan, RolloutRequest } from '../../../domain/plan.js';
import { aRequest } from '../../domain/samples.js';

const plain = { colour: false, columns: 100 };
const hour = 3_600_000;

const forecast: ControllerForecast = {
  runs: ['vip__management', 'p_haproxy'],
  moves: ['vip__management: c2 → c3'],
  quorum: [
    { group: 'Galera', sentence: 'Galera: 2 of 2 without c2', holds: true, holdsWithOneMore: false },
    { group: 'RabbitMQ', sentence: 'RabbitMQ: 2 of 3 without c2', holds: true, holdsWithOneMore: false },
  ],
  backends: ['keystone-1', 'mysqld'],
  vips: { vip__management: 'c2', vip__public: 'c1' },
};

const page = (request: Partial<RolloutRequest>, more: Partial<ControllerForecast> = {}, nodes = ['c2']): string[] => {
  const plan = { nodes, estimateMs: 120_000, hash: 'a'.repeat(64) } as Plan;
  const asked = aRequest({ operation: 'failover', target: 'c2', ...request });
  return forecastText(plan, { ...forecast, ...more }, asked, plain).split('\n');
};
const lineOf = (name: string, lines: string[]): string | undefined =>
  lines
    .find((line) => line.trim().startsWith(name))
    ?.trim()
    .replace(/\s{2,}/g, ' ');
const holdOf = (controller: ControllerRequest): string | undefined => lineOf('hold', page({ controller }));

describe('the page of a failover', () => {
  it('says what is where, what moves, and who keeps a majority', () => {
    expect(page({ controller: { force: ['failure'] } }).map((line) => line.trim().replace(/\s{2,}/g, ' '))).toEqual([
      'Take c2 of prod out of service, and bring it back',
      '',
      'addresses vip__management on c2, vip__public on c1',
      'runs there vip__management, p_haproxy',
      'moves vip__management: c2 → c3',
      'drained keystone-1, mysqld',
      'quorum Galera: 2 of 2 without c2',
      'quorum RabbitMQ: 2 of 3 without c2',
      'hold none: it comes back when the others hold everything',
      'forced failure',
      'takes about 2 min',
      'actor ada@example.org',
      'reason TICKET-1',
      `plan ${'a'.repeat(64)}`,
    ]);
  });

  it.each<[ControllerRequest, string]>([
    [{ vipsHome: true }, 'hold none: it comes back when the others hold everything, its addresses drawn home'],
    [{ hold: { kind: 'for', ms: 2 * hour } }, 'hold 2 h, then it comes back by itself'],
    [
      { hold: { kind: 'for', ms: hour }, vipsHome: true },
      'hold 1 h, then it comes back by itself, its addresses drawn home',
    ],
    [
      { hold: { kind: 'until-returned', limitMs: 24 * hour } },
      'hold until `ostler return`; a person is asked after 1 d',
    ],
  ])('says how it ends for %j', (controller, line) => {
    expect(holdOf(controller)).toBe(line);
  });

  it('leaves out what there is nothing of', () => {
    const lines = page({}, { runs: [], moves: [], backends: [], vips: {}, quorum: [] });
    for (const name of ['runs', 'moves', 'addresses', 'drained', 'quorum', 'forced'])
      expect(lineOf(name, lines)).toBe(undefined);
  });

  it('counts what is too long to list', () => {
    const moves = Array.from({ length: 14 }, (_, index) => `r${index}`);
    expect(lineOf('moves', page({}, { moves }))).toMatch(/r11 and 2 more$/);
  });

  it('lets nothing of a host forge a line or move the cursor', () => {
    const evil = 'x\u001b[2J\nplan';
    const text = page({ reason: evil }, { runs: [evil], moves: [evil], backends: [evil], vips: { [evil]: evil } });
    expect(text.join('\n')).not.toContain('\u001b');
    expect(text).toHaveLength(page({}).length);
  });
});

it.each<[Partial<RolloutRequest>, string]>([
  [{ controller: { dead: { confirmed: true } } }, 'Take over from c2 of prod, which is dead'],
  [{ operation: 'return' }, 'Bring c2 of prod back into service'],
  [{ operation: 'move', target: 'vip__public' }, 'Move vip__public of prod to c2'],
])('is headed by what is done: %j', (request, head) => {
  expect(page(request)[0]).toBe(head);
  expect(lineOf('hold', page(request)) !== undefined).toBe(request.operation === undefined);
});

it('of a move says nothing of quorums: nobody goes', () => {
  expect(lineOf('quorum', page({ operation: 'move' }))).toBe(undefined);
});

it('of all controllers has their order, and says whose the rest is', () => {
  const lines = page({ operation: 'restart', target: 'controllers' }, {}, ['c3', 'c1', 'c2']);
  expect(lines.slice(0, 6)).toEqual([
    'Reboot the 3 controllers of prod, one after the other',
    '',
    '   1. c3',
    '   2. c1',
    '   3. c2',
    '',
  ]);
  expect(lineOf('runs there', lines)).toBe('runs there vip__management, p_haproxy (c3)');
});
