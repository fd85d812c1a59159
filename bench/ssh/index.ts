import { run } from '../../lab/real/process.js';
import type { Bench, BenchResult, BenchSettings } from '../bench.js';
import type { Contender } from '../in-process.js';
import { type Finding, slowdown, speedup } from '../statistics.js';
import { takeTurns } from '../turns.js';
import { FANOUT } from './command.js';
import { peers, transport } from './contenders.js';
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
  const ours = transport('ostler', farm, undo);
  const bare = transport('bare', farm, undo);
  const others = await peers(farm, undo);
  say(`ssh: ${hosts} hosts on ${farm.addresses[0]} and on, port ${farm.port}`);

  const everyone = [ours, bare, ...others];
  const turns = (kind: 'cold' | 'warm'): Promise<Record<string, number[]>> =>
    takeTurns(Object.fromEntries(everyone.map((one) => [one.name, () => one[kind]()])), rounds, (name, ms) =>
      say(`ssh: ${kind} ${name} ${ms.toFixed(0)} ms`),
    );
  const cold = await turns('cold');
  // Opens the connections that the peers share.
  await others[0]?.warm();
  const samples = { cold, warm: await turns('warm') };
  const through = await throughTemporal(farm, { rounds, undo, say });

  const findings = (['cold', 'warm'] as const).flatMap((kind): Finding[] => {
    const against = (name: string, { name: peer }: Contender) => ({
      name: `${kind}, ${name}`,
      ours: samples[kind][ours.name] ?? [],
      peer: [peer, samples[kind][peer] ?? []] as const,
    });
    return [
      slowdown(against('over a bare ssh2 loop', bare), OVER_BARE),
      ...others.map((other) => speedup(against(`against ${other.name}`, other), kind === 'cold' ? COLD : WARM)),
    ];
  });
  return {
    findings: [...findings, ...through.findings],
    conditions: { hosts, fanout: FANOUT, ...(await versions()) },
    samples: { ...prefixed('cold', cold), ...prefixed('warm', samples.warm), ...through.samples },
  };
}

const prefixed = (kind: string, samples: Record<string, number[]>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(samples).map(([name, values]) => [`${kind} ${name}`, values]));

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
