import { setTimeout as sleep } from 'node:timers/promises';

/** Short enough not to be felt in a boot of 1.5 s, long enough to leave two cores to the hosts. */
const pollMs = 50;

/**
 * Call `probe` until it returns something true, and return that.
 * Rejects after `limitMs` with a sentence that says what was waited for and, if `probe` threw last, what it saw.
 */
export async function until<T>(what: string, limitMs: number, probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    let seen: unknown;
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      seen = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${limitMs} ms in vain for ${what}${seen instanceof Error ? `: ${seen.message}` : ''}`);
    }
    await sleep(pollMs);
  }
}
