import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

/**
 * Does `work` unless `stop` becomes true first, in which case the work is cancelled and its end awaited.
 * @returns what the work came to, or undefined when it was cancelled
 */
export async function unless<T>(stop: () => boolean, work: () => Promise<T>): Promise<T | undefined> {
  const scope = new CancellationScope();
  let settled = false;
  const outcome = scope.run(work).finally(() => {
    settled = true;
  });
  outcome.catch(() => {});
  await condition(() => settled || stop());
  if (!settled) scope.cancel();
  try {
    return await outcome;
  } catch (error) {
    if (isCancellation(error)) return undefined;
    throw error;
  }
}
