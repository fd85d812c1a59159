import { describe, expect, it } from 'vitest';
import { parseSimulation } from '../../../activities/pacemaker/simulation.js';
import { fixture } from './recorded.js';

describe('what Pacemaker 2.1.5 says it would do, recorded', () => {
  const of = (name: string) => parseSimulation(fixture(`pacemaker-2.1.5/${name}.txt`));

  it('without the holder of an address: start it elsewhere', () => {
    expect(of('simulate-node-down')).toEqual([{ action: 'start', resource: 'vip__management', to: 'controller-2' }]);
  });

  it('without one that holds none: nothing', () => {
    expect(of('simulate-no-holder')).toEqual([]);
  });

  it('without one that is on its way out already', () => {
    expect(of('simulate-standby')).toEqual([{ action: 'start', resource: 'vip__public', to: 'controller-3' }]);
  });

  it('without the only one that could hold an address: nothing, for it says nothing of what runs nowhere', () => {
    expect(of('simulate-nowhere')).toEqual([]);
  });

  it('with a standby instead: what moves, and what stops', () => {
    expect(of('simulate-put-in-standby')).toEqual([
      { action: 'move', resource: 'vip__management', from: 'controller-1', to: 'controller-2' },
      { action: 'move', resource: 'vip__public', from: 'controller-1', to: 'controller-3' },
      { action: 'stop', resource: 'p_haproxy', from: 'controller-1' },
    ]);
  });

  it('with a standby of the node where a resource is promoted: it stops, role or not', () => {
    expect(of('simulate-put-promoted-in-standby')).toEqual([
      { action: 'stop', resource: 'p_haproxy', from: 'controller-2' },
      { action: 'stop', resource: 'p_rabbitmq', from: 'controller-2' },
    ]);
  });

  it('with a changed resource and a promotable one that is new', () => {
    expect(of('simulate-restart-and-promote')).toEqual([
      { action: 'restart', resource: 'vip__public', from: 'controller-1' },
      { action: 'promote', resource: 'p_rabbitmq', to: 'controller-2' },
      { action: 'start', resource: 'p_rabbitmq', to: 'controller-3' },
      { action: 'start', resource: 'p_rabbitmq', to: 'controller-1' },
    ]);
  });

  it('with failures: what it recovers', () => {
    expect(of('simulate-recover')).toEqual([
      { action: 'recover', resource: 'vip__public', from: 'controller-1' },
      { action: 'recover', resource: 'p_haproxy', from: 'controller-2' },
    ]);
  });
});

it('what Pacemaker 1.1 says, with roles and tabs, is read alike', () => {
  const [one, two, three] = [1, 2, 3].map((number) => `node-${number}.domain.tld`);
  expect(parseSimulation(fixture('pacemaker-1.1/simulate-node-down.txt'))).toEqual([
    { action: 'move', resource: 'vip__public', from: one, to: two },
    { action: 'stop', resource: 'p_haproxy', from: one },
    { action: 'restart', resource: 'p_neutron-dhcp-agent', from: two },
    { action: 'demote', resource: 'p_rabbitmq-server', to: one },
    { action: 'promote', resource: 'p_rabbitmq-server', to: two },
    { action: 'start', resource: 'p_openstack-ceilometer-central', to: three },
  ]);
});

describe('a line', () => {
  const line = (text: string) => parseSimulation(`Transition Summary:\n${text}\n`);

  it.each([
    ['  * Move       vip     ( a -> b )', [{ action: 'move', resource: 'vip', from: 'a', to: 'b' }]],
    ['  * Move       vip     ( Started a -> b )', [{ action: 'move', resource: 'vip', from: 'a', to: 'b' }]],
    ['  * Stop       p:0     ( a )  due to node availability', [{ action: 'stop', resource: 'p', from: 'a' }]],
    ['  * Stop       p:0     ( Promoted a )  blocked', []],
    ['  * Recover    p       ( a )', [{ action: 'recover', resource: 'p', from: 'a' }]],
    ['  * Promote    p:1     ( Slave -> Master b )', [{ action: 'promote', resource: 'p', to: 'b' }]],
    ['  * Migrate    vm      ( a -> b )', [{ action: 'move', resource: 'vm', from: 'a', to: 'b' }]],
    [' * Start   vip\t(a - blocked)', []],
    [' * Stop    p:0\t(a - blocked)', []],
    ['  * Resource action: vip  start on b', []],
    ['  * Fence (reboot) a', []],
    [' * Leave   vip (Started a)', []],
    ['  * vip (ocf:heartbeat:IPaddr2): Started a', []],
    ['', []],
    ['Permission denied', []],
  ])('%j', (text, moves) => {
    expect(line(text)).toEqual(moves);
  });
});
