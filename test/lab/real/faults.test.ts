import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  cutNetwork,
  freezeSshd,
  healNetwork,
  type LabHost,
  type RealFleet,
  stallSudo,
  startSshd,
  stopSshd,
  thawSshd,
  unstallSudo,
  upRealFleet,
} from '../../../lab/real/index.js';
import { until } from '../../../lab/real/wait.js';
import { restartCommand, restartRule, sshAsOps } from './ssh-as-ops.js';

let fleet: RealFleet;
let host: LabHost;
beforeAll(async () => {
  fleet = await upRealFleet({ name: 'lab-faults-test', computes: 1, sudoers: restartRule() });
  host = fleet.host('compute-1');
});
afterAll(() => fleet?.down());

const sshCode = async (connectSeconds = 60) => (await sshAsOps(fleet, host, 'true', { connectSeconds })).code;

/** A session that is open on the host, with something running in it. */
async function openSession() {
  const marker = '/tmp/session-is-open';
  const ended = sshAsOps(fleet, host, `touch ${marker}; sleep infinity`);
  await until('the session to open', 60_000, async () => (await host.exec(['test', '-e', marker])).code === 0);
  return { ended, forget: () => host.exec(['rm', marker]) };
}

/** In which states the processes of sshd are; one that has ended and was not reaped yet is none. */
async function sshdStates(): Promise<Set<string>> {
  const { stdout } = await host.exec(['ps', '-C', 'sshd', '-o', 'state=']);
  return new Set(stdout.split('\n').filter((state) => state !== '' && state !== 'Z'));
}

it('ends open sessions and refuses new ones while sshd is stopped', async () => {
  const session = await openSession();
  await stopSshd(host);
  expect((await session.ended).code).toBe(255);
  await session.forget();
  expect(await sshCode()).toBe(255);
  await startSshd(host);
  expect(await sshCode()).toBe(0);
});

it('freezes sshd so that connections hang, and lets them go on when it thaws', async () => {
  await freezeSshd(host);
  await expect.poll(sshdStates).toEqual(new Set(['T']));
  // The kernel accepts the connection but nobody greets, so the client gives up after its ConnectTimeout.
  expect(await sshCode(2)).toBe(255);
  await thawSshd(host);
  expect(await sshCode()).toBe(0);
});

it('stalls sudo and then does what it was asked, under the same sudoers rules', async () => {
  await stallSudo(host, 2);
  const [allowed, refused] = await Promise.all([
    sshAsOps(fleet, host, restartCommand('00000000000000aa')),
    sshAsOps(fleet, host, 'sudo -n true'),
  ]);
  expect({ allowed: allowed.code, refused: refused.code }).toEqual({ allowed: 0, refused: 1 });
  await stallSudo(host, 600);
  const stalled = sshAsOps(fleet, host, restartCommand('00000000000000bb'));
  await until('sudo to stall', 60_000, async () => (await host.exec(['pgrep', '-fx', 'sleep 600'])).code === 0);
  await unstallSudo(host);
  expect((await sshAsOps(fleet, host, restartCommand('00000000000000cc'))).code).toBe(0);
  // The one that was stalled goes on when its wait is over, though new ones no longer wait.
  await host.exec(['pkill', '-fx', 'sleep 600']);
  expect((await stalled).code).toBe(0);
});

it('cuts the network without the host noticing, and heals it', async () => {
  await cutNetwork(host);
  expect(await sshCode(2)).toBe(255);
  expect((await host.exec(['cat', '/sys/class/net/host0/carrier'])).stdout).toBe('1\n');
  await healNetwork(host);
  await until('the host to be reached again', 60_000, async () => (await sshCode()) === 0);
});
