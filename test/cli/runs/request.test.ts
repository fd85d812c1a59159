import { describe, expect, it } from 'vitest';
import {
  nextOccurrence,
  parseClock,
  parseModule,
  parseOn,
  parseTarget,
  rolloutRequest,
} from '../../../cli/runs/request.js';
import { rolloutRequestSchema } from '../../../domain/request.schema.js';

const now = new Date(2026, 10, 23, 2, 0).getTime();
const who = { cloud: 'prod', actor: 'ada@bastion', reason: 'OPS-1', now };

describe('the request that is sent', () => {
  it('has the documented defaults and nothing that was not said', () => {
    expect(rolloutRequest('nova-compute', {}, who)).toEqual({
      operation: 'restart',
      cloud: 'prod',
      target: 'nova-compute',
      actor: 'ada@bastion',
      reason: 'OPS-1',
      soakMs: 10_000,
      maxFailures: 0,
      onFailure: 'pause',
      promote: false,
      pauseDeadlineMs: 86_400_000,
      admitDeadlineMs: 3_600_000,
    });
  });

  it('carries every flag and passes the check that the worker makes', () => {
    const request = rolloutRequest(
      'libvirtd',
      {
        on: 'compute-*,!compute-7',
        batch: [1, '25%'],
        spread: true,
        maxUnavailable: '30%',
        soak: 30_000,
        maxFailures: 2,
        onFailure: 'abort',
        promote: true,
        until: { hours: 6, minutes: 0 },
        pauseDeadline: 60_000,
      },
      who,
    );
    expect(request).toMatchObject({
      selection: 'compute-*,!compute-7',
      batch: [1, '25%'],
      spread: true,
      maxUnavailable: '30%',
      soakMs: 30_000,
      maxFailures: 2,
      onFailure: 'abort',
      promote: true,
      untilMs: new Date(2026, 10, 23, 6, 0).getTime(),
      pauseDeadlineMs: 60_000,
    });
    expect(rolloutRequestSchema.parse(request)).toEqual(request);
  });
});

describe('--until', () => {
  it('is today while the time is still to come', () => {
    expect(nextOccurrence({ hours: 2, minutes: 1 }, now)).toBe(now + 60_000);
  });

  it('is tomorrow once it has come', () => {
    expect(nextOccurrence({ hours: 2, minutes: 0 }, now)).toBe(new Date(2026, 10, 24, 2, 0).getTime());
  });

  it.each(['24:00', '6', '06:60', 'noon', '-1:00'])('%s is no time of day', (text) => {
    expect(parseClock(text)).toBeUndefined();
  });
});

describe('a target', () => {
  it.each(['nova-compute', 'openstack-nova-compute', 'openstack-nova-compute.service'])(
    '%s is nova-compute',
    (text) => {
      expect(parseTarget(text)).toBe('nova-compute');
    },
  );

  it.each([
    ['ceph-mon.target', 'ceph-mon'],
    ['mongodb', 'mongod'],
  ])('%s is %s, whose hosts take their turns by a procedure of its own', (text, id) => {
    expect(parseTarget(text)).toBe(id);
  });

  it('that is far from everything is refused without a guess', () => {
    expect(() => parseTarget('zzzzzz')).toThrow(/`ostler restart --help` says what is/);
    expect(() => parseTarget('zzzzzz')).not.toThrow(/did you mean/);
  });

  it.each([
    ['mysql', /ostler restart controllers --module mysql/],
    ['clone_p_rabbitmq-server', /ostler restart controllers --module rabbitmq/],
    ['neutron-ovs-cleanup', /ports of running guests/],
    ['pacemaker', /ostler failover NODE/],
    ['ceph', /ceph-mon, ceph-osd\n.*ostler service restart ceph/],
    ['nova', /each service is restarted by itself: .*nova-conductor[\s\S]*--module nova/],
  ])('%s is refused, and what fits is said', (text, fits) => {
    expect(() => parseTarget(text)).toThrow(fits);
  });

  it('is also a module of controllers, by its name or that of a service of it', () => {
    expect(['nova', 'glance-api', 'openstack-glance-api.service', 'p_haproxy'].map(parseModule)).toEqual([
      'nova',
      'glance-api',
      'glance-api',
      'haproxy',
    ]);
    expect(() => parseModule('glanze')).toThrow(/did you mean glance\?/);
    expect(() => parseModule('ceph')).toThrow(/ostler restart ceph-mon/);
    expect(() => parseModule('nova-compute')).toThrow(/no module of controllers/);
  });
});

it('--on takes every form of a selection', () => {
  for (const text of ['compute-1,compute-2', '!compute-7', 'domain=rack-a&label.gen=2', 'role=compute'])
    expect(parseOn(text)).toBe(text);
});
