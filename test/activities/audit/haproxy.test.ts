import { describe, expect, it } from 'vitest';
import { haproxyCloudChecks } from '../../../activities/audit/haproxy.js';
import { prints } from '../controllers/fake-controller.js';
import { clusterSite, type FakeHost, never } from './cluster-site.js';

const FIRST = "*'show stat'*/run/haproxy/admin.sock";
const SECOND = "*'show stat'*/var/lib/haproxy/stats";
const NO_SOCKET = 'echo "socat: connect: No such file or directory" >&2; exit 1';
const proxy = (first: string, second = NO_SOCKET, pgrep = 'echo 812'): FakeHost => ({
  installed: ['/usr/sbin/haproxy'],
  answers: { [FIRST]: first, [SECOND]: second },
  programs: { pgrep },
});
const find = (one: FakeHost, other = one, last = other) => {
  const site = clusterSite({ 'controller-1': one, 'controller-2': other, 'controller-3': last });
  return haproxyCloudChecks.find(site, ['haproxy'], {}, never);
};
const allUp = prints('haproxy-2.6/all-up.csv');

describe('HAProxy in an audit', () => {
  it('is well by real statistics of one that is, from whichever socket answers', async () => {
    expect(await find(proxy(allUp), proxy(NO_SOCKET, allUp))).toEqual([]);
  });

  it.each([
    ['down', 'error', 'controller-2 is DOWN for keystone-1, say controller-1 and controller-2 and controller-3'],
    ['disabled', 'warn', expect.stringMatching(/^controller-2 is MAINT for /)],
    ['going-down', 'warn', expect.stringMatching(/^controller-2 is UP 1\/2 for /)],
    ['coming-up', 'warn', expect.stringMatching(/^controller-2 is DOWN 1\/2 for /)],
  ])('tells of real statistics with a server %s', async (state, severity, what) => {
    const findings = await find(proxy(prints(`haproxy-2.6/${state}.csv`)));
    expect(findings).toMatchObject([{ node: 'controller-2', severity, what }]);
  });

  it('tells of one that does not run', async () => {
    expect(await find(proxy(allUp), proxy(NO_SOCKET, NO_SOCKET, 'exit 1'), proxy(allUp))).toMatchObject([
      { node: 'controller-2', severity: 'error', evidence: [{ value: expect.stringContaining('it does not run') }] },
    ]);
  });

  it('does not know of one whose sockets are elsewhere, or that answers in other words', async () => {
    const refused = proxy('echo "Permission denied"');
    expect(await find(proxy(allUp), proxy(NO_SOCKET), refused)).toMatchObject([
      { node: 'controller-2', severity: 'unknown', next: expect.stringContaining('cluster.haproxySockets') },
      {
        node: 'controller-3',
        severity: 'unknown',
        evidence: [{ value: expect.stringContaining('Permission denied') }],
      },
    ]);
  });

  it('does not know of one that sudo keeps from us', async () => {
    const { answers: _, ...closed } = proxy(allUp);
    expect(await find(proxy(allUp), closed, proxy(allUp))).toMatchObject([
      { node: 'controller-2', severity: 'unknown', next: expect.stringContaining('ostler sudoers') },
    ]);
  });
});
