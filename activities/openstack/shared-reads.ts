import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Makes a read that many may wait for at once: all who ask before the next one begins get its result, so that every answer is
 * newer than its question. Reads follow one another with a pause between.
 */
export function sharedReads<T>(read: () => Promise<T>, pauseMs: number): () => Promise<T> {
  let next: Promise<T> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    next ??= (async () => {
      await last;
      next = undefined;
      const result = read();
      last = result.catch(() => undefined).then(() => sleep(pauseMs));
      return result;
    })();
    return next;
  };
}
