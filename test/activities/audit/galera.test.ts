import { describe, expect, it } from 'vitest';
import { galeraCloudChecks } from '../../../activities/audit/galera.js';
import { prints } from '../controllers/fake-controller.js';
import { clusterSite, type FakeHost, never } from './cluster-site.js';

const database = (mysql: string): FakeHost => ({ installed: ['/usr/sbin/mysqld'], programs: { mysql } });
const synced = database(prints('galera-26.4/synced.txt'));
const nothing: FakeHost = { installed: [] };
const find = (hosts: Record<string, FakeHost>, signal = never) => {
  const site = clusterSite(hosts);
  return galeraCloudChecks.find(site, ['galera'], {}, signal);
};
const three = (one: FakeHost, other = one, last = other) => ({
  'controller-1': one,
  'controller-2': other,
  'controller-3': last,
});

describe('Galera in an audit', () => {
  it('is well by three real members that are', async () => {
    expect(await find(three(synced))).toEqual([]);
  });

  it('takes a site’s own numbers', async () => {
    const site = clusterSite(three(synced));
    const findings = await galeraCloudChecks.find(site, ['galera'], { galera: { queue: 0.1 } }, never);
    expect(findings).toHaveLength(3);
    expect(findings[0]?.evidence).toMatchObject([
      { value: 'wsrep_local_recv_queue_avg 0.111111', threshold: 'warn above 0.1' },
    ]);
  });

  it('tells of a database that is stopped, cut off or desynced, on its controller', async () => {
    const stopped = database(`${prints('galera-26.4/stopped.txt')} >&2; exit 1`);
    expect(await find(three(synced, stopped, database(prints('galera-26.4/non-primary.txt'))))).toMatchObject([
      { node: 'controller-2', severity: 'error', evidence: [{ value: expect.stringMatching(/^ERROR 2002/) }] },
      { node: 'controller-3', severity: 'error', what: expect.stringContaining('non-Primary') },
    ]);
    expect(await find(three(synced, database(prints('galera-26.4/desynced.txt')), synced))).toMatchObject([
      { node: 'controller-2', severity: 'error', what: 'Galera on controller-2 is Donor/Desynced, not Synced' },
    ]);
  });

  it('asks for a login where there is none, which is no finding about the database', async () => {
    const denied = database(`echo "ERROR 1698 (28000): Access denied for user 'ops'@'localhost'" >&2; exit 1`);
    expect(await find(three(denied, synced))).toMatchObject([
      { node: 'controller-1', severity: 'unknown', next: expect.stringContaining('CREATE USER ops@localhost') },
    ]);
  });

  it('has nothing to say where nobody has it, or where databases stand alone', async () => {
    expect(await find(three(nothing))).toEqual([]);
    const alone = database(`printf 'wsrep_cluster_size\\t0\\nwsrep_cluster_status\\tDisconnected\\n'`);
    expect(await find(three(alone))).toEqual([]);
  });

  it('does not know of one in a container', async () => {
    const container: FakeHost = {
      installed: [],
      programs: {
        systemctl: `printf 'Id=mariadb.service\\nLoadState=not-found\\n\\nId=kolla-mariadb-container.service\\nLoadState=loaded\\n'`,
      },
    };
    expect(await find(three(container))).toMatchObject([
      { severity: 'unknown', evidence: { 0: { value: expect.stringContaining('kolla-mariadb-container.service') } } },
    ]);
  });

  it('is unknown where nobody is reached, and throws nothing', async () => {
    expect(await find({})).toMatchObject([{ check: 'galera', severity: 'unknown' }]);
  });

  it('ends with the reason of whoever stops it', async () => {
    const stop = new Error('enough');
    await expect(find(three(synced), AbortSignal.abort(stop))).rejects.toBe(stop);
  });
});
