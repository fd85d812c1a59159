import { renderSudoers } from '../../domain/sudoers.js';
import { type RealFleet, realLabMissing, upRealFleet } from '../../lab/real/index.js';
import { must } from '../../lab/real/process.js';
import type { Bench, BenchResult, BenchSettings } from '../bench.js';
import { install } from '../installation.js';
import { speedup } from '../statistics.js';
import { takeTurns, timed } from '../turns.js';
import { type RollingRestart, UNIT, withAnsible, withOstler } from './contenders.js';

const PER_HOST = { atLeast: 2.5 };

/** A rolling restart of real systemd hosts, one by one and without a soak, against Ansible's `serial: 1`. */
export const rollingBench: Bench = {
  brief: 'rolling restart of real hosts one by one, against ansible-playbook with serial: 1',
  commands: { 'ansible-playbook': 'ansible-core', ssh: 'openssh-client' },
  impossible: realLabMissing,
  run: measure,
};

async function measure({ quick, rounds, undo, say }: BenchSettings): Promise<BenchResult> {
  const computes = quick ? 3 : 6;
  // Ansible becomes root with a shell of its own making, which no narrower rule allows.
  const sudoers = `${renderSudoers({ role: 'compute', user: 'ops' })}ops ALL=(ALL) NOPASSWD: ALL\n`;
  // It also needs more of Python than the hosts' base image has; Ostler needs none.
  const fleet = await upRealFleet({ name: 'bench', computes, sudoers, packages: ['python3'] });
  undo.push(() => fleet.down());
  const { address } = await install(fleet.inventoryFile, undo);

  const perHost: Record<string, number[]> = { ostler: [], ansible: [] };
  const observed = (name: string, restart: RollingRestart) => async () => {
    const since = Date.now() * 1_000;
    const tookMs = await timed(restart);
    const eachMs = await pace(fleet, since);
    perHost[name]?.push(eachMs);
    say(`rolling: ${name} ${tookMs.toFixed(0)} ms in all, ${eachMs.toFixed(0)} ms from one host to the next`);
    return tookMs;
  };
  const contenders = {
    ostler: observed('ostler', withOstler(fleet, address)),
    ansible: observed('ansible', await withAnsible(fleet, undo)),
  };
  // One unmeasured round each: connections are open, files are read.
  await takeTurns(contenders, 1);
  for (const values of Object.values(perHost)) values.length = 0;
  const whole = await takeTurns(contenders, rounds);

  const against = (name: string, samples: Record<string, number[]>) =>
    ({ name, ours: samples.ostler ?? [], peer: ['ansible', samples.ansible ?? []] }) as const;
  return {
    findings: [
      speedup(against('per host, first to last', perHost), PER_HOST),
      speedup(against('the whole command, with its start and plan', whole)),
    ],
    conditions: { hosts: computes, ansible: (await must(['ansible-playbook', '--version'])).split('\n')[0] ?? '' },
    samples: {
      'ostler, whole command': whole.ostler,
      'ansible, whole command': whole.ansible,
      'ostler, per host': perHost.ostler ?? [],
      'ansible, per host': perHost.ansible ?? [],
    },
  };
}

/**
 * Milliseconds from one host's restart to the next one's, on average, by the journals of the hosts themselves: neither side's start,
 * planning or last words are in it.
 * @throws when a host was not restarted exactly once since then
 */
async function pace({ hosts }: RealFleet, sinceUs: number): Promise<number> {
  const starts = await Promise.all(
    hosts.map(async ({ name, startsByPid1 }) => {
      const [start, ...more] = (await startsByPid1(UNIT)).filter(({ atRealtimeUs }) => atRealtimeUs >= sinceUs);
      if (!start || more.length > 0) throw new Error(`${name} started ${UNIT} ${start ? more.length + 1 : 0} times`);
      return start.atRealtimeUs / 1_000;
    }),
  );
  return (Math.max(...starts) - Math.min(...starts)) / (hosts.length - 1);
}
