import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addAnswer,
  CheckAnswerError,
  checkScript,
  type HostAnswer,
  inParts,
  parseCheck,
  type Questions,
} from '../../../cli/commands/check-script.js';
import { cephArgvs, controllerArgvs, intentArgvs } from '../../../domain/commands.js';
import { readsOf } from '../../../domain/pacemaker-commands.js';

let bin: string;

beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), 'ostler-check-'));
});
afterAll(() => rmSync(bin, { recursive: true, force: true }));

/** Runs the script in a real sh on a host whose programs are these. */
function onHost(questions: Questions, programs: Record<'systemctl' | 'journalctl' | 'sudo', string>): string {
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  return execFileSync('/bin/sh', ['-c', checkScript(questions).replaceAll('/usr/bin/ceph', join(bin, 'ceph'))], {
    env,
    encoding: 'utf8',
  });
}

const systemctl = `
[ "$1" = --version ] && { echo 'systemd 252 (252.38-1~deb12u1)'; echo '+PAM +AUDIT'; exit 0; }
for unit; do :; done
case $unit in
  nova-compute.service) printf 'LoadState=loaded\\nActiveState=active\\n' ;;
  libvirtd.service) printf 'LoadState=masked\\nActiveState=inactive\\n' ;;
  *) printf 'LoadState=not-found\\nActiveState=inactive\\n' ;;
esac`;

import { aNode, anInventory } from '../../domain/samples.js';

describe('the script of a check', () => {
  it('tells what there is, and asks sudo only about units that are there', () => {
    const log = join(bin, 'sudo.log');
    const stdout = onHost(
      { units: ['libvirtd.service', 'nova-compute.service', 'openstack-nova-compute.service'] },
      {
        systemctl,
        journalctl: 'echo started',
        sudo: `printf '%s\\n' "$*" >> ${log}`,
      },
    );
    expect(parseCheck(stdout)).toEqual({
      systemd: 252,
      journal: true,
      units: new Map([
        ['libvirtd.service', { load: 'masked', active: 'inactive', refusals: [] }],
        ['nova-compute.service', { load: 'loaded', active: 'active', refusals: [] }],
        ['openstack-nova-compute.service', { load: 'not-found', active: 'inactive', refusals: [] }],
      ]),
    });
    const asked = execFileSync('cat', [log], { encoding: 'utf8' }).trim().split('\n');
    expect(asked).toEqual(intentArgvs('nova-compute.service').map((argv) => ['-n', '-l', ...argv].join(' ')));
  });

  it('asks sudo about the reads of a cluster where there is one', () => {
    const log = join(bin, 'reads.log');
    const programs = { journalctl: 'echo started', sudo: `printf '%s\\n' "$*" >> ${log}` };
    const reads = readsOf('controller');
    const withPacemaker = `printf 'LoadState=loaded\\nActiveState=active\\n'`;
    const stdout = onHost({ cluster: reads }, { ...programs, systemctl: withPacemaker });
    expect(parseCheck(stdout).units.get('pacemaker.service')).toMatchObject({ load: 'loaded', refusals: [] });
    const asked = execFileSync('cat', [log], { encoding: 'utf8' }).trim().split('\n');
    expect(asked).toEqual(reads.map((argv) => ['-n', '-l', ...argv].join(' ')));

    const without = onHost({ cluster: reads }, { ...programs, systemctl, sudo: 'exit 1' });
    expect(parseCheck(without).units.get('pacemaker.service')).toEqual({
      load: 'not-found',
      active: 'inactive',
      refusals: [],
    });
  });

  it('asks sudo about the commands of Ceph where there is a client for it', () => {
    const log = join(bin, 'ceph.log');
    const programs = { systemctl, journalctl: ':', sudo: `printf '%s\\n' "$*" >> ${log}; exit 1` };
    const site = anInventory([
      aNode('controller-1', { roles: ['controller'] }),
      aNode('storage-1', { roles: ['ceph-osd'] }),
    ]);
    const ceph = cephArgvs('ceph-osd', site);
    expect(parseCheck(onHost({ ceph }, programs)).ceph).toBeUndefined();
    writeFileSync(join(bin, 'ceph'), '', { mode: 0o755 });
    expect(parseCheck(onHost({ ceph }, programs)).ceph).toEqual(ceph.map(() => ''));
    const asked = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(asked.map((line) => line.replaceAll(join(bin, 'ceph'), '/usr/bin/ceph'))).toEqual(
      ceph.map((argv) => ['-n', '-l', ...argv].join(' ')),
    );
    for (const words of [
      'ls-tree storage-1',
      'mon ok-to-stop controller-1',
      'set-group noout storage-1',
      'unset noout',
    ])
      expect(
        asked.some((line) => line.includes(words)),
        words,
      ).toBe(true);
  });

  it('keeps what sudo said when it refuses', () => {
    const stdout = onHost(
      { units: ['nova-compute.service'] },
      {
        systemctl,
        journalctl: 'echo started',
        sudo: 'echo "We trust you have received the usual lecture"; echo "sudo: a password is required" >&2; exit 1',
      },
    );
    const { refusals } = parseCheck(stdout).units.get('nova-compute.service') ?? { refusals: [] };
    expect(refusals).toEqual(intentArgvs('nova-compute.service').map(() => 'sudo: a password is required'));
  });

  it('counts a refusal without a word', () => {
    const stdout = onHost({ units: ['nova-compute.service'] }, { systemctl, journalctl: ':', sudo: 'exit 1' });
    const answer = parseCheck(stdout);
    expect(answer.units.get('nova-compute.service')?.refusals).toHaveLength(intentArgvs('nova-compute.service').length);
    expect(answer.journal).toBe(false);
  });

  it('tells a host without systemd', () => {
    const stdout = onHost(
      { units: ['nova-compute.service'] },
      { systemctl: 'exit 127', journalctl: 'exit 1', sudo: 'exit 1' },
    );
    const answer = parseCheck(stdout);
    expect(answer.systemd).toBeUndefined();
    expect(answer.units.get('nova-compute.service')).toEqual({ load: '', active: '', refusals: [] });
  });
});

it('refuses an answer that is cut short', () => {
  expect(() => parseCheck('systemd 252\nunit nova-compute.service LoadState=loaded\n')).toThrow(CheckAnswerError);
});

describe('questions in parts', () => {
  const controllers = Array.from({ length: 5 }, (_, index) =>
    aNode(`controller-${index + 1}.a-long-domain.example.org`, { roles: ['controller'] }),
  );
  const commands = controllerArgvs(anInventory(controllers));

  it('ask everything, and none is longer than any server of SSH must take', () => {
    const parts = inParts(commands);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.flat()).toEqual(commands);
    for (const part of parts) expect(checkScript({ cluster: part }).length).toBeLessThan(35_000);
  });

  it('are one answer in the end', () => {
    const answer = (refusals: string[]): HostAnswer => ({
      journal: true,
      units: new Map([['pacemaker.service', { load: 'loaded', active: 'active', refusals }]]),
      ceph: refusals,
    });
    const whole = answer([]);
    addAnswer(whole, answer(['sudo: a password is required']));
    expect(whole.units.get('pacemaker.service')?.refusals).toEqual(['sudo: a password is required']);
    expect(whole.ceph).toEqual(['sudo: a password is required']);
  });
});
