import { program } from '../lab/demo/ostler.js';
import { must } from '../lab/real/process.js';
import type { Bench, BenchResult, BenchSettings } from './bench.js';
import { build } from './installation.js';
import { measure, median } from './statistics.js';
import { takeTurns, timed } from './turns.js';

/** Starts measured for each round: one is over in milliseconds, and easily disturbed. */
const STARTS_PER_ROUND = 5;

/** `--help` may take this much longer than Node itself. */
const LIMIT = { atMost: 100 };

/** How long an operator waits for the command line to say anything. */
export const helpBench: Bench = {
  brief: '`ostler --help` of the built program against bare `node -e 0`',
  commands: {},
  run: measureHelp,
};

async function measureHelp({ quick, rounds, say }: BenchSettings): Promise<BenchResult> {
  await build();
  const start = (...args: string[]) => must([process.execPath, ...args]);
  const contenders = {
    'ostler --help': () => timed(() => start(program, '--help')),
    'node -e 0': () => timed(() => start('-e', '0')),
  };
  // The first start reads everything from disk.
  await takeTurns(contenders, 1);
  const samples = await takeTurns(contenders, quick ? 2 : rounds * STARTS_PER_ROUND);
  const [help, node] = [median(samples['ostler --help']), median(samples['node -e 0'])];
  say(`help: ${help.toFixed(0)} ms, node itself ${node.toFixed(0)} ms`);
  const beyond = { ...measure('--help beyond node itself', 'ms', help - node, LIMIT), peers: { 'node -e 0': node } };
  return { findings: [measure('ostler --help', 'ms', help), beyond], conditions: {}, samples };
}
