import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

/** Often enough to measure a gap to a fiftieth of a second. */
const EVERY_MS = 20;
/** A refused connection is known at once; on a busy machine the word of who accepted one may take its time. */
const PATIENCE_MS = 10_000;

/** What somebody outside has seen of one address. */
export interface Knocked {
  knocks: number;
  /** Knocks without an answer. */
  unanswered: number;
  /** The longest time between two that were answered. */
  longestGapMs: number;
  /** Who answered, each time that it was somebody else. */
  holders: string[];
}

/**
 * Connects to an address again and again, and notes who answers; a refused connection is no answer, as a client sees it.
 * @returns ends it, and tells what was seen
 */
export function knockAt({ address, port }: { address: string; port: number }): () => Promise<Knocked> {
  const underWay = new Set<Promise<void>>();
  const seen: { at: number; holder: string | undefined }[] = [];
  const timer = setInterval(() => {
    const at = performance.now();
    const knock: Promise<void> = whoAnswers(address, port).then((holder) => {
      seen.push({ at, holder });
      underWay.delete(knock);
    });
    underWay.add(knock);
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await Promise.all(underWay);
    const answered = seen.filter(({ holder }) => holder !== undefined).sort((a, b) => a.at - b.at);
    const gaps = answered.map(({ at }, index) => at - (answered[index - 1]?.at ?? at));
    return {
      knocks: seen.length,
      unanswered: seen.length - answered.length,
      longestGapMs: Math.round(Math.max(0, ...gaps)),
      holders: answered.flatMap(({ holder = '' }, index) => (holder === answered[index - 1]?.holder ? [] : [holder])),
    };
  };
}

const whoAnswers = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (holder?: string): void => {
      socket.destroy();
      resolve(holder);
    };
    socket.setTimeout(PATIENCE_MS, () => end());
    socket.once('data', (data) => end(data.toString().trim()));
    socket.once('error', () => end());
    socket.once('close', () => end());
  });
