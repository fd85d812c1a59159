import { describe, expect, it } from 'vitest';
import { auditReadsOf } from '../../../domain/audit/node-commands.js';

const lines = (...args: Parameters<typeof auditReadsOf>): string[] =>
  auditReadsOf(...args).map((argv) => argv.join(' '));

const config = (path: string) => ({ path, roles: ['compute' as const], entries: {}, ignore: [] });

describe('what an audit reads as root of a node', () => {
  it('is literal, limited, and known by its path', () => {
    for (const line of lines('controller')) {
      expect(line).toMatch(/^\/usr\/bin\/timeout -k 1 5 \/\S+ /);
      // sudoers would take these for patterns.
      expect(line).not.toMatch(/[*?[\]!]/);
    }
  });

  it('is nothing on hosts that have no service of the cloud', () => {
    for (const role of ['mongo', 'ceph-osd', 'fuel', 'eqlx'] as const) expect(lines(role)).toEqual([]);
  });

  it('holds configuration files with logins of databases on controllers alone', () => {
    expect(lines('controller')).toContain('/usr/bin/timeout -k 1 5 /bin/cat /etc/keystone/keystone.conf');
    expect(lines('compute').filter((line) => line.includes('/bin/cat'))).toEqual([]);
  });

  it('holds none of these where the site leaves the check out', () => {
    expect(lines('controller', undefined, ['database-login']).filter((line) => line.includes('/bin/cat'))).toEqual([]);
  });

  it('holds the files that ostler.yaml names, on the roles that it names, each once', () => {
    const configs = [config('/etc/nova/nova.conf'), config('/etc/nova/nova.conf')];
    expect(lines('compute', { configs }).filter((line) => line.includes('/bin/cat'))).toEqual([
      '/usr/bin/timeout -k 1 5 /bin/cat /etc/nova/nova.conf',
    ]);
    expect(lines('controller', { configs })).toEqual(lines('controller'));
  });
});
