import { describe, expect, it } from 'vitest';
import { cephCloudChecks } from '../../../activities/audit/ceph.js';
import { cephChecks } from '../../../domain/audit/ceph-checks.js';
import { findingKey } from '../../../domain/audit/finding.js';
import { prints } from '../controllers/fake-controller.js';
import { clusterSite, type FakeHost, never } from './cluster-site.js';

const ALL = cephChecks.map(({ id }) => id);
const FILES = {
  status: 'status',
  quorum_status: 'quorum',
  'osd tree': 'osd-tree',
  'osd dump': 'osd-dump',
  'osd df': 'osd-df',
  df: 'df',
};
const line = (command: string): string => `*'/usr/bin/ceph --connect-timeout 20 ${command} -f json'`;

/** A host whose Ceph is well, but for what it prints of another state. */
const ceph = (state: string, names: (keyof typeof FILES)[] = [], more: Record<string, string> = {}): FakeHost => ({
  installed: ['/usr/bin/ceph'],
  answers: {
    ...Object.fromEntries(
      Object.entries(FILES).map(([command, file]) => {
        const from = names.includes(command as keyof typeof FILES) ? state : 'healthy';
        return [line(command), prints(`ceph-16.2/${from}/${file}.json`)];
      }),
    ),
    ...more,
  },
});
const fails = (said: string, code = 1): FakeHost =>
  ceph('healthy', [], { [line('status')]: `${prints(`ceph-16.2/${said}.txt`)} >&2; exit ${code}` });
const nothing: FakeHost = { installed: [] };
const ask = async (hosts: Record<string, FakeHost>, wanted = ALL) => {
  const site = clusterSite(hosts);
  return { findings: await cephCloudChecks.find(site, wanted, {}, never), site };
};
const short = (findings: Awaited<ReturnType<typeof ask>>['findings']) =>
  findings.map((one) => `${one.severity} ${findingKey(one)}`);

describe('Ceph in an audit', () => {
  it('is well by a real cluster that is, asked of one controller', async () => {
    const { findings, site } = await ask({ 'controller-1': ceph('healthy'), 'controller-2': ceph('healthy') });
    expect(findings).toEqual([]);
    expect(site.sent).toEqual(['controller-1']);
    expect(site.askedOf('controller-1')).toHaveLength(6);
  });

  it('reads no more than what is wanted', async () => {
    const { site } = await ask({ 'controller-1': ceph('healthy') }, ['ceph-mons']);
    expect(site.askedOf('controller-1').map((command) => command.split(' 20 ')[1])).toEqual([
      'status -f json',
      'quorum_status -f json',
    ]);
  });

  it('tells real flags, of all and of single hosts and OSDs', async () => {
    const { findings } = await ask({ 'controller-1': ceph('flags', ['status', 'osd dump']) });
    expect(short(findings)).toEqual([
      'warn ceph-flags//noout',
      'warn ceph-flags//norecover',
      'warn ceph-flags//noout:storage-2',
      'warn ceph-flags//noout:osd.3',
    ]);
  });

  it('tells a real OSD that is down, with its host, and what follows for placement groups', async () => {
    const { findings } = await ask({ 'controller-1': ceph('osd-down', ['status', 'osd tree']), 'storage-1': nothing });
    expect(short(findings)).toEqual(['warn ceph//placement-groups', 'error ceph-osds/storage-1/osd.1']);
    expect(findings[1]?.what).toBe('osd.1 on storage-1 is down and still in: Ceph has not given it up yet');
  });

  it('tells a real host that is down once', async () => {
    const { findings } = await ask({ 'controller-1': ceph('host-down', ['osd tree']) }, ['ceph-osds']);
    expect(findings).toMatchObject([
      { about: 'host:storage-1', evidence: [{ value: 'osd.0 down and out, osd.1 down and in' }] },
    ]);
  });

  it('tells a real monitor that is not in quorum on its controller', async () => {
    const { findings } = await ask({ 'controller-1': ceph('mon-down', ['status', 'quorum_status']) });
    expect(short(findings)).toEqual(['error ceph-mons/controller-3/mon.controller-3']);
  });

  it('repeats what Ceph calls nearly full, and has numbers of its own', async () => {
    const host = ceph('nearfull', ['status', 'osd df', 'df']);
    const { findings } = await ask({ 'controller-1': host });
    expect(short(findings)).toEqual(['warn ceph//OSD_NEARFULL', 'warn ceph//POOL_NEARFULL']);
    const site = clusterSite({ 'controller-1': host });
    const own = await cephCloudChecks.find(site, ['ceph-capacity'], { 'ceph-capacity': { warn: 5, error: 50 } }, never);
    expect(own).toMatchObject([{ about: 'raw', severity: 'warn', evidence: [{ threshold: 'warn at 5 %' }] }]);
  });

  it('asks the next controller where one gets no answer', async () => {
    const { findings, site } = await ask({ 'controller-2': fails('no-keyring', 13), 'controller-3': ceph('healthy') });
    expect(findings).toEqual([]);
    expect(site.sent).toEqual(['controller-1', 'controller-2', 'controller-3']);
  });

  it('is unknown in every check where nobody gets an answer, and asks for nothing more', async () => {
    const silent = fails('no-quorum');
    const { findings, site } = await ask({ 'controller-1': silent, 'controller-2': silent, 'controller-3': silent });
    expect(short(findings)).toEqual(ALL.map((id) => `unknown ${id}/`));
    expect(findings[0]?.evidence.map(({ value }) => value)).toContain('controller-1: timed out');
    expect(findings[0]?.next).toContain('mon_status');
    expect(site.askedOf('controller-1')).toHaveLength(1);
  });

  it('says that a key is missing where one is, and not that Ceph is silent', async () => {
    const { findings } = await ask({ 'controller-1': fails('no-keyring', 13) }, ['ceph']);
    expect(findings).toMatchObject([
      { what: 'Ceph could not be asked from any node', next: expect.stringContaining('client.admin') },
    ]);
  });

  it('is asked from a host of OSDs where no controller has its command', async () => {
    const { findings, site } = await ask({
      'controller-1': nothing,
      'controller-2': nothing,
      'controller-3': nothing,
      'storage-1': ceph('healthy'),
    });
    expect(findings).toEqual([]);
    expect(site.sent.at(-1)).toBe('storage-1');
  });

  it('has nothing to say where there is no Ceph, with or without its client', async () => {
    const client = fails('no-configuration');
    const { findings } = await ask({ 'controller-1': client, 'controller-2': nothing, 'controller-3': client });
    expect(findings).toEqual([]);
  });

  it('is unknown where the inventory has its hosts and nobody its command', async () => {
    const { findings } = await ask({
      'controller-1': nothing,
      'controller-2': nothing,
      'controller-3': nothing,
      'storage-1': nothing,
    });
    expect(short(findings)).toEqual(ALL.map((id) => `unknown ${id}/`));
  });

  it('is unknown where no controller is reached', async () => {
    expect(short((await ask({})).findings)).toEqual(ALL.map((id) => `unknown ${id}/`));
  });

  it('does not miss what an old version cannot tell', async () => {
    const old = 'echo "Error EINVAL: invalid command"; echo "no valid command found; 10 closest matches" >&2; exit 22';
    const { findings } = await ask({ 'controller-1': ceph('healthy', [], { [line('osd df')]: old }) }, [
      'ceph-capacity',
    ]);
    expect(findings).toEqual([]);
  });

  it('does not know what could not be read, and tells the rest', async () => {
    const broken = ceph('healthy', [], { [line('osd tree')]: "echo '{'", [line('osd df')]: 'exit 5' });
    const { findings } = await ask({ 'controller-1': broken });
    expect(short(findings)).toEqual(['unknown ceph-osds/', 'unknown ceph-capacity//osds']);
  });
});
