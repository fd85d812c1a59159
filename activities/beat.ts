import { setMaxListeners } from 'node:events';
import { Context, heartbeat } from '@temporalio/activity';

/** Well inside the engine's heartbeat timeout of 10 s. */
const BEAT_MS = 2_000;

/**
 * Heartbeats for as long as `work` runs, so that a dead worker is noticed within seconds; `cursor` is the detail that the next
 * attempt reads back. The signal aborts when the activity is cancelled or the worker shuts down.
 */
export async function beating<T>(work: (signal: AbortSignal) => Promise<T>, cursor?: () => unknown): Promise<T> {
  const beat = (): void => heartbeat(cursor?.());
  const { cancellationSignal } = Context.current();
  // Every host read in parallel listens to it: that many listeners are no leak.
  setMaxListeners(0, cancellationSignal);
  const timer = setInterval(beat, BEAT_MS);
  try {
    return await work(cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
