import { program } from '../lab/demo/ostler.js';
import { must } from '../lab/real/process.js';
import type { Bench, BenchResult, BenchSettings } from './bench.js';
import { build } from './installation.js';
import { interleaved, measure, median } from './statistics.js';

/** Starts measured for each round: one is over in milliseconds, and easily disturbed. */
const STARTS_PER_ROUND = 5;

/** `--help` may take this much longer than Node itself. */
const LIMIT = { atMost: 100 };

const contenders = {
  'ostler --help': [process.execPath, program, '--help'],
  'node -e 0': [process.execPath, '-e', '0'],
} as const;

/** How long an operator waits for the command line to say anything. */
export const helpBench: Bench = {
  brief: '`ostler --help` of the built program against bare `node -e 0`',
  commands: {},
  run: measureHelp,
};

async function measureHelp({ quick, rounds, say }: BenchSettings): Promise<BenchResult> {
  await build();
  const samples: Record<keyof typeof contenders, number[]> = { 'ostler --help': [], 'node -e 0': [] };
  const names = Object.keys(contenders) as (keyof typeof contenders)[];
  for (const name of names) await must(contenders[name]);
  for (const name of interleaved(names, quick ? 2 : rounds * STARTS_PER_ROUND)) {
    const startedAt = performance.now();
    await must(contenders[name]);
    samples[name].push(performance.now() - startedAt);
  }
  const [help, node] = names.map((name) => median(samples[name])) as [number, number];
  say(`help: ${help.toFixed(0)} ms, node itself ${node.toFixed(0)} ms`);
  const beyond = { ...measure('--help beyond node itself', 'ms', help - node, LIMIT), peers: { 'node -e 0': node } };
  return { findings: [measure('ostler --help', 'ms', help), beyond], conditions: {}, samples };
}
