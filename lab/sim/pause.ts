/**
 * Waits `ms` milliseconds, or less when one of the signals is aborted.
 * @returns true when the whole time has passed, false when a signal cut it short
 */
export function pause(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<boolean> {
  if (signals.some((signal) => signal?.aborted)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (whole: boolean) => {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', cut);
      resolve(whole);
    };
    const cut = () => end(false);
    const timer = setTimeout(end, ms, true);
    for (const signal of signals) signal?.addEventListener('abort', cut);
  });
}
