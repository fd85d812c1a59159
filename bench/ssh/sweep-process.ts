/** A process that sweeps the farm each time it is told to, and tells how many milliseconds that took. */
import type { Farm } from './farm.js';
import { sweepers } from './sweepers.js';

const [which, farm] = process.argv.slice(2);
const sweeper = sweepers[which as keyof typeof sweepers](JSON.parse(farm as string) as Farm);

process.on('message', () => {
  const startedAt = performance.now();
  sweeper.sweep().then(
    () => process.send?.({ ms: performance.now() - startedAt }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.once('disconnect', () => process.exit());
process.send?.({ ready: true });
