import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countProcesses, processesScript } from '../../../activities/eqlx/cinder-processes.js';
import { parsePool } from '../../../activities/eqlx/pool.js';

const fixture = (name: string): string[] =>
  readFileSync(new URL(`../../fixtures/eqlx/${name}`, import.meta.url), 'utf8').split('\n');
const GB = 1024 ** 3;

describe('a pool', () => {
  it.each(['pool-plain.txt', 'pool-formatted.txt'])('is read from %s', (name) => {
    expect(parsePool('default', fixture(name))).toEqual({ pool: 'default', capacity: 2560 * GB, free: 600 * GB });
  });

  it('may be full, and is never guessed', () => {
    expect(parsePool('p', ['TotalCapacity: 1TB', 'FreeSpace: 0MB']).free).toBe(0);
    expect(() => parsePool('p', ['TotalCapacity: 1TB'])).toThrow('does not say the capacity and the free space');
    expect(() => parsePool('p', ['TotalCapacity: 1TB', 'FreeSpace: plenty'])).toThrow('FreeSpace: plenty');
  });
});

describe('the processes of Cinder', () => {
  it('are listed by a script that does not find itself', () => {
    const stdout = execFileSync('/bin/sh', ['-c', processesScript()], { encoding: 'utf8' });
    expect(countProcesses('c1', stdout)).toEqual({ node: 'c1', volume: 0, backup: 0 });
  });

  it('are not known from an answer that breaks off', () => {
    expect(() => countProcesses('c1', '', 'sh: ps: not found')).toThrow(
      'c1 does not list its processes: sh: ps: not found',
    );
  });
});
