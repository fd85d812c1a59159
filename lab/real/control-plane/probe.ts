import { connect } from 'node:net';

/** What a prober has seen. */
export interface ProbeResult {
  probes: number;
  /** Probes whose connection was accepted or refused: somebody has the address. */
  answered: number;
  /** The longest time without an answered probe, from start to start; the first and the last moment count as answered. */
  longestGapMs: number;
  from: Date;
  to: Date;
}

export interface Prober {
  /** Probe no more, wait for what is under way, and say what was seen. */
  stop(): Promise<ProbeResult>;
}

/** Below the second after which a kernel asks again for a connection, so that an answer belongs to the moment of its question. */
const answerLimitMs = 800;

/** Open a TCP connection to `address`:`port` every `everyMs`, whatever became of those before, until it is stopped. */
export function probeVip(address: string, port: number, { everyMs }: { everyMs: number }): Prober {
  const from = new Date();
  const startMs = performance.now();
  const underWay = new Set<Promise<void>>();
  const answeredAtMs: number[] = [];
  let probes = 0;
  const timer = setInterval(() => {
    probes += 1;
    const atMs = performance.now();
    const probe: Promise<void> = answers(address, port).then((answered) => {
      if (answered) answeredAtMs.push(atMs);
      underWay.delete(probe);
    });
    underWay.add(probe);
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      const endMs = performance.now();
      await Promise.all(underWay);
      const moments = [startMs, ...answeredAtMs.toSorted((a, b) => a - b), endMs];
      const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment));
      const to = new Date(from.getTime() + Math.round(endMs - startMs));
      return { probes, answered: answeredAtMs.length, longestGapMs: Math.round(Math.max(...gaps)), from, to };
    },
  };
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (answered: boolean) => {
      clearTimeout(limit);
      // A reset leaves no port of this machine waiting, of which a long test would run out.
      socket.resetAndDestroy();
      resolve(answered);
    };
    const limit = setTimeout(() => end(false), answerLimitMs);
    socket.once('connect', () => end(true));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED'));
  });
}
