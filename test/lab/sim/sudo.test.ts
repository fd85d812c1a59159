import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimFleet, startSimFleet } from '../../../lab/sim/fleet.js';
import type { SimHost } from '../../../lab/sim/host.js';
import { run } from './sessions.js';

let fleet: SimFleet;
let host: SimHost;
beforeAll(async () => {
  const hosts = { 'compute-2': { journalAccess: false } };
  fleet = await startSimFleet({ controllers: 0, computes: 2, restartMs: 20, hosts });
  host = fleet.host('compute-1');
});
afterAll(() => fleet.stop());

const ALLOWED =
  '/usr/bin/systemd-run --unit ostler-0123456789abcdef --remain-after-exit /bin/systemctl try-restart nova-compute.service';

describe('sudo -n -l', () => {
  it('prints an allowed command line and exits 0, without running it', async () => {
    expect(await run(fleet, host, `sudo -n -l ${ALLOWED}`)).toEqual({ code: 0, stdout: `${ALLOWED}\n`, stderr: '' });
    expect(host.ledger.starts).toEqual([]);
  });

  it.each([
    ['another command', '/usr/bin/id'],
    ['another unit', ALLOWED.replace('nova-compute', 'sshd')],
    ['a second unit', `${ALLOWED} sshd.service`],
    ['an intent of 17 digits', ALLOWED.replace('abcdef', 'abcdef0')],
    ['an extra option', ALLOWED.replace('--unit', '--wait --unit')],
    ['restart instead of try-restart', ALLOWED.replace('try-restart', 'restart')],
  ])('refuses %s', async (_, command) => {
    expect(await run(fleet, host, `sudo -n -l ${command}`)).toMatchObject({ code: 1, stdout: '' });
    expect(await run(fleet, host, `sudo -n ${command}`)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'sudo: a password is required\n',
    });
  });
});

describe('sudo', () => {
  it('takes /bin and /usr/bin for one directory, and finds a bare name', async () => {
    for (const path of ['/bin/systemd-run', 'systemd-run']) {
      expect(await run(fleet, host, `sudo -n -l ${ALLOWED.replace('/usr/bin/systemd-run', path)}`)).toMatchObject({
        code: 0,
      });
    }
  });

  it('allows nothing once it is refused', async () => {
    host.refuseSudo();
    expect(await run(fleet, host, `sudo -n ${ALLOWED}`)).toMatchObject({
      code: 1,
      stderr: 'sudo: a password is required\n',
    });
    host.refuseSudo(false);
    expect(await run(fleet, host, `sudo -n -l ${ALLOWED}`)).toMatchObject({ code: 0 });
  });
});

describe('journalctl', () => {
  it('prints the last lines of a unit in the format asked for', async () => {
    await host.restartByAnotherHand();
    const { stdout } = await run(fleet, host, 'journalctl -u nova-compute -n 2 --no-pager -o short-iso');
    expect(stdout).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000 compute-1 systemd\[1\]: Starting nova-compute.service - OpenStack Nova Compute Server...\n\S+ compute-1 systemd\[1\]: Started nova-compute.service - OpenStack Nova Compute Server.\n$/,
    );
    expect((await run(fleet, host, 'journalctl -u nothing -n 2 --no-pager')).stdout).toBe('-- No entries --\n');
  });

  it('needs the group systemd-journal', async () => {
    expect(await run(fleet, fleet.host('compute-2'), 'journalctl -u nova-compute -n 2 --no-pager -q')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'No journal files were opened due to insufficient permissions.\n',
    });
  });
});
