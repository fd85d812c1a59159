import { describe, expect, it } from 'vitest';
import { planText } from '../../../cli/render/plan.js';
import { reportText } from '../../../cli/render/report.js';
import { runsText } from '../../../cli/render/runs.js';
import { table } from '../../../cli/render/tables.js';
import { clipped, printable } from '../../../cli/render/text.js';
import { waitingLines } from '../../../cli/render/waiting.js';
import type { ListedRun } from '../../../cli/runs/list.js';
import type { RunReport } from '../../../cli/runs/report.js';
import { listed } from '../../../domain/names.js';
import type { Plan, RolloutRequest } from '../../../domain/plan.js';
import type { RolloutProgress, Waiting } from '../../../domain/progress.js';
import { planOf } from '../fixtures/space.js';

const plain = { colour: false, columns: 100 };
const now = Date.parse('2026-11-23T02:00:00Z');

const request: RolloutRequest = {
  operation: 'restart',
  cloud: 'prod',
  target: 'nova-compute',
  soakMs: 10_000,
  maxFailures: 0,
  onFailure: 'pause',
  promote: false,
  pauseDeadlineMs: 1,
  admitDeadlineMs: 1,
  actor: 'ada@bastion',
  reason: 'OPS-1\u001b[31m',
};

describe('text from elsewhere', () => {
  it('cannot move the cursor, forge a line, or turn its direction', () => {
    expect(printable('a\u001b[2J\r\nb\u0007\u009b1m\u202ec')).toBe(
      'a\\x1b[2J\\xd\\xab\\x07\\x9b1m\\u{202e}c'.replace('\\xd\\xa', '\\x0d\\x0a'),
    );
    expect(printable('grüße, 日本')).toBe('grüße, 日本');
  });

  it('is cut with an ellipsis, and long lists are counted', () => {
    expect(clipped('abcdef', 4)).toBe('abc…');
    expect(listed(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
  });
});

describe('a table', () => {
  it('has columns under its heading and no borders', () => {
    expect(
      table(
        ['host', 'state'],
        [
          ['compute-1', 'ok'],
          ['c2', 'failed'],
        ],
        plain,
      ),
    ).toBe(['host       state', 'compute-1  ok', 'c2         failed'].join('\n'));
  });
});

describe('the page of a plan', () => {
  const page = (plan: Plan, more: Partial<RolloutRequest> = {}) => planText(plan, { ...request, ...more }, plain);

  it('says how many hosts, in which batches, within which limits, who asked and why', () => {
    const text = page(planOf([1, 2], { population: 10 }));
    expect(text).toContain('Restart nova-compute on 3 hosts of prod, in 2 batches');
    expect(text).toMatch(/1\. 1 host +compute-1 canary/);
    expect(text).toMatch(/at most down +2 of 10 compute hosts/);
    expect(text).toMatch(/soak +10 s/);
    expect(text).toMatch(/failures +the first failure pauses for you/);
    expect(text).toMatch(/takes about +54 s/);
    expect(text).toMatch(/actor +ada@bastion/);
    expect(text).toMatch(/reason +OPS-1\\x1b\[31m/);
    expect(text).not.toMatch(/until|left out/);
  });

  it('says what hosts of Ceph wait for', () => {
    const text = page({ ...planOf([1, 1]), target: 'ceph-osd' });
    expect(text).toMatch(/between +each host under noout of its own; the next when all is active\+clean/);
    expect(page({ ...planOf([1, 1]), target: 'ceph-mon' })).toMatch(/between .*the leader last/);
    expect(page(planOf([1, 1]))).not.toContain('between');
  });

  it('says what waits for a person and what ends by the clock', () => {
    const text = page(planOf([1, 1], { maxFailures: 3 }), { promote: true, onFailure: 'abort', untilMs: now });
    expect(text).toContain('canary, then waits for `ostler promote`');
    expect(text).toMatch(/failures +more than 3 aborts/);
    expect(text).toMatch(/until +no new batch after /);
  });

  it('names every host that is left out, with the reason', () => {
    const text = page(planOf([1], { excluded: { unreachable: ['compute-8'], masked: ['compute-9'] } }));
    expect(text).toMatch(/left out +1 unreachable: compute-8/);
    expect(text).toMatch(/left out +1 masked: compute-9/);
    expect(text).not.toContain('canary');
  });

  it('sums up what does not fit a screen', () => {
    const text = page(planOf(Array(100).fill(100)));
    expect(text).toContain('88 more batches with 8800 hosts');
    expect(text.split('\n').length).toBeLessThan(30);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

const report: RunReport = {
  run: 'restart/prod/nova-compute@1a2b3c4d',
  workflowId: 'restart/prod/nova-compute',
  runId: 'x',
  cloud: 'prod',
  operation: 'restart',
  target: 'nova-compute',
  actor: 'ada@bastion',
  reason: 'OPS-1',
  status: 'failed',
  phase: 'ended',
  outcome: 'failed',
  ending: 'not every planned host is proven well',
  source: 'worker',
  plan: planOf([1, 1]),
  hosts: [
    { node: 'compute-1', state: 'ok' },
    {
      node: 'compute-2',
      state: 'failed',
      note: { why: 'died after 5 s', next: 'see its journal', journal: ['line \u001b[2J one', 'line two'] },
    },
  ],
  batches: [],
  controls: [{ at: '2026-11-23T01:00:00.000Z', verb: 'pause', actor: 'bob@desk', reason: 'lunch' }],
  owed: ['compute-2: still disabled'],
  startedAt: '2026-11-23T00:00:00.000Z',
  endedAt: '2026-11-23T01:30:00.000Z',
};

describe('why a run waits', () => {
  const lines = (waiting: Pick<Waiting, 'for' | 'why'>): string =>
    waitingLines(report.run, { ...waiting, since: now, deadline: now }, { colour: false, now }).join('\n');

  it.each([
    ['a lease that was given back by hand', 'the lease of this batch is no longer held'],
    ['a keeper that is silent', 'the keeper locks/prod did not answer acquire: deadline exceeded'],
    ['an admission that failed', 'the inventory of the worker is another'],
  ])('is told of %s in its own words, with the way to look again', (_what, why) => {
    const text = lines({ for: 'keeper', why });
    expect(text).toMatch(new RegExp(`^waits for you: no leave to go on: ${why}$`, 'm'));
    expect(text).toContain(`ostler resume ${report.run}`);
  });

  it('is told of a full budget, with the way to look again', () => {
    const text = lines({ for: 'budget', why: '3 would be down' });
    expect(text).toMatch(/no room in the budget: 3 would be down$/m);
    expect(text).toContain(`ostler resume ${report.run}`);
  });
});

describe('the page of a run', () => {
  it('says what it came to, which hosts need a look and why, who steered, and what is owed', () => {
    const text = reportText(report, { ...plain, now });
    expect(text).toMatch(/outcome +failed/);
    expect(text).toMatch(/hosts +2 hosts: 1 ok, 1 failed/);
    expect(text).toMatch(/took +1 h 30 min/);
    expect(text).toMatch(/compute-2 +failed +died after 5 s +see its journal/);
    expect(text).not.toMatch(/^compute-1 /m);
    expect(text).toContain('journal of compute-2\n  line \\x1b[2J one\n  line two');
    expect(text).toContain('pause by bob@desk: lunch');
    expect(text).toMatch(/owed +compute-2: still disabled; see ostler leases/);
    expect(text).not.toContain('\u001b');
  });

  it('says what a waiting run waits for and what to type', () => {
    const { outcome: _outcome, endedAt: _endedAt, ending: _ending, ...open } = report;
    const waiting = {
      for: 'budget',
      why: 'no room',
      since: '2026-11-23T01:00:00Z',
      deadline: '2026-11-23T03:00:00Z',
    } as const;
    const text = reportText({ ...open, status: 'running', phase: 'waiting', waiting }, { ...plain, now });
    expect(text).toMatch(/outcome +waiting/);
    expect(text).toContain('no room in the budget: no room');
    expect(text).toContain('in 1 h');
    expect(text).toContain(`ostler resume ${report.run}`);
  });

  it('admits when it is only what was noted', () => {
    expect(reportText({ ...report, source: 'memo' }, { ...plain, now })).toContain('no worker answered');
  });
});

describe('a list of runs', () => {
  const { run, workflowId, runId, startedAt } = report;
  const listed = (more: Partial<ListedRun>) =>
    runsText([{ run, workflowId, runId, status: 'running', startedAt, ...more }], { colour: false, now });
  const progress = { phase: 'waiting', states: 'o.', actor: 'ada@bastion', reason: 'OPS-1\u001b[31m' };

  it('has a line for each, with a reason that cannot harm', () => {
    expect(listed({})).toMatch(/restart\/prod\/nova-compute@1a2b3c4d +running +2 h ago/);
    expect(listed({ progress: progress as RolloutProgress })).toMatch(
      /waiting +1\/2 +2 h ago +ada@bastion +OPS-1\\x1b\[31m/,
    );
  });

  it.each([
    ['failed', 'failed'],
    ['terminated', 'terminated'],
    ['timed_out', 'timed out'],
  ])('says of a run that is %s and could not note its outcome that it is %s', (status, word) => {
    expect(listed({ status })).toMatch(new RegExp(`1a2b3c4d +${word} +2 h ago`));
    expect(listed({ status, progress: progress as RolloutProgress })).toMatch(new RegExp(`1a2b3c4d +${word} +1/2`));
  });
});
