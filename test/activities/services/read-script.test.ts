import { describe, expect, it } from 'vitest';
import { parseUnits, unitsScript } from '../../../activities/services/read-script.js';
import { runScript } from '../systemd/fake-host.js';
import { BOOT_ID } from '../systemd/recorded.js';

const asked = { units: ['kolla-nova_compute-container.service'], containers: true };
const answer = (containers: string, block = 'LoadState=loaded\nActiveState=active\nSubState=running'): string =>
  `${BOOT_ID}\n1000.00 2000.00\nId=x\n${block}\n-- failed units --\n● broken.service loaded failed failed Broken\n-- containers --\n${containers}`;

describe('the read of services', () => {
  it('takes what the container engine says of each container', () => {
    const { containers, containersSilent } = parseUnits(
      answer('nova_compute/Up 2 days (healthy)\nheat_api/Exited (1) 3 minutes ago\n'),
      asked,
    );
    expect([...containers]).toEqual([
      ['nova_compute', 'Up 2 days (healthy)'],
      ['heat_api', 'Exited (1) 3 minutes ago'],
    ]);
    expect(containersSilent).toBeUndefined();
  });

  it('keeps why the engine did not say, without what is secret', () => {
    const { containersSilent } = parseUnits(answer('!sudo: a password is required password=geheim\n'), asked);
    expect(containersSilent).toMatch(/^sudo: a password is required/);
    expect(containersSilent).not.toContain('geheim');
  });

  it.each(['', BOOT_ID, answer('').replace('-- containers --', ''), answer('').replace(BOOT_ID, 'Welcome!')])(
    "refuses an answer that is cut short, or is no systemd's",
    (stdout) => {
      expect(() => parseUnits(stdout, asked)).toThrow('unexpected answer');
    },
  );

  it('reads an old systemd, which knows less', () => {
    const unit = parseUnits(
      answer('', 'LoadState=loaded\nActiveState=inactive\nUnitFileState=enabled'),
      asked,
    ).units.get(asked.units[0] as string);
    expect(unit).toMatchObject({ fileState: 'enabled', mainEndedUs: 0, type: '' });
    expect(unit?.restarts).toBeUndefined();
  });

  it('asks sudo for nothing where no engine is, and names units literally', () => {
    const ran = runScript(unitsScript({ units: ["a'b.service", '$(reboot).service'], containers: true }), {
      bootId: BOOT_ID,
    });
    expect(ran.sudo).toBeUndefined();
    expect(ran.systemctl).toEqual(expect.arrayContaining(["a'b.service", '$(reboot).service']));
  });
});
