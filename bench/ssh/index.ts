import { run } from '../../lab/real/process.js';
import type { Bench, BenchResult, BenchSettings } from '../bench.js';
import { type Finding, interleaved, slowdown, speedup } from '../statistics.js';
import { FANOUT } from './command.js';
import { type Contender, inProcess, peers } from './contenders.js';
import { startFarm } from './farm.js';
import { throughTemporal } from './through-temporal.js';

/** Issue targets: our transport costs little over ssh2 itself, and is several times as fast as what starts ssh(1) for each host. */
const OVER_BARE = { atMost: 1.15 };
const COLD = { atLeast: 3 };
const WARM = { atLeast: 5 };

/** `activities/ssh` against others: one command on many hosts of a real sshd, on new connections and on connections that are there. */
export const sshBench: Bench = {
  brief: 'one command on 300 hosts, against a bare ssh2 loop, clustershell, pdsh, parallel-ssh and ansible',
  commands: {
    sshd: 'openssh-server',
    ssh: 'openssh-client',
    clush: 'clustershell',
    pdsh: 'pdsh',
    'parallel-ssh': 'pssh',
    ansible: 'ansible-core',
  },
  run: measure,
};

async function measure({ quick, rounds, undo, say }: BenchSettings): Promise<BenchResult> {
  const hosts = quick ? 20 : 300;
  const farm = await startFarm(hosts, undo);
  const ours = inProcess('ostler', farm, undo);
  const bare = inProcess('bare', farm, undo);
  const others = await peers(farm, undo);
  say(`ssh: ${hosts} hosts on ${farm.addresses[0]} and on, port ${farm.port}`);

  const samples: Record<string, number[]> = {};
  const take = async (contender: Contender, kind: 'cold' | 'warm'): Promise<void> => {
    const tookMs = await contender[kind]();
    (samples[`${kind} ${contender.name}`] ??= []).push(tookMs);
    say(`ssh: ${kind} ${contender.name} ${tookMs.toFixed(0)} ms`);
  };
  // The peers' masters outlive all rounds; the cold sweeps do not use them.
  await others[0]?.warm();
  const everyone = [ours, bare, ...others];
  const inTurn = interleaved(everyone, rounds);
  for (let round = 0; round < rounds; round++) {
    const turn = inTurn.slice(round * everyone.length, (round + 1) * everyone.length);
    for (const contender of turn) await take(contender, 'cold');
    for (const contender of turn) await take(contender, 'warm');
  }
  const through = await throughTemporal(farm, { rounds, undo, say });

  const of = (kind: string, name: string): number[] => samples[`${kind} ${name}`] ?? [];
  const findings = (['cold', 'warm'] as const).flatMap((kind): Finding[] => [
    slowdown(
      { name: `${kind}, over a bare ssh2 loop`, ours: of(kind, ours.name), peer: [bare.name, of(kind, bare.name)] },
      OVER_BARE,
    ),
    ...others.map(({ name }) =>
      speedup(
        { name: `${kind}, against ${name}`, ours: of(kind, ours.name), peer: [name, of(kind, name)] },
        kind === 'cold' ? COLD : WARM,
      ),
    ),
  ]);
  return {
    findings: [...findings, ...through.findings],
    conditions: { hosts, fanout: FANOUT, ...(await versions()) },
    samples: { ...samples, ...through.samples },
  };
}

/** What exactly was compared. */
async function versions(): Promise<Record<string, string>> {
  const asked = {
    ssh: ['ssh', '-V'],
    clush: ['clush', '--version'],
    pdsh: ['pdsh', '-V'],
    'parallel-ssh': ['parallel-ssh', '--version'],
    ansible: ['ansible', '--version'],
  };
  const answers = Object.entries(asked).map(async ([name, argv]) => {
    const { stdout, stderr } = await run(argv);
    return [name, `${stdout}${stderr}`.trim().split('\n')[0] ?? ''];
  });
  return Object.fromEntries(await Promise.all(answers));
}
