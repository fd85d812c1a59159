import { execFileSync } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KnownHosts, knownHostNames } from '../../../activities/ssh/known-hosts.js';
import { scratchDirectory } from './support/scratch.js';

const directory = scratchDirectory();
let files = 0;

/** The keys trusted for a host, in a file with these lines. */
function lookup(lines: string[], host: { name: string; address: string; port?: number }) {
  const file = join(directory, `known_hosts_${files++}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return new KnownHosts().lookup([file], knownHostNames({ port: 22, ...host }));
}
const keys = (lines: string[], host: Parameters<typeof lookup>[1]) => lookup(lines, host).trusted.map(({ key }) => key);

describe('known_hosts', () => {
  const compute = { name: 'compute-1.example.org', address: '10.0.0.21' };

  it('finds a host by name and by address', () => {
    expect(keys(['compute-1.example.org ssh-ed25519 AAAA1'], compute)).toEqual(['AAAA1']);
    expect(keys(['10.0.0.21 ssh-ed25519 AAAA2'], compute)).toEqual(['AAAA2']);
    expect(keys(['compute-1.example.org,10.0.0.21 ssh-ed25519 AAAA3'], compute)).toEqual(['AAAA3']);
    expect(keys(['10.0.0.2 ssh-ed25519 AAAA4', 'example.org ssh-ed25519 AAAA5'], compute)).toEqual([]);
  });

  it('ignores the case of host names', () => {
    expect(keys(['Compute-1.Example.ORG ssh-rsa K'], { ...compute, name: 'COMPUTE-1.example.org' })).toEqual(['K']);
  });

  it('wants [host]:port away from port 22, and only there', () => {
    const lines = ['10.0.0.21 ssh-rsa BARE', '[10.0.0.21]:2222 ssh-rsa PORT'];
    expect(keys(lines, { ...compute, port: 2222 })).toEqual(['PORT']);
    expect(keys(lines, compute)).toEqual(['BARE']);
  });

  it('understands wildcards and negation', () => {
    const lines = ['*.example.org,!db-?.example.org ssh-rsa K'];
    expect(keys(lines, compute)).toEqual(['K']);
    expect(keys(lines, { name: 'db-1.example.org', address: '10.0.0.9' })).toEqual([]);
    expect(keys(lines, { name: 'db-10.example.org', address: '10.0.0.9' })).toEqual(['K']);
    expect(keys(['10.0.?.21 ssh-rsa K'], compute)).toEqual(['K']);
  });

  it('finds names that ssh-keygen -H has hashed', () => {
    const file = join(directory, 'hashed');
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ0kxBl3JPZrpNzHQ5ZvLJQ1oFkHm8mQW9Yqk5nq3w5L';
    writeFileSync(file, `compute-1.example.org ssh-ed25519 ${key}\n[10.0.0.21]:2222 ssh-ed25519 ${key}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const find = (name: string, address: string, port: number) =>
      new KnownHosts().lookup([file], knownHostNames({ name, address, port })).trusted.map(({ line }) => line);
    expect(find('compute-1.example.org', '10.9.9.9', 22)).toEqual([1]);
    expect(find('elsewhere', '10.0.0.21', 2222)).toEqual([2]);
    expect(find('elsewhere', '10.0.0.21', 22)).toEqual([]);
  });

  it('sorts @revoked and @cert-authority lines apart and remembers where they stand', () => {
    const found = lookup(
      ['# a comment', '', '@revoked * ssh-rsa BAD', '@cert-authority *.example.org ssh-rsa CA', '10.0.0.21 ssh-rsa K'],
      compute,
    );
    expect(found.revoked).toMatchObject([{ line: 3, key: 'BAD' }]);
    expect(found.authorities).toMatchObject([{ line: 4, key: 'CA' }]);
    expect(found.trusted).toMatchObject([{ line: 5, key: 'K', type: 'ssh-rsa' }]);
  });

  it('names a line once when both name and address match it', () => {
    expect(keys(['* ssh-rsa K'], compute)).toEqual(['K']);
  });

  it('reads a file again when it has changed, and takes a missing one as empty', () => {
    const file = join(directory, 'changing');
    const known = new KnownHosts();
    const find = () => known.lookup([file], ['10.0.0.21']).trusted.map(({ key }) => key);
    expect(find()).toEqual([]);
    writeFileSync(file, '10.0.0.21 ssh-rsa OLD\n');
    expect(find()).toEqual(['OLD']);
    writeFileSync(file, '10.0.0.21 ssh-rsa NEW\n');
    utimesSync(file, 1, 1);
    expect(find()).toEqual(['NEW']);
  });
});
