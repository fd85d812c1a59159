/**
 * `npm run bench [-- NAME...] [--quick] [--rounds N]`: measures Ostler against others and against its own limits, prints a table and
 * writes all samples to bench/results/. Exits 1 when something could not be measured; a missed target is a result.
 */
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { withoutTemporalSettings } from '../worker/server/environment.js';
import { auditBench } from './audit/index.js';
import { type Bench, type BenchResult, whyNot } from './bench.js';
import { helpBench } from './help.js';
import { tableOf, thisMachine, write } from './report.js';
import { rollingBench } from './rolling/index.js';
import { scaleBench } from './scale/index.js';
import { sshBench } from './ssh/index.js';
import { Undo } from './undo.js';

const benches: Readonly<Record<string, Bench>> = {
  ssh: sshBench,
  rolling: rollingBench,
  scale: scaleBench,
  audit: auditBench,
  help: helpBench,
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } },
});
const rounds = values.quick ? 1 : Number(values.rounds);
const chosen = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = chosen.find((name) => !(name in benches));
if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
  say(unknown === undefined ? `--rounds ${values.rounds} is no number of rounds` : `there is no bench ${unknown}`);
  say('usage: npm run bench -- [NAME...] [--quick] [--rounds N]');
  for (const [name, { brief }] of Object.entries(benches)) say(`  ${name.padEnd(8)} ${brief}`);
  process.exit(2);
}

const undo = new Undo();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void undo.run().finally(() => process.exit(128 + constants.signals[signal])));

/** Runs a bench and ends all it started; undefined when it could not be measured, which has been said by then. */
async function measured(name: string, bench: Bench): Promise<BenchResult | undefined> {
  const missing = await whyNot(bench);
  if (missing !== undefined) {
    say(`${name}: not measured: ${missing}`);
    return undefined;
  }
  try {
    return await bench.run({ quick: values.quick, rounds, undo, say });
  } catch (error) {
    say(`${name}: failed: ${(error as Error).stack}`);
    return undefined;
  } finally {
    await undo.run();
  }
}

process.env = withoutTemporalSettings(process.env);
const at = new Date().toISOString();
const results: Record<string, BenchResult> = {};
for (const name of chosen) {
  const result = await measured(name, benches[name] as Bench);
  if (result) results[name] = result;
}
for (const [name, { findings }] of Object.entries(results))
  process.stdout.write(`\n${name}: ${benches[name]?.brief}\n${tableOf(findings)}\n`);
const path = await write({ at, quick: values.quick, rounds, machine: thisMachine(), benches: results });
say(`\nEvery sample is in ${path}.`);
process.exit(Object.keys(results).length === chosen.length ? 0 : 1);
