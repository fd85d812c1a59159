import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Undo } from '../../bench/undo.js';

describe('undo', () => {
  it('ends what was started last first, and once only', async () => {
    const undo = new Undo();
    const log: number[] = [];
    for (const step of [1, 2, 3]) undo.push(() => log.push(step));
    await undo.run();
    await undo.run();
    expect(log).toEqual([3, 2, 1]);
  });

  it('goes on after a step that fails, and tells of it in the end', async () => {
    const undo = new Undo();
    const log: string[] = [];
    undo.push(() => log.push('first started'));
    undo.push(() => Promise.reject(new Error('would not end')));
    await expect(undo.run()).rejects.toThrow('not everything could be cleaned up');
    expect(log).toEqual(['first started']);
  });

  it('ends what is started while it is at it, as by a bench that does not know yet that it was interrupted', async () => {
    const undo = new Undo();
    const log: string[] = [];
    undo.push(() => log.push('the fleet'));
    undo.push(() => undo.push(() => log.push('a latecomer')));
    await undo.run();
    expect(log).toEqual(['a latecomer', 'the fleet']);
  });

  it('takes its folders away', async () => {
    const undo = new Undo();
    const folder = await undo.folder('undo-test');
    expect(existsSync(folder)).toBe(true);
    await undo.run();
    expect(existsSync(folder)).toBe(false);
  });
});
