import type { BenchResult, BenchSettings } from '../bench.js';
import { inProcess, type ProcessContender } from '../in-process.js';
import { slowdown, speedup } from '../statistics.js';
import { takeTurns } from '../turns.js';
import { ansibleOn, type Module } from './ansible.js';
import type { auditors, Task } from './auditors.js';

/** Issue targets: judging costs little over asking, and asking little beside what Ansible takes to ask the same. */
const OVER_BARE = { atMost: 1.3 };
const AGAINST_ANSIBLE = { atLeast: 5 };

type Settings = Pick<BenchSettings, 'rounds' | 'undo' | 'say'>;
type Compared = Pick<BenchResult, 'findings' | 'samples'>;

const auditor = (which: keyof typeof auditors, task: Task, undo: Settings['undo']): ProcessContender =>
  inProcess(which, new URL('./audit-process.ts', import.meta.url), [which, JSON.stringify(task)], undo);

/** An audit against the same script in a bare loop, on new connections and on those that are there, and the memory of both. */
export async function againstBare(task: Task, { rounds, undo, say }: Settings): Promise<Compared> {
  const [ours, bare] = [auditor('ostler', task, undo), auditor('bare', task, undo)];
  const turns = (kind: 'cold' | 'warm') =>
    takeTurns({ ostler: ours[kind], bare: bare[kind] }, rounds, (name, ms) =>
      say(`audit: ${task.hosts} hosts, ${kind}, ${name} ${ms.toFixed(0)} ms`),
    );
  const cold = await turns('cold');
  const warm = await turns('warm');
  const megabytes = { ostler: [await ours.megabytes()], bare: [await bare.megabytes()] };
  await Promise.all([ours.end(), bare.end()]);

  const over = (name: string, samples: Record<'ostler' | 'bare', number[]>, unit = 'ms') =>
    ({ name: `${task.hosts} hosts, ${name}`, unit, ours: samples.ostler, peer: ['bare', samples.bare] }) as const;
  return {
    findings: [
      slowdown(over('new connections', cold), OVER_BARE),
      slowdown(over('connections that are there', warm), OVER_BARE),
      slowdown(over('memory at its peak', megabytes, 'MB')),
    ],
    samples: {
      'cold ostler': cold.ostler,
      'cold bare': cold.bare,
      'warm ostler': warm.ostler,
      'warm bare': warm.bare,
    },
  };
}

/**
 * An audit against Ansible, both on connections that are there.
 * @param where what the hosts do, in words
 */
export async function againstAnsible(
  task: Task,
  modules: readonly Module[],
  where: string,
  { rounds, undo, say }: Settings,
): Promise<Compared> {
  const ours = auditor('ostler', task, undo);
  const ansible = await ansibleOn(task, undo);
  const contenders = {
    ostler: ours.warm,
    ...Object.fromEntries(modules.map((module) => [`ansible -m ${module}`, () => ansible(module)])),
  };
  // Opens the connections of both.
  await ours.cold();
  await ansible('raw');
  const samples: Record<string, number[]> = await takeTurns(contenders, rounds, (name, ms) =>
    say(`audit: ${task.hosts} ${where}, ${name} ${ms.toFixed(0)} ms`),
  );
  await ours.end();
  const { ostler = [], ...theirs } = samples;
  return {
    findings: Object.entries(theirs).map(([name, times]) =>
      speedup(
        { name: `${task.hosts} ${where}, against ${name}`, ours: ostler, peer: ['ansible', times] },
        AGAINST_ANSIBLE,
      ),
    ),
    samples: Object.fromEntries(Object.entries(samples).map(([name, times]) => [`${where}: ${name}`, times])),
  };
}
