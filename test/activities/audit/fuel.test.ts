import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createFuelChecks } from '../../../activities/audit/fuel.js';
import type { Finding } from '../../../domain/audit/finding.js';
import { type Answer, never, siteWith } from './appliance-site.js';

const ALL = ['fuel-containers', 'fuel-backup', 'fuel-ntp', 'fuel-space'];
const NODES = ['{ name: fuel-1, address: fuel-1, roles: [fuel], ssh: { user: root } }'];
const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/fuel/${name}`, import.meta.url), 'utf8');

const ask = (answer: Answer, wanted = ALL): Promise<Finding[]> =>
  createFuelChecks({ backupDir: '/var/backup/fuel' }).find(siteWith(NODES, { 'fuel-1': answer }), wanted, {}, never);

describe('the Fuel node', () => {
  it('in order has nothing to be found', async () => {
    expect(await ask(fixture('node-6.txt'))).toEqual([]);
  });

  it('of the last generation has no containers, and no room', async () => {
    expect(await ask(fixture('node-9.txt'))).toMatchObject([
      { check: 'fuel-space', severity: 'warn', evidence: [{ value: '8.8 GB free', threshold: 'warn below 11.0 GB' }] },
    ]);
  });

  it('in trouble has each of its troubles', async () => {
    const findings = await ask(fixture('node-6-troubles.txt'));
    expect(findings.map(({ check, node, about, severity }) => [check, node, about, severity])).toEqual([
      ['fuel-containers', 'fuel-1', 'nailgun', 'error'],
      ['fuel-containers', 'fuel-1', 'ostf', 'error'],
      ['fuel-backup', 'fuel-1', undefined, 'error'],
      ['fuel-ntp', 'fuel-1', undefined, 'error'],
      ['fuel-space', 'fuel-1', undefined, 'warn'],
    ]);
    expect(findings[2]?.what).toContain('is empty');
    expect(await ask(fixture('node-6-troubles.txt'), ['fuel-ntp'])).toHaveLength(1);
  });

  it('without the sudo rules is unknown as far as they go', async () => {
    const refused = fixture('node-6.txt').replace(
      /-- dockerctl --\n[\s\S]*?-- exit 0 --/,
      '-- dockerctl --\nsudo: a password is required\n-- exit 1 --',
    );
    const findings = await ask(refused);
    expect(findings).toMatchObject([{ check: 'fuel-containers', severity: 'unknown' }]);
    expect(findings[0]?.next).toContain('ostler sudoers --role fuel --user root');
  });

  it('that cannot be asked is unknown in every respect', async () => {
    const findings = await ask(new Error('fuel-1 cannot be reached'), ['fuel-backup', 'fuel-ntp']);
    expect(findings).toMatchObject([
      { check: 'fuel-backup', severity: 'unknown' },
      { check: 'fuel-ntp', severity: 'unknown' },
    ]);
    expect(await ask('-- now --\n')).toHaveLength(4);
  });
});
