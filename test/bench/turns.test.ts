import { describe, expect, it } from 'vitest';
import { takeTurns } from '../../bench/turns.js';

describe('taking turns', () => {
  it('lets nobody begin before the one before has ended, and keeps each one’s measurements in order', async () => {
    const log: string[] = [];
    let count = 0;
    const contender = (name: string) => async (): Promise<number> => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
      return count++;
    };
    const heard: [string, number][] = [];
    const samples = await takeTurns({ a: contender('a'), b: contender('b') }, 2, (...one) => heard.push(one));
    expect(log).toEqual(['a', 'b', 'b', 'a'].flatMap((name) => [`${name} begins`, `${name} ends`]));
    expect(samples).toEqual({ a: [0, 3], b: [1, 2] });
    expect(heard.map(([name]) => name)).toEqual(['a', 'b', 'b', 'a']);
  });

  it('passes on what a contender could not measure', async () => {
    const broken = () => Promise.reject(new Error('3 of 300 hosts answered'));
    await expect(takeTurns({ broken }, 1)).rejects.toThrow('3 of 300');
  });
});
