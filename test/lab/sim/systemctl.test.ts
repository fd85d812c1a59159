import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimFleet, startSimFleet } from '../../../lab/sim/fleet.js';
import type { SimHost } from '../../../lab/sim/host.js';
import { run, settled, show } from './sessions.js';

const UNIT = 'nova-compute.service';
let fleet: SimFleet;
let host: SimHost;
beforeEach(async () => {
  const hosts = { 'compute-2': { systemdVersion: 219 } };
  fleet = await startSimFleet({ controllers: 0, computes: 2, restartMs: 60, hosts });
  host = fleet.host('compute-1');
  host.allowSudo(['/usr/bin/systemctl .*']);
});
afterEach(() => fleet.stop());

const ops = (command: string) => run(fleet, host, command);
const root = (command: string) => run(fleet, host, `sudo -n ${command}`);

describe('systemctl show', () => {
  it('prints blocks in the order of systemd, with what it says of a unit that is not there', async () => {
    const { code, stdout } = await ops(
      `systemctl show -p InvocationID,Job,ActiveState,Id -p LoadState,SubState --property=MainPID,Result ${UNIT} nope`,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^MainPID=\d+\nResult=success\nId=nova-compute.service\nLoadState=loaded\nActiveState=active\nSubState=running\nJob=\nInvocationID=[0-9a-f]{32}\n\nMainPID=0\nResult=success\nId=nope.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nJob=\nInvocationID=\n$/,
    );
  });

  it('prints empty properties only when they are asked for, and nothing for one that it does not know', async () => {
    expect((await ops(`systemctl show ${UNIT}`)).stdout).not.toMatch(/^(?:Job|BindsTo)=/m);
    expect((await ops(`systemctl show -p BindsTo -p Nothing ${UNIT}`)).stdout).toBe('BindsTo=\n');
    expect((await ops(`/bin/systemctl show --value -p Requires ${UNIT}`)).stdout).toBe('sysinit.target system.slice\n');
  });

  it('knows neither InvocationID nor NRestarts on systemd 219', async () => {
    const old = await show(fleet, fleet.host('compute-2'), UNIT);
    expect(old).toMatchObject({ ActiveState: 'active', UnitFileState: 'enabled' });
    expect(old).not.toHaveProperty('InvocationID');
    expect(old).not.toHaveProperty('NRestarts');
    expect(await show(fleet, host, UNIT)).toMatchObject({ NRestarts: '0' });
    expect((await run(fleet, fleet.host('compute-2'), 'systemctl --version')).stdout).toMatch(/^systemd 219\n/);
  });

  it('says a unit is masked, although it runs on', async () => {
    host.mask();
    expect(await show(fleet, host, UNIT)).toMatchObject({
      LoadState: 'masked',
      UnitFileState: 'masked',
      ActiveState: 'active',
    });
  });
});

describe('systemctl is-active, is-enabled and is-failed', () => {
  it('print a state a line and answer by exit code', async () => {
    await host.stopUnit('libvirtd');
    expect(await ops('systemctl is-active nova-compute libvirtd')).toMatchObject({
      code: 0,
      stdout: 'active\ninactive\n',
    });
    expect(await ops('systemctl is-active nope')).toMatchObject({ code: 3, stdout: 'inactive\n' });
    expect(await ops('systemctl is-failed nova-compute')).toMatchObject({ code: 1, stdout: 'active\n' });
    expect(await ops('systemctl is-enabled nova-compute')).toMatchObject({ code: 0, stdout: 'enabled\n' });
    host.enable(false);
    expect(await ops('systemctl is-enabled nova-compute')).toMatchObject({ code: 1, stdout: 'disabled\n' });
    expect(await ops('systemctl is-enabled nope')).toMatchObject({
      code: 1,
      stderr: 'Failed to get unit file state for nope.service: No such file or directory\n',
    });
  });
});

describe('systemctl restart and its kin', () => {
  it('need root', async () => {
    expect(await ops('systemctl restart nova-compute')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Failed to restart nova-compute.service: Interactive authentication required.'),
    });
    expect(await run(fleet, fleet.host('compute-2'), 'systemctl restart nova-compute')).toMatchObject({
      code: 4,
      stderr: 'Failed to restart nova-compute.service: Access denied\n',
    });
    expect(host.ledger.starts).toEqual([]);
  });

  it('give the unit a new fence, one start and one stop', async () => {
    const before = await show(fleet, host, UNIT);
    expect(await root(`systemctl restart ${UNIT}`)).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const after = await show(fleet, host, UNIT);
    expect(after).toMatchObject({ ActiveState: 'active', SubState: 'running', Job: '' });
    for (const part of [
      'MainPID',
      'InvocationID',
      'ExecMainStartTimestampMonotonic',
      'ActiveEnterTimestampMonotonic',
    ]) {
      expect(after[part]).not.toBe(before[part]);
    }
    expect(host.ledger.starts).toMatchObject([{ unit: UNIT, boot: false, by: 'hand' }]);
    expect(host.ledger.stops).toMatchObject([{ unit: UNIT, by: 'hand' }]);
  });

  it('pass through deactivating and activating with a job queued', async () => {
    host.slowRestart(60_000);
    void host.restartByAnotherHand();
    expect(await show(fleet, host, UNIT)).toMatchObject({
      ActiveState: 'deactivating',
      SubState: 'stop-sigterm',
      Job: expect.stringMatching(/^\d+$/),
    });
    host.slowRestart(60);
    const slow = fleet.host('compute-2');
    await slow.stopUnit();
    slow.slowRestart(60_000);
    void slow.startUnit();
    expect(await show(fleet, slow, UNIT)).toMatchObject({ ActiveState: 'activating', SubState: 'start' });
  });

  it('do nothing as try-restart of a unit that is stopped, failed or masked, and exit 0', async () => {
    await host.stopUnit();
    expect(await root(`systemctl try-restart ${UNIT}`)).toMatchObject({ code: 0, stderr: '' });
    await host.startUnit();
    host.crash();
    expect(await root(`systemctl try-restart ${UNIT}`)).toMatchObject({ code: 0, stderr: '' });
    await host.startUnit();
    host.mask();
    expect(await root(`systemctl try-restart ${UNIT}`)).toMatchObject({ code: 0, stderr: '' });
    expect(host.ledger.starts).toHaveLength(2);
  });

  it('refuse to start a unit that is masked or does not exist', async () => {
    host.mask();
    expect(await root(`systemctl restart ${UNIT}`)).toMatchObject({
      code: 1,
      stderr: `Failed to restart ${UNIT}: Unit ${UNIT} is masked.\n`,
    });
    await host.uninstall();
    expect(await root(`systemctl try-restart ${UNIT}`)).toMatchObject({
      code: 5,
      stderr: `Failed to try-restart ${UNIT}: Unit ${UNIT} not found.\n`,
    });
    expect(await root(`systemctl stop ${UNIT}`)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('not loaded.'),
    });
  });

  it('end with the unit failed when the start fails, and say so', async () => {
    host.failNextStart();
    expect(await root(`systemctl restart ${UNIT}`)).toMatchObject({
      code: 1,
      stderr:
        `Job for ${UNIT} failed because the control process exited with error code.\n` +
        `See "systemctl status ${UNIT}" and "journalctl -xeu ${UNIT}" for details.\n`,
    });
    expect(await show(fleet, host, UNIT)).toMatchObject({
      ActiveState: 'failed',
      SubState: 'failed',
      Result: 'exit-code',
      MainPID: '0',
      ExecMainStatus: '1',
      ExecMainCode: '1',
    });
    expect(await root(`systemctl start ${UNIT}`)).toMatchObject({ code: 0 });
    expect(await show(fleet, host, UNIT)).toMatchObject({ ActiveState: 'active', Result: 'success' });
  });

  it('hit the start limit at the sixth start in ten seconds, until reset-failed', async () => {
    for (let start = 1; start <= 5; start++) expect(await root(`systemctl restart ${UNIT}`)).toMatchObject({ code: 0 });
    expect(await root(`systemctl restart ${UNIT}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('failed because start of the service was attempted too often.\n'),
    });
    expect(await show(fleet, host, UNIT)).toMatchObject({ ActiveState: 'failed', Result: 'start-limit-hit' });
    expect(await root(`systemctl reset-failed ${UNIT}`)).toMatchObject({ code: 0 });
    expect(await show(fleet, host, UNIT)).toMatchObject({ ActiveState: 'inactive', Result: 'success' });
    expect(await root(`systemctl start ${UNIT}`)).toMatchObject({ code: 0 });
  });

  it('are cancelled by a stop', async () => {
    host.slowRestart(60_000);
    const restart = root(`systemctl restart ${UNIT}`);
    await expect.poll(() => host.manager.unit(UNIT)?.activeState).toBe('deactivating');
    host.slowRestart(60);
    await host.stopUnit();
    expect(await restart).toMatchObject({ code: 1, stderr: `Job for ${UNIT} canceled.\n` });
    await settled(host, UNIT, 'inactive');
    expect(host.ledger.starts).toEqual([]);
  });

  it('begin anew when a second restart meets the first one starting', async () => {
    await host.stopUnit();
    host.slowRestart(60_000);
    const first = root(`systemctl start ${UNIT}`);
    await expect.poll(() => host.manager.unit(UNIT)?.activeState).toBe('activating');
    host.slowRestart(60);
    expect(await root(`systemctl restart ${UNIT}`)).toMatchObject({ code: 0 });
    expect(await first).toMatchObject({ code: 0 });
    expect(host.ledger.starts).toHaveLength(2);
  });
});

describe('a unit that dies', () => {
  it('is failed, and stays so', async () => {
    host.dieAfter(20);
    await host.restartByAnotherHand();
    await settled(host, UNIT, 'failed');
    expect(await show(fleet, host, UNIT)).toMatchObject({ Result: 'exit-code', MainPID: '0', NRestarts: '0' });
    expect(host.ledger.stops.map(({ by }) => by)).toEqual(['hand', 'crash']);
  });

  it('is started again by systemd where the unit says so', async () => {
    const hosts = { 'compute-1': { restartOnFailure: true } };
    const restarting = await startSimFleet({ controllers: 0, computes: 1, restartMs: 30, hosts });
    const unit = restarting.host('compute-1');
    unit.crash();
    await settled(unit, UNIT, 'active');
    expect(await show(restarting, unit, UNIT)).toMatchObject({ NRestarts: '1' });
    expect(unit.ledger.starts).toMatchObject([{ by: 'systemd' }]);
    await restarting.stop();
  });
});
