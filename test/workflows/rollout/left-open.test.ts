import { describe, expect, it } from 'vitest';
import type { Plan, RolloutRequest } from '../../../domain/plan.js';
import { initialState, leftOpen, RunBook, takenOver } from '../../../workflows/rollout/run-state.js';

const request = { cloud: 'prod', operation: 'stop', target: 'nova', actor: 'alice', reason: 'r' } as RolloutRequest;
const plan = { nodes: ['c1', 'c2', 'c3'], batches: [1, 2], hash: 'h', maxFailures: 0 } as unknown as Plan;
const act = { ticket: { fence: 'f' }, intent: '0123456789abcdef' };

describe('what an ended run left unresolved', () => {
  it('has its turn before all others in the next one, whatever the plan has made of its hosts', () => {
    const state = initialState(request, 0);
    const book = new RunBook(request, takenOver(plan, state, { c2: act, gone: act }), state);
    expect(book.takeBatch()).toEqual(['c2', 'gone']);
    for (const node of ['c2', 'gone']) book.put(node, 'ok');
    expect(book.takeBatch()).toEqual(['c1']);
    book.put('c1', 'ok');
    expect(book.takeBatch()).toEqual(['c3']);
    book.put('c3', 'ok');
    expect(book.allWell).toBe(true);
  });

  it('changes nothing where there is none', () => {
    const state = initialState(request, 0);
    expect(takenOver(plan, state)).toBe(plan);
    expect(state).toEqual(initialState(request, 0));
  });

  it('is told as far as it fits into one payload', () => {
    const state = initialState<unknown>(request, 0);
    expect(leftOpen(state)).toEqual({ open: {} });
    state.open = { c1: act };
    expect(leftOpen(state)).toEqual({ open: { c1: act } });
    state.open = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [`c${n}`, { ...act, ticket: 'x'.repeat(500) }]),
    );
    const { open } = leftOpen(state);
    expect(Object.keys(open).length).toBeGreaterThan(300);
    expect(JSON.stringify(open).length).toBeLessThan(256 * 1024);
  });
});
