import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type LabHost, mostDownAtOnce, type RealFleet, steer, unsteer, upRealFleet } from '../../../lab/real/index.js';
import { until } from '../../../lab/real/wait.js';
import { restartCommand, restartRule, sshAsOps } from './ssh-as-ops.js';

const unit = 'nova-compute.service';
const newIntent = () => randomBytes(8).toString('hex');
const nowUs = () => Date.now() * 1000;

let fleet: RealFleet;
beforeAll(async () => {
  fleet = await upRealFleet({ name: 'lab-test', computes: 3, sudoers: restartRule() });
});
afterAll(() => fleet?.down());

/** Restart the unit as Ostler does and wait until the intent has run; resolves to its exit code. */
async function restart(host: LabHost, intent = newIntent()): Promise<string> {
  const sent = await sshAsOps(fleet, host, restartCommand(intent));
  expect(sent).toMatchObject({ code: 0 });
  return intentResult(host, intent);
}

const intentResult = (host: LabHost, intent: string) =>
  until(`intent ${intent} on ${host.name} to end`, 60_000, async () => {
    const properties = ['--property', 'SubState,ExecMainStatus', `ostler-${intent}.service`];
    const { stdout } = await host.exec(['systemctl', 'show', ...properties]);
    if (/SubState=(exited|failed)/.test(stdout)) return /ExecMainStatus=(\d+)/.exec(stdout)?.[1];
    return undefined;
  });

async function counts(host: LabHost) {
  return { journal: (await host.startsByPid1(unit)).length, standIn: await host.standInStarts(unit) };
}

async function expectOneMoreStart(host: LabHost, act: () => Promise<unknown>): Promise<void> {
  const before = await counts(host);
  await act();
  expect(await counts(host)).toEqual({ journal: before.journal + 1, standIn: before.standIn + 1 });
}

describe('a fleet that is up', () => {
  it('lets ops in by the key of the fleet, with every host key known and no two hosts sharing one', async () => {
    for (const host of fleet.hosts) {
      const { code, stdout } = await sshAsOps(fleet, host, 'hostname; id -un; id -Gn');
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${host.name}\nops\nops systemd-journal\n` });
    }
    const keys = (await readFile(fleet.knownHosts, 'utf8')).trim().split('\n');
    expect(keys.map((line) => line.split(' ')[1])).toEqual(Array(3).fill(['ssh-ed25519', 'ssh-rsa']).flat());
    expect(new Set(keys.map((line) => line.split(' ')[2])).size).toBe(6);
  });

  it('writes an inventory with relative key paths and both failure domains', async () => {
    const inventory = parse(await readFile(fleet.inventoryFile, 'utf8'));
    expect(inventory).toMatchObject({
      cloud: 'lab-test',
      ssh: { user: 'ops', identityFile: './id_ed25519', knownHosts: './known_hosts' },
    });
    expect(inventory.nodes.map((node: { failureDomain: string }) => node.failureDomain)).toEqual([
      'rack-a',
      'rack-a',
      'rack-b',
    ]);
  });

  it('refuses with sudo what the sudoers rule does not name', async () => {
    const refused = await sshAsOps(fleet, fleet.host('compute-1'), 'sudo -n systemctl restart nova-compute.service');
    expect(refused.code).toBe(1);
  });
});

describe('counting starts', () => {
  it('counts no start of a host that has only booted', async () => {
    expect(await counts(fleet.host('compute-3'))).toEqual({ journal: 0, standIn: 0 });
  });

  it('counts a restart under an intent once, in the journal and by the stand-in, and its stop', async () => {
    const host = fleet.host('compute-1');
    const stopsBefore = (await host.stopsByPid1(unit)).length;
    await expectOneMoreStart(host, async () => expect(await restart(host)).toBe('0'));
    expect(await host.stopsByPid1(unit)).toHaveLength(stopsBefore + 1);
    expect((await host.startsByPid1(unit)).at(-1)?.invocationId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('starts the unit once however often the same intent is sent', async () => {
    const host = fleet.host('compute-1');
    const intent = newIntent();
    await expectOneMoreStart(host, async () => {
      const sent = await Promise.all(Array.from({ length: 4 }, () => sshAsOps(fleet, host, restartCommand(intent))));
      expect(sent.filter(({ code }) => code === 0)).toHaveLength(1);
      await intentResult(host, intent);
    });
  });

  it('counts a start that fails, and the next one works', async () => {
    const host = fleet.host('compute-2');
    await steer(host, 'fail-next-start');
    await expectOneMoreStart(host, async () => expect(await restart(host)).toBe('1'));
    expect((await host.exec(['systemctl', 'is-active', unit])).stdout.trim()).toBe('failed');
    await expectOneMoreStart(host, () => host.exec(['systemctl', 'start', unit]));
  });

  it('keeps the disk and the counts over a power cut, and leaves out the start the boot makes', async () => {
    const host = fleet.host('compute-1');
    await restart(host);
    const before = await counts(host);
    await host.exec(['sh', '-c', 'echo kept >/var/tmp/kept']);
    await host.powerOff();
    expect(await host.isOn()).toBe(false);
    expect((await sshAsOps(fleet, host, 'true', { connectSeconds: 2 })).code).toBe(255);
    expect(await counts(host)).toEqual(before);
    await host.powerOn();
    expect((await sshAsOps(fleet, host, 'cat /var/tmp/kept')).stdout).toBe('kept\n');
    await until('the boot to be finished', 120_000, async () => {
      return (await host.exec(['systemctl', 'is-system-running'])).stdout.trim() === 'running';
    });
    expect(await counts(host)).toEqual(before);
    await expectOneMoreStart(host, () => restart(host));
  });

  it('holds up a stop as long as it is steered to, and counts that once too', async () => {
    const host = fleet.host('compute-2');
    await steer(host, 'slow-stop', 80);
    await expectOneMoreStart(host, async () => {
      const restarted = restart(host);
      await until('the slow stop to begin', 30_000, async () => {
        return (await host.exec(['systemctl', 'is-active', unit])).stdout.trim() === 'deactivating';
      });
      await unsteer(host, 'slow-stop');
      expect(await restarted).toBe('0');
    });
  });

  it('sees a unit that dies by itself as down, and not as stopped by PID 1', async () => {
    const host = fleet.host('compute-3');
    const sinceUs = nowUs();
    await steer(host, 'die-after', 1);
    await restart(host);
    const stops = (await host.stopsByPid1(unit)).length;
    await until('the unit to die', 30_000, async () => {
      return (await host.exec(['systemctl', 'is-active', unit])).stdout.trim() === 'failed';
    });
    expect(await host.stopsByPid1(unit)).toHaveLength(stops);
    await unsteer(host, 'die-after');
    await host.exec(['systemctl', 'start', unit]);
    expect(await mostDownAtOnce(fleet, unit, sinceUs)).toBe(1);
  });
});

describe('most down at once', () => {
  it('is 1 when hosts are restarted one after the other', async () => {
    const sinceUs = nowUs();
    for (const host of fleet.hosts) await restart(host);
    expect(await mostDownAtOnce(fleet, unit, sinceUs)).toBe(1);
  });

  it('is 2 when a host is restarted while another is still starting', async () => {
    const sinceUs = nowUs();
    const slow = fleet.host('compute-1');
    await steer(slow, 'slow-start', 80);
    const starting = restart(slow);
    await until('the slow start to begin', 30_000, async () => {
      return (await slow.exec(['systemctl', 'is-active', unit])).stdout.trim() === 'activating';
    });
    await restart(fleet.host('compute-2'));
    await unsteer(slow, 'slow-start');
    expect(await starting).toBe('0');
    await restart(fleet.host('compute-3'));
    expect(await mostDownAtOnce(fleet, unit, sinceUs)).toBe(2);
  });

  it('counts a host without power as down', async () => {
    const sinceUs = nowUs();
    const host = fleet.host('compute-3');
    await host.powerOff();
    await restart(fleet.host('compute-1'));
    await host.powerOn();
    expect(await mostDownAtOnce(fleet, unit, sinceUs)).toBe(2);
  });
});
