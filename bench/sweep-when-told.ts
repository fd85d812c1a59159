/** Does the same to every host of a farm, and keeps the connections for the next time. */
export interface Sweeper {
  /** @throws when a host does not answer as it should */
  sweep(): Promise<void>;
}

/** What a process that sweeps tells the one that started it. */
export type SweepAnswer = { ready: true } | { ms: number } | { error: string };

/** Makes this process one that sweeps each time it is told to, and tells how many milliseconds that took. See `in-process.ts`. */
export function sweepWhenTold(sweeper: Sweeper): void {
  const tell = (answer: SweepAnswer): void => void process.send?.(answer);
  process.on('message', () => {
    const startedAt = performance.now();
    sweeper.sweep().then(
      () => tell({ ms: performance.now() - startedAt }),
      (error: Error) => tell({ error: error.message }),
    );
  });
  process.once('disconnect', () => process.exit());
  tell({ ready: true });
}
