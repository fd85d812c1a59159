import { interleaved } from './statistics.js';

/**
 * Lets contenders take turns for a number of rounds.
 * @param contenders by name; each call does the work once and returns what it measured
 * @param tell hears of each measurement as it is taken
 * @returns every measurement by name, in the order taken
 */
export async function takeTurns<Name extends string>(
  contenders: Readonly<Record<Name, () => Promise<number>>>,
  rounds: number,
  tell: (name: Name, value: number) => void = () => undefined,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (const name of interleaved(names, rounds)) {
    const value = await contenders[name]();
    samples[name].push(value);
    tell(name, value);
  }
  return samples;
}

/** How many milliseconds `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
