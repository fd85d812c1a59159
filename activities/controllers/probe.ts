import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf } from './knock.js';
import type { ControllerSite } from './site.js';

/** Often enough to measure a gap to a fiftieth of a second. */
const EVERY_MS = 20;

/** A connection that is not answered by then counts as not answered. */
const PATIENCE_MS = 1_000;

/** Ports of a cloud's addresses, the likeliest first; any that answers will do, and a refused connection is an answer. */
const PORTS = [5000, 80, 443, 8774, 3306, 22];

/** For how long an address did not answer, or why that was not measured. */
export interface Gap {
  longestMs?: number;
  said: string;
}

/**
 * Knocks at an address until it is told to stop, and tells the longest time between two answers. From the worker's own machine, which must
 * reach the address.
 */
export async function probeVip(site: ControllerSite, vip: string, signal: AbortSignal): Promise<Gap> {
  const address = await addressOf(site, vip, signal);
  if (!address) return { said: `the gap was not measured: Pacemaker tells no address of ${vip}` };
  const door = await doorOf(address);
  if (!door) return { said: `the gap was not measured: the worker gets no answer from ${vip} (${address})` };
  let last = performance.now();
  let longest = 0;
  const knocks = new Set<Promise<void>>();
  while (!signal.aborted) {
    const at = performance.now();
    const knock = knockAt(address, door.port).then((answer) => {
      if (answer !== door.answer) return;
      longest = Math.max(longest, at - last);
      last = Math.max(last, at);
    });
    knocks.add(knock);
    void knock.finally(() => knocks.delete(knock));
    await sleep(EVERY_MS);
  }
  await Promise.all(knocks);
  // What has not answered any more by the end counts, too.
  longest = Math.max(longest, performance.now() - last - PATIENCE_MS);
  const longestMs = Math.round(longest);
  return { longestMs, said: `it did not answer for ${longestMs} ms at most, knocked at every ${EVERY_MS} ms` };
}

type Answer = 'accepted' | 'refused' | 'none';

/**
 * A port that answers, and how: one that accepts connections, else one that refuses them, for that is an answer as well. From then on only the same
 * answer counts: where nobody listens any more, whoever refuses is not who was asked for.
 */
async function doorOf(address: string): Promise<{ port: number; answer: Answer } | undefined> {
  const tried: { port: number; answer: Answer }[] = [];
  for (const port of PORTS) {
    const door = { port, answer: await knockAt(address, port) };
    if (door.answer === 'accepted') return door;
    tried.push(door);
  }
  return tried.find(({ answer }) => answer === 'refused');
}

const knockAt = (host: string, port: number): Promise<Answer> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: Answer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PATIENCE_MS, () => end('none'));
    socket.once('connect', () => end('accepted'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'none'));
  });
