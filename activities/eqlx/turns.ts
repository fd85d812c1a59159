import { within } from '../openstack/within.js';

/** The end of the last work on each array that somebody of this process is on. */
const lastOf = new Map<string, Promise<unknown>>();

/**
 * Does work on an array when all earlier work of this process on it has ended: a group bears few sessions, and most are Cinder's.
 * @param array what tells arrays apart
 * @param signal ends the waiting; work that has begun ends by itself
 */
export function inTurn<T>(array: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const before = lastOf.get(array);
  const mine = (async () => {
    await within(Promise.resolve(before), signal);
    return work();
  })();
  const last = Promise.allSettled([before, mine]).then(() => {
    if (lastOf.get(array) === last) lastOf.delete(array);
  });
  lastOf.set(array, last);
  return mine;
}
