import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimFleet, startSimFleet } from '../../../lab/sim/fleet.js';
import type { SimHost } from '../../../lab/sim/host.js';
import { connect, exec, openssh, restartScript, run, settled, show } from './sessions.js';

const UNIT = 'nova-compute.service';
const INTENT = '0123456789abcdef';
const TRANSIENT = `ostler-${INTENT}.service`;
let fleet: SimFleet;
let host: SimHost;
beforeEach(async () => {
  const hosts = { 'compute-2': { systemdVersion: 219, distribution: 'rdo' as const } };
  fleet = await startSimFleet({ controllers: 0, computes: 2, restartMs: 60, hosts });
  host = fleet.host('compute-1');
});
afterEach(() => fleet.stop());

const finished = (subState: string) => expect.poll(() => host.manager.unit(TRANSIENT)?.subState).toBe(subState);

describe('the restart of an intent', () => {
  it('returns at once, restarts once, and is remembered', async () => {
    host.slowRestart(60_000);
    const outcome = await openssh(fleet, host, restartScript(host, INTENT));
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: `Running as unit: ${TRANSIENT}\n` });
    expect(await show(fleet, host, TRANSIENT)).toMatchObject({
      LoadState: 'loaded',
      UnitFileState: 'transient',
      ActiveState: 'active',
      SubState: 'running',
      ExecMainCode: '0',
    });
    expect(host.ledger.stops).toMatchObject([{ unit: UNIT, by: 'intent' }]);
  });

  it('ends active (exited), with the unit new', async () => {
    const before = await show(fleet, host, UNIT);
    expect(await run(fleet, host, restartScript(host, INTENT))).toMatchObject({ code: 0 });
    await finished('exited');
    expect(await show(fleet, host, TRANSIENT)).toMatchObject({
      ActiveState: 'active',
      Result: 'success',
      MainPID: '0',
    });
    expect((await show(fleet, host, UNIT)).InvocationID).not.toBe(before.InvocationID);
    expect(host.ledger.starts).toMatchObject([{ unit: UNIT, boot: false, by: 'intent' }]);
  });

  it('happens once when nine are sent at the same time', async () => {
    const client = await connect(fleet, host);
    const outcomes = await Promise.all(Array.from({ length: 9 }, () => exec(client, restartScript(host, INTENT))));
    client.end();
    await finished('exited');
    await settled(host, UNIT, 'active');
    expect(outcomes.filter(({ code }) => code === 0)).toHaveLength(1);
    expect(host.ledger.starts).toHaveLength(1);
  });

  it('is refused a second time, as each age of systemd says it', async () => {
    await run(fleet, host, restartScript(host, INTENT));
    await settled(host, UNIT, 'active');
    expect(await run(fleet, host, restartScript(host, INTENT))).toMatchObject({
      code: 1,
      stderr: `Failed to start transient service unit: Unit ${TRANSIENT} was already loaded or has a fragment file.\n`,
    });
    const old = fleet.host('compute-2');
    expect(await run(fleet, old, restartScript(old, INTENT))).toMatchObject({
      code: 0,
      stderr: `Running as unit ${TRANSIENT}.\n`,
    });
    await settled(old, 'openstack-nova-compute.service', 'active');
    expect(await run(fleet, old, restartScript(old, INTENT))).toMatchObject({
      code: 1,
      stderr: `Failed to start transient service unit: Unit ${TRANSIENT} already exists.\n`,
    });
  });

  it('ends failed when the start fails, and still holds its name', async () => {
    host.failNextStart();
    await run(fleet, host, restartScript(host, INTENT));
    await finished('failed');
    expect(await show(fleet, host, TRANSIENT)).toMatchObject({
      ActiveState: 'failed',
      Result: 'exit-code',
      ExecMainStatus: '1',
    });
    host.allowSudo(['.*']);
    expect(
      await run(fleet, host, `sudo -n systemd-run --unit ostler-${INTENT} --remain-after-exit /bin/true`),
    ).toMatchObject({ code: 1 });
    const { stdout } = await run(fleet, host, `journalctl -u ${UNIT} -u ${TRANSIENT} -n 20 --no-pager -o cat`);
    expect(stdout).toContain('Value for option compute_driver is not valid');
    expect(stdout).toContain(`${UNIT}: Main process exited, code=exited, status=1/FAILURE`);
    expect(stdout).toContain(`Job for ${UNIT} failed because`);
  });

  it('is not sent when the boot, the state or a job says otherwise', async () => {
    const other = restartScript(host, INTENT).replace(host.bootId, '00000000-0000-4000-8000-000000000000');
    expect(await run(fleet, host, other)).toMatchObject({ code: 81 });
    await host.stopUnit();
    expect(await run(fleet, host, restartScript(host, INTENT))).toMatchObject({ code: 82 });
    expect(host.manager.unit(TRANSIENT)).toBeUndefined();
  });
});

describe('systemd-run', () => {
  it('needs root and an executable, and knows its options', async () => {
    expect(await run(fleet, host, 'systemd-run --unit x /bin/true')).toMatchObject({
      code: 1,
      stderr: 'Failed to start transient service unit: Access denied\n',
    });
    host.allowSudo(['/usr/bin/systemd-run .*']);
    expect(await run(fleet, host, 'sudo -n systemd-run --unit x /bin/nosuch')).toMatchObject({
      code: 1,
      stderr: 'Failed to find executable /bin/nosuch: No such file or directory\n',
    });
    expect(await run(fleet, host, 'sudo -n systemd-run --frob /bin/true')).toMatchObject({
      code: 1,
      stderr: "systemd-run: unrecognized option '--frob'\n",
    });
  });

  it('forgets a unit that succeeded when it may not remain', async () => {
    host.allowSudo(['/usr/bin/systemd-run .*']);
    expect(await run(fleet, host, 'sudo -n systemd-run --unit x /bin/true')).toMatchObject({ code: 0 });
    await expect.poll(() => host.manager.unit('x.service')).toBeUndefined();
  });
});
