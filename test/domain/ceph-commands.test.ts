import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cephChangeArgv, cephNames, osdOkToStop } from '../../domain/ceph-commands.js';
import { cephArgvs, sudoCommands } from '../../domain/commands.js';
import { aNode, anInventory } from './samples.js';

const site = anInventory([
  aNode('controller-1', { roles: ['controller'] }),
  aNode('storage-1.domain.tld', { roles: ['ceph-osd'] }),
  aNode('compute-1'),
]);
const folder = mkdtempSync(join(tmpdir(), 'ostler-ceph-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the commands of Ceph', () => {
  it('set and unset the flag of one host, and of all of Ceph where it knows no other', () => {
    const words = (...change: Parameters<typeof cephChangeArgv>) =>
      cephChangeArgv(...change)
        .slice(7)
        .join(' ');
    const scope = { kind: 'host', host: 'storage-1' } as const;
    expect(words({ kind: 'noout', scope })).toBe('osd set-group noout storage-1');
    expect(words({ kind: 'unset-noout', scope })).toBe('osd unset-group noout storage-1');
    expect(words({ kind: 'noout', scope: { kind: 'cluster' } })).toBe('osd set noout');
    expect(words({ kind: 'unset-noout', scope: { kind: 'cluster' } })).toBe('osd unset noout');
  });

  it('name the hosts of the inventory, each as Ceph may call it, and nobody else', () => {
    expect(cephNames({ name: 'a.tld', clusterName: 'a' })).toEqual(['a', 'a.tld']);
    for (const role of ['controller', 'ceph-osd'] as const) {
      const rules = sudoCommands(role, {}, undefined, site);
      const named = (words: string) =>
        rules.filter((rule) => rule.includes(words)).map((rule) => rule.split(' ').at(-1));
      expect(named('set-group noout')).toEqual([
        'storage-1.domain.tld',
        'storage-1.domain.tld',
        'storage-1',
        'storage-1',
      ]);
      expect(named('mon ok-to-stop')).toEqual(['controller-1']);
    }
    expect(cephArgvs('compute', site)).toEqual([]);
  });

  it('are without a flag where the site has no host of OSDs', () => {
    const without = anInventory([aNode('controller-1', { roles: ['controller'] })]);
    expect(sudoCommands('controller', {}, undefined, without).some((rule) => rule.includes('noout'))).toBe(false);
  });
});

describe('the question for a host’s OSDs', () => {
  const ceph = join(folder, 'ceph');
  writeFileSync(ceph, '#!/bin/sh\necho "said $*"\ncat\n');
  chmodSync(ceph, 0o755);
  const script = (osdOkToStop('storage-1').at(-1) as string).replaceAll('/usr/bin/ceph', ceph);
  const run = (text: string) =>
    spawnSync('/bin/sh', ['-c', text], { input: 'auth get client.admin\n', encoding: 'utf8' });

  it('asks with the numbers that Ceph itself tells', () => {
    writeFileSync(ceph, '#!/bin/sh\ncase "$*" in *ls-tree*) printf "0\\n4\\n" ;; *) echo "said $*" ;; esac\n');
    expect(run(script).stdout).toBe('said --connect-timeout 20 osd ok-to-stop 0 4\n');
  });

  // Sudo joins words with blanks before it compares them, so that the account may end the script at any blank.
  it('never hands anybody’s input to Ceph, wherever it is cut', () => {
    writeFileSync(ceph, '#!/bin/sh\necho "said $*"\ncat\n');
    const words = script.split(' ');
    const outputs = words.map((_word, index) => run(words.slice(0, index + 1).join(' ')).stdout);
    expect(outputs.some((output) => output.includes('said'))).toBe(true);
    expect(outputs.filter((output) => output.includes('auth'))).toEqual([]);
  });
});
