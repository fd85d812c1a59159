import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimFleet, startSimFleet } from '../../../lab/sim/fleet.js';
import type { SimHost } from '../../../lab/sim/host.js';
import { connect, exec, openssh, restartScript, run, settled, show } from './sessions.js';

const UNIT = 'nova-compute.service';
const INTENT = 'fedcba9876543210';
let fleet: SimFleet;
let host: SimHost;
beforeEach(async () => {
  fleet = await startSimFleet({ controllers: 1, computes: 3, restartMs: 40 });
  host = fleet.host('compute-1');
});
afterEach(() => fleet.stop());

describe('a power cut', () => {
  it('breaks connections, and the next boot has a new id, no transient units, and what is enabled', async () => {
    const bootId = host.bootId;
    await run(fleet, host, restartScript(host, INTENT));
    await settled(host, UNIT, 'active');
    host.enable(false, 'libvirtd');
    const client = await connect(fleet, host);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await host.powerOff();
    await closed;
    await expect(connect(fleet, host)).rejects.toThrow('ECONNREFUSED');
    await host.powerOn();
    await settled(host, UNIT, 'active');
    expect((await run(fleet, host, 'cat /proc/sys/kernel/random/boot_id')).stdout).toBe(`${host.bootId}\n`);
    expect(host.bootId).not.toBe(bootId);
    expect(await show(fleet, host, `ostler-${INTENT}`)).toMatchObject({ LoadState: 'not-found' });
    expect(await show(fleet, host, 'libvirtd')).toMatchObject({ ActiveState: 'inactive' });
    expect(host.ledger.starts).toMatchObject([
      { unit: UNIT, boot: false, by: 'intent' },
      { unit: UNIT, boot: true, by: 'boot' },
    ]);
  });

  it('ends a restart that was under way', async () => {
    host.slowRestart(60_000);
    await run(fleet, host, restartScript(host, INTENT));
    await host.powerOff();
    host.slowRestart(20);
    await host.powerOn();
    await settled(host, UNIT, 'active');
    expect(host.ledger.starts.filter(({ unit }) => unit === UNIT)).toMatchObject([{ by: 'boot' }]);
  });
});

describe('the network', () => {
  it('refuses new connections while those that exist go on', async () => {
    const client = await connect(fleet, host);
    await host.refuseConnections();
    await expect(connect(fleet, host)).rejects.toThrow('ECONNREFUSED');
    expect(await exec(client, 'hostname')).toMatchObject({ code: 0 });
    await host.refuseConnections(false);
    expect(await run(fleet, host, 'hostname')).toMatchObject({ code: 0 });
    client.end();
  });

  it('drops connections without ending what runs', async () => {
    const client = await connect(fleet, host);
    client.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    host.stallSudo(100);
    client.exec(restartScript(host, INTENT), () => host.dropConnections());
    await closed;
    await expect.poll(() => host.ledger.starts.length).toBe(1);
  });

  it('loses the answer of the chosen exec, which is carried out', async () => {
    host.dropReplyOfNextExec('channel', 'systemd-run');
    const client = await connect(fleet, host);
    expect(await exec(client, 'hostname')).toMatchObject({ code: 0 });
    expect(await exec(client, restartScript(host, INTENT))).toEqual({ code: null, stdout: '', stderr: '' });
    expect(await exec(client, 'hostname')).toMatchObject({ code: 0 });
    await settled(host, UNIT, 'active');
    client.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    host.dropReplyOfNextExec();
    client.exec(restartScript(host, '00000000000000ff'), () => undefined);
    await closed;
    await expect.poll(() => host.ledger.starts.length).toBe(2);
  });

  it('closes a connection before sshd answers, as often as asked', async () => {
    host.refuseStartups(1);
    await expect(connect(fleet, host)).rejects.toThrow();
    (await connect(fleet, host)).end();
  });

  it('lets a test act between the arrival of a command and its shell', async () => {
    host.beforeExec = () => host.restartByAnotherHand();
    const { stdout } = await run(fleet, host, `systemctl show --value -p InvocationID ${UNIT}`);
    expect(host.ledger.starts).toMatchObject([{ by: 'hand' }]);
    expect(stdout).toBe(`${host.manager.unit(UNIT)?.invocationId}\n`);
  });

  it('stalls exec requests until told otherwise', async () => {
    const client = await connect(fleet, host);
    client.on('error', () => undefined);
    const arrived = new Promise<void>((resolve) => {
      host.beforeExec = () => resolve();
    });
    host.stallExec(60_000);
    let answers = 0;
    void exec(client, 'hostname').then(() => answers++);
    await arrived;
    host.stallExec(0);
    expect(await exec(client, 'hostname')).toMatchObject({ code: 0 });
    expect(answers).toBe(0);
    client.end();
  });
});

describe('the SSH server', () => {
  it('accepts only the fleet key of user ops', async () => {
    const stranger = fleet.host('compute-2').hostKey.private;
    await expect(connect(fleet, host, { privateKey: stranger })).rejects.toThrow('authentication');
    await expect(connect(fleet, host, { username: 'root' })).rejects.toThrow('authentication');
  });

  it('proves its identity to OpenSSH, until the host key changes', async () => {
    expect(await openssh(fleet, host, 'hostname')).toMatchObject({ code: 0, stdout: 'compute-1\n' });
    const changing = fleet.host('compute-2');
    const before = changing.hostKey;
    changing.changeHostKey();
    const client = await connect(fleet, changing);
    client.end();
    expect(changing.hostKey.public).not.toBe(before.public);
    expect(fleet.host('compute-3').hostKey.public).not.toBe(host.hostKey.public);
  });

  it('opens ten channels at once on a connection, as sshd does', async () => {
    const client = await connect(fleet, host);
    host.stallSudo(2_000);
    const outcomes = await Promise.allSettled(Array.from({ length: 11 }, () => exec(client, 'sudo -n id')));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await exec(client, 'hostname')).toMatchObject({ code: 0 });
    client.end();
  });

  it('forwards to another host, as a bastion does', async () => {
    const bastion = await connect(fleet, fleet.host('controller-1'));
    const sock = await new Promise<NonNullable<Parameters<typeof connect>[2]>['sock']>((resolve, reject) => {
      bastion.forwardOut('127.0.0.1', 0, host.address, host.port, (error, channel) =>
        error ? reject(error) : resolve(channel),
      );
    });
    const client = await connect(fleet, host, sock ? { sock } : {});
    expect(await exec(client, 'hostname')).toMatchObject({ stdout: 'compute-1\n' });
    client.end();
    bastion.end();
  });
});

describe('the fleet', () => {
  it('counts how many hosts had a unit down at once', async () => {
    expect(fleet.mostDownAtOnce('nova-compute')).toBe(0);
    await fleet.host('compute-1').restartByAnotherHand();
    await fleet.host('compute-2').restartByAnotherHand();
    const apart = fleet.mostDownAtOnce('nova-compute');
    await Promise.all(['compute-2', 'compute-3'].map((name) => fleet.host(name).restartByAnotherHand()));
    expect([apart, fleet.mostDownAtOnce('nova-compute'), fleet.mostDownAtOnce('libvirtd')]).toEqual([1, 2, 0]);
  });
});
