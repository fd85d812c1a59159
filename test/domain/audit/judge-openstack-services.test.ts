import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeCinderServices } from '../../../domain/audit/judge-cinder-services.js';
import { judgeHeatServices } from '../../../domain/audit/judge-heat-services.js';
import { judgeHypervisors } from '../../../domain/audit/judge-hypervisors.js';
import { judgeNovaServices } from '../../../domain/audit/judge-nova-services.js';
import type { ServiceReport } from '../../../domain/audit/service-report.js';

const row = (binary: string, host: string, more: Partial<ServiceReport> = {}): ServiceReport => ({
  binary,
  host,
  status: 'enabled',
  state: 'up',
  updatedAt: '2015-04-28T03:12:03.000000',
  disabledReason: '',
  forcedDown: false,
  ...more,
});

/** Nodes of the inventory by what the cloud calls them. */
const nodeOf = (host: string): string | undefined => /^(node-\d)\.domain\.tld$/.exec(host)?.[1];

const conductor = row('nova-conductor', 'node-1.domain.tld');

describe('services of Nova', () => {
  const judged = (rows: ServiceReport[], computes: string[] = []) => judgeNovaServices(rows, computes, nodeOf);

  it('are well when they are up and enabled', () => {
    expect(judged([conductor, row('nova-compute', 'node-5.domain.tld')], ['node-5'])).toEqual([]);
  });

  it('that are down are errors on their node, also when they are disabled', () => {
    const down = row('nova-compute', 'node-5.domain.tld', { state: 'down', status: 'disabled', disabledReason: 'RAM' });
    expect(judged([conductor, down], ['node-5'])).toEqual([
      {
        check: 'nova-services',
        node: 'node-5',
        about: 'nova-compute',
        severity: 'error',
        what: 'nova-compute on node-5 is down and disabled (RAM) for Nova',
        evidence: [
          {
            value: 'state down, status disabled, updated at 2015-04-28T03:12:03.000000',
            threshold: 'state up, status enabled',
            command: 'openstack compute service list --long',
          },
        ],
        next: expect.stringContaining('ostler restart nova-compute'),
      },
    ]);
  });

  it('that somebody has forced down warn of guests that may run twice', () => {
    const [finding] = judged([row('nova-compute', 'node-5.domain.tld', { state: 'down', forcedDown: true })]);
    expect(finding).toMatchObject({ severity: 'error', what: 'nova-compute on node-5 is forced down for Nova' });
    expect(finding?.next).toContain('no guest runs there twice');
  });

  it('that are disabled are warnings with their reason', () => {
    const disabled = row('nova-compute', 'node-5.domain.tld', { status: 'disabled', disabledReason: 'bad RAM' });
    expect(judged([disabled])).toMatchObject([
      { severity: 'warn', node: 'node-5', what: 'nova-compute on node-5 is disabled (bad RAM) for Nova' },
    ]);
  });

  it('of hosts that are no nodes are told by host', () => {
    const strange = ['ironic-7', ''].map((host) => row('nova-compute', host, { state: 'down' }));
    const found = judged(strange);
    expect(found.map(({ about }) => about)).toEqual(['nova-compute on ironic-7', 'nova-compute of no host']);
    expect(found.every(({ node }) => node === undefined)).toBe(true);
  });

  it('lack a compute of the inventory that Nova does not list', () => {
    const rows = [conductor, row('nova-compute', 'node-5.domain.tld')];
    expect(judged(rows, ['node-5', 'node-6'])).toMatchObject([
      { severity: 'warn', node: 'node-6', about: 'nova-compute', evidence: [{ value: 'no row' }] },
    ]);
  });

  it('are an error when there is none at all, and nothing is said of each compute then', () => {
    const what = 'Nova lists no service at all, not even a conductor';
    expect(judged([], ['node-5', 'node-6'])).toMatchObject([{ severity: 'error', what }]);
  });

  it('are well only when Nova says exactly that', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('up', 'down', '', 'UP'),
        fc.constantFrom('enabled', 'disabled', ''),
        (state, status) => {
          const [finding] = judged([row('nova-scheduler', 'node-1.domain.tld', { state, status })]);
          expect(finding?.severity).toBe(state !== 'up' ? 'error' : status !== 'enabled' ? 'warn' : undefined);
        },
      ),
    );
  });
});

describe('hypervisors', () => {
  it('are errors when they are not up, and a disabled one is a finding of the services', () => {
    const found = judgeHypervisors(
      [
        { host: 'node-5.domain.tld', state: 'down', status: 'enabled' },
        { host: 'node-6.domain.tld', state: 'up', status: 'disabled' },
        { host: '11111111-1111-4111-8111-111111111111', state: 'down', status: 'enabled' },
      ],
      nodeOf,
    );
    expect(found).toMatchObject([
      { severity: 'error', node: 'node-5', about: 'hypervisor' },
      { severity: 'error', about: 'hypervisor on 11111111-1111-4111-8111-111111111111' },
    ]);
  });
});

describe('services of Cinder', () => {
  const judged = (rows: ServiceReport[], backupOnDemand = true) => judgeCinderServices(rows, backupOnDemand, nodeOf);

  it('are judged by backend', () => {
    const down = { state: 'down' };
    expect(
      judged([
        row('cinder-scheduler', 'node-1.domain.tld'),
        row('cinder-volume', 'node-1.domain.tld@ceph', down),
        row('cinder-volume', 'node-1.domain.tld@eqlx', down),
        row('cinder-volume', 'cinder@cinder_eqlx', { status: 'disabled', disabledReason: 'moving away' }),
      ]),
    ).toMatchObject([
      { severity: 'error', node: 'node-1', about: 'cinder-volume@ceph', what: expect.stringContaining('backend ceph') },
      { severity: 'error', node: 'node-1', about: 'cinder-volume@eqlx' },
      { severity: 'warn', about: 'cinder-volume@cinder_eqlx on cinder' },
    ]);
  });

  it('may have a row without a backend that was left behind', () => {
    const leftover = row('cinder-volume', 'cinder', { status: 'disabled', state: 'down' });
    expect(judged([leftover])).toEqual([]);
    expect(judged([{ ...leftover, status: 'enabled' }])).toMatchObject([{ severity: 'error' }]);
    expect(judged([{ ...leftover, state: 'up' }])).toMatchObject([{ severity: 'warn' }]);
    expect(judged([{ ...leftover, binary: 'cinder-scheduler' }])).toMatchObject([{ severity: 'error' }]);
  });

  it('need cinder-backup only where it does not run on demand', () => {
    const backup = row('cinder-backup', 'node-1.domain.tld', { state: 'down' });
    expect(judged([backup])).toEqual([]);
    expect(judged([backup], false)).toMatchObject([{ severity: 'error', node: 'node-1', about: 'cinder-backup' }]);
    expect(judged([{ ...backup, state: 'up', status: 'disabled' }])).toMatchObject([{ severity: 'warn' }]);
  });
});

describe('engines of Heat', () => {
  const engine = (host: string, status: string) => ({ host, status, updatedAt: '2015-04-28T03:12:03Z' });

  it('are well on a host as long as one is up, whatever earlier ones have left', () => {
    const rows = [engine('node-1.domain.tld', 'down'), engine('node-1.domain.tld', 'up')];
    expect(judgeHeatServices(rows, nodeOf)).toEqual([]);
  });

  it('are one error for a host without any that is up', () => {
    const rows = [
      ...['down', 'down'].map((status) => engine('node-1.domain.tld', status)),
      engine('node-2.domain.tld', 'up'),
    ];
    expect(judgeHeatServices(rows, nodeOf)).toMatchObject([
      {
        severity: 'error',
        node: 'node-1',
        about: 'heat-engine',
        evidence: [{ value: expect.stringMatching(/^none of 2 up/) }],
      },
    ]);
  });

  it('are an error when there are none', () => {
    expect(judgeHeatServices([], nodeOf)).toMatchObject([{ severity: 'error', what: 'Heat lists no engine at all' }]);
  });
});
