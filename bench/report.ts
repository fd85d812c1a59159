import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import type { BenchResult } from './bench.js';
import type { Finding, Target } from './statistics.js';

const resultsDir = fileURLToPath(new URL('./results/', import.meta.url));

/** All that was measured, as it is written to a file. Times are milliseconds unless a finding says otherwise. */
export interface Report {
  readonly at: string;
  readonly quick: boolean;
  readonly rounds: number;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly benches: Readonly<Record<string, BenchResult>>;
}

/** What the numbers were measured on. */
export const thisMachine = (): Report['machine'] => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.versions.node,
});

/** Writes a report beside those of earlier runs. @returns its path */
export async function write(report: Report): Promise<string> {
  await mkdir(resultsDir, { recursive: true });
  const path = join(resultsDir, `${report.at.replace(/[:.]/g, '-')}.json`);
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

/** The findings of one bench for a person to read. */
export function tableOf(findings: readonly Finding[]): string {
  const table = new Table({
    head: ['measured', 'ours', 'peer', 'ratio', 'target', ''],
    style: { head: [], border: [] },
  });
  for (const { name, unit, ours, peers, ratio, target, met } of findings) {
    const others = Object.entries(peers).map(([peer, median]) => `${peer} ${amount(median)} ${unit}`);
    table.push([
      name,
      `${amount(ours)} ${unit}`,
      others.join('\n'),
      ratio === undefined ? '' : ratio.toFixed(2),
      target ? wanted(target) : '',
      met === undefined ? '' : met ? 'met' : 'MISSED',
    ]);
  }
  return table.toString();
}

const amount = (value: number): string =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en') : value.toFixed(1);

const wanted = (target: Target): string =>
  'atMost' in target ? `≤ ${target.atMost.toLocaleString('en')}` : `≥ ${target.atLeast.toLocaleString('en')}`;
