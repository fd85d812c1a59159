import { describe, expect, it } from 'vitest';
import { type CountedModule, countTests, verdict } from './count.js';

const file = (state: string, ...tests: string[]): CountedModule => ({
  state: () => state,
  children: { allTests: () => tests.map((result) => ({ result: () => ({ state: result }) })) },
});

describe('counting the tests of a run', () => {
  it('adds up all files', () => {
    const files = [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed', 'skipped')];
    expect(countTests(files, 0)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    expect(countTests([file('failed')], 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts a file whose hook failed, although none of its tests did', () => {
    expect(countTests([file('failed', 'passed', 'skipped')], 0)).toEqual({ passed: 1, failed: 1, skipped: 1 });
  });

  it('counts a test that never ended as a failure', () => {
    expect(countTests([file('pending', 'passed', 'pending')], 0)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('counts errors outside of tests', () => {
    expect(countTests([file('passed', 'passed')], 2)).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });
});

describe('the verdict over a run', () => {
  const atDesk = { ci: false, leftOut: 1 };
  const inCi = { ci: true, leftOut: 0 };

  it('is one line, and 0 when nothing failed', () => {
    expect(verdict({ passed: 12, failed: 0, skipped: 0 }, inCi)).toEqual({ line: '12 passed, 0 failed', code: 0 });
  });

  it('is a failure when a test failed', () => {
    expect(verdict({ passed: 12, failed: 2, skipped: 0 }, atDesk)).toEqual({ line: '12 passed, 2 failed', code: 1 });
  });

  it('is a failure when nothing ran', () => {
    expect(verdict({ passed: 0, failed: 0, skipped: 3 }, atDesk)).toEqual({ line: '0 passed, 1 failed', code: 1 });
  });

  it('lets tests be left out at a desk', () => {
    expect(verdict({ passed: 1, failed: 0, skipped: 1 }, atDesk)).toEqual({ line: '1 passed, 0 failed', code: 0 });
  });

  it('takes a skipped test for a failure in continuous integration', () => {
    expect(verdict({ passed: 1, failed: 0, skipped: 1 }, inCi)).toEqual({ line: '1 passed, 1 failed', code: 1 });
  });

  it('takes a group that could not run for a failure in continuous integration', () => {
    const counts = { passed: 1, failed: 0, skipped: 0 };
    expect(verdict(counts, { ci: true, leftOut: 1 })).toEqual({ line: '1 passed, 1 failed', code: 1 });
  });
});
