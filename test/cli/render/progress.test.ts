import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { progressChanges, progressFrame, type Snapshot } from '../../../cli/render/progress.js';
import { Screen } from '../../../cli/render/screen.js';
import type { RolloutProgress } from '../../../domain/progress.js';
import { planOf } from '../fixtures/space.js';

const now = Date.parse('2026-11-23T02:00:00Z');
const style = { colour: false, columns: 100, now };
const run = 'restart/prod/nova-compute@1a2b3c4d';
const plan = planOf([1, 4, 5]);

const progress = (more: Partial<RolloutProgress>): RolloutProgress => ({
  cloud: 'prod',
  operation: 'restart',
  target: 'nova-compute',
  actor: 'ada@bastion',
  reason: 'OPS-1',
  planHash: plan.hash,
  phase: 'running',
  states: '..........',
  batch: 0,
  batches: 3,
  notes: {},
  controls: [],
  owed: [],
  startedAt: now - 65_000,
  ...more,
});
const seen = (more: Partial<RolloutProgress>, remark?: string): Snapshot => ({
  run,
  plan,
  progress: progress(more),
  ...(remark !== undefined && { remark }),
});

describe('the live picture', () => {
  it('has a bar for all hosts and one for each batch', () => {
    const text = progressFrame(seen({ states: 'ooorr.....', batch: 1 }), style).join('\n');
    expect(text).toMatch(/all hosts {2}█{12}▒{8}░{20} 3\/10 {2}1 min 5 s/);
    expect(text).toMatch(/batch 1 {4}█{40} 1\/1/);
    expect(text).toMatch(/batch 2 {4}█{20}▒{20} 2\/4/);
    expect(text).toMatch(/batch 3 {4}░{40} 0\/5/);
    expect(text).toContain('3 ok, 2 running, 5 pending');
  });

  it('says why it waits and what to type', () => {
    const waiting = { for: 'failures', why: 'compute-3 failed', since: now, deadline: now + 3_600_000 } as const;
    const notes = { 'compute-3': { why: 'died\u001b[2J', next: 'look' } };
    const text = progressFrame(seen({ states: 'oof.......', phase: 'waiting', waiting, notes }), style).join('\n');
    expect(text).toContain('compute-3 failed: died\\x1b[2J; look');
    expect(text).toContain(`ostler retry ${run} --reason`);
    expect(text).toContain('in 1 h');
  });

  it('shows planning before there is a plan, and remarks about the watch', () => {
    const { plan: _plan, ...early } = seen({ states: '', phase: 'planning' }, 'no worker answers');
    const text = progressFrame(early, style).join('\n');
    expect(text).toContain('planning 1 min 5 s');
    expect(text).toContain('no worker answers');
  });

  it('stays small with thousands of hosts and batches', () => {
    const large = { ...seen({ states: 'f'.repeat(1_000), batch: 500 }), plan: planOf(Array(1_000).fill(1)) };
    expect(progressFrame(large, style).length).toBeLessThan(24);
  });
});

describe('the lines of a watch that is not redrawn', () => {
  it('are none when nothing changed', () => {
    const same = seen({ states: 'oorr......', batch: 1 });
    expect(progressChanges(same, same, style)).toEqual([]);
  });

  it('begin with where the run stands', () => {
    expect(progressChanges(undefined, seen({ states: 'o.........', batch: 1 }), style)).toEqual([
      `${run}: 10 hosts in 3 batches`,
      'batch 2 of 3: compute-2, compute-3, compute-4, compute-5',
      'ok: compute-1 (1/10)',
    ]);
  });

  it('name hosts that came to rest, failures one by one with the reason', () => {
    const before = seen({ states: 'orrr......', batch: 1 });
    const notes = { 'compute-3': { why: 'exit 1' } };
    expect(progressChanges(before, seen({ states: 'oofo......', batch: 1, notes }), style)).toEqual([
      'ok: compute-2, compute-4 (4/10)',
      'compute-3 failed: exit 1',
    ]);
  });

  it('tell of waiting, of who steered, and of going on', () => {
    const waiting = { for: 'person', why: 'paused by bob: lunch', since: now, deadline: now + 60_000 } as const;
    const control = { at: now, verb: 'pause', actor: 'bob', reason: 'lunch' } as const;
    const paused = seen({ phase: 'waiting', waiting, controls: [control] });
    const lines = progressChanges(seen({}), paused, style);
    expect(lines[0]).toBe('pause by bob: lunch');
    expect(lines.join('\n')).toContain(`ostler resume ${run}`);
    expect(progressChanges(paused, seen({ controls: [control] }), style)).toEqual(['goes on']);
  });

  it('say a remark once', () => {
    const quiet = seen({}, 'no worker answers');
    expect(progressChanges(seen({}), quiet, style)).toEqual(['no worker answers']);
    expect(progressChanges(quiet, quiet, style)).toEqual([]);
  });
});

describe('the screen', () => {
  it('draws over what it drew before and cuts what would wrap', () => {
    let written = '';
    const screen = new Screen((text) => {
      written += text;
    });
    screen.draw(['one', 'two'], 80);
    written = '';
    screen.draw(['\u001b[31mthree is far too long\u001b[39m'], 8);
    expect(written.startsWith('\u001b[2A\r\u001b[J')).toBe(true);
    expect(stripVTControlCharacters(written).trim()).toBe('three …');
  });
});
