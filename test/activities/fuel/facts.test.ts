import { execFileSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDockerPs } from '../../../activities/fuel/containers.js';
import { backupsOf, clockOf, containersOf, freeOf } from '../../../activities/fuel/facts.js';
import { fuelScript, type Part, parseFuel } from '../../../activities/fuel/read-script.js';
import { folderWith } from '../../inventory/scratch.js';

const answer = (name: Part, text: string, exitCode = 0) => new Map([[name, { text, exitCode }]]);

describe('the script of a Fuel node', () => {
  it('really finds backups, room and time, and what is not there is not asked', async () => {
    const folder = await folderWith({});
    const dir = `${folder}/it's here`;
    mkdirSync(`${dir}/backup_1`, { recursive: true });
    const path = `${dir}/backup_1/fuel_backup_2015-09-12_0349.tar.lrz`;
    writeFileSync(path, 'four');
    writeFileSync(`${dir}/notes.txt`, '');
    utimesSync(path, 1_442_000_000, 1_442_000_000);
    const answers = parseFuel(execFileSync('/bin/sh', ['-c', fuelScript(dir)], { encoding: 'utf8' }));
    const now = Math.floor(Date.now() / 1000);
    expect(backupsOf(answers)).toEqual({
      value: { now: expect.closeTo(now, -2), backups: [{ path, bytes: 4, writtenAt: 1_442_000_000 }] },
    });
    expect(freeOf(answers)).toEqual({ value: expect.any(Number) });
    expect('value' in clockOf(answers) || 'why' in clockOf(answers)).toBe(true);
  });

  it('knows that a folder that is not there holds no backup, and measures the room above it', async () => {
    const folder = await folderWith({});
    const answers = parseFuel(execFileSync('/bin/sh', ['-c', fuelScript(`${folder}/not/there`)], { encoding: 'utf8' }));
    expect(backupsOf(answers)).toMatchObject({ value: { backups: [] } });
    expect(freeOf(answers)).toEqual({ value: expect.any(Number) });
  });

  it('that is cut short is no answer', () => {
    expect(() => parseFuel('-- now --\n1\n-- exit 0 --\n')).toThrow('cut short');
  });
});

describe('what a Fuel node says', () => {
  it('of its containers is unknown without sudo, and without anything of Fuel', () => {
    expect(containersOf(answer('dockerctl', 'sudo: a password is required', 1))).toEqual({
      why: 'dockerctl lists no containers: sudo: a password is required',
    });
    expect(containersOf(answer('dockerctl', '', 124))).toEqual({
      why: 'dockerctl lists no containers: it did not answer in time',
    });
    expect(containersOf(answer('nailgun', 'LoadState=loaded'))).toEqual({ value: [] });
    expect(containersOf(answer('nailgun', 'LoadState=not-found'))).toHaveProperty('why');
  });

  it('of its containers is read from docker, where dockerctl is gone', () => {
    const head =
      'CONTAINER ID   IMAGE              COMMAND        CREATED       STATUS                     PORTS   NAMES';
    const rows = [
      '8f2b1c0a1b2c   fuel/nailgun_6.1   "/bin/start"   2 weeks ago   Up 3 days                          fuel-core-6.1-nailgun',
      '1c0a1b2c8f2b   fuel/ostf_6.1      "/bin/start"   2 weeks ago   Exited (137) 2 hours ago           fuel-core-6.1-ostf',
    ];
    expect(parseDockerPs([head, ...rows].join('\n'))).toEqual([
      { name: 'fuel-core-6.1-nailgun', status: 'Up 3 days', isRunning: true },
      { name: 'fuel-core-6.1-ostf', status: 'Exited (137) 2 hours ago', isRunning: false },
    ]);
    expect(parseDockerPs('Cannot connect to the Docker daemon')).toBeUndefined();
  });

  it('of its backups is unknown where the folder cannot be looked through', () => {
    const answers = new Map([...answer('now', '7'), ...answer('backups', "find: '/x': Permission denied", 1)]);
    expect(backupsOf(answers)).toEqual({
      why: "the folder of backups cannot be looked through: find: '/x': Permission denied",
    });
  });

  it('of its time is unknown when the service does not answer', () => {
    const answers = new Map([...answer('active', 'ntpd'), ...answer('ntpq', 'ntpq: read: Connection refused', 1)]);
    expect(clockOf(answers)).toEqual({ why: '`ntpq -pn` does not answer: ntpq: read: Connection refused' });
    expect(clockOf(answer('active', ''))).toEqual({ value: { active: [], command: 'ntpq -pn' } });
  });
});
