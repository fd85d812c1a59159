import { expect, it } from 'vitest';
import { cliConstraints, clusterProperties } from '../../../activities/pacemaker/cib.js';
import { UnreadableCluster } from '../../../activities/pacemaker/read-script.js';
import { fixture } from './recorded.js';

it('finds what a ban and a move left, and no constraint of the configuration', () => {
  const constraintsOf = (name: string) => cliConstraints(fixture(`pacemaker-2.1.5/${name}-constraints.xml`));
  const vip = { resource: 'vip__public', node: 'controller-3' };
  expect(constraintsOf('healthy')).toEqual([]);
  expect(constraintsOf('banned')).toEqual([{ id: 'cli-ban-vip__public-on-controller-3', ...vip, score: '-INFINITY' }]);
  expect(constraintsOf('moved')).toEqual([{ id: 'cli-prefer-vip__public', ...vip, score: 'INFINITY' }]);
});

it('finds node and end of one with a lifetime in its rule', () => {
  expect(cliConstraints(fixture('pacemaker-1.1/constraints.xml'))).toEqual([
    { id: 'cli-prefer-vip__public', resource: 'vip__public', node: 'node-2.domain.tld', score: 'INFINITY' },
    {
      id: 'cli-ban-clone_p_mysql-on-node-3.domain.tld',
      resource: 'clone_p_mysql',
      node: 'node-3.domain.tld',
      score: '-INFINITY',
      until: '2026-11-24 12:00:00Z',
    },
  ]);
});

it('reads a CIB without any constraint', () => {
  expect(cliConstraints('<constraints/>')).toEqual([]);
});

it('keeps the properties that a health check needs, and no other', () => {
  expect(clusterProperties(fixture('pacemaker-1.1/properties.xml'))).toEqual({
    'maintenance-mode': 'true',
    'no-quorum-policy': 'ignore',
    'stonith-enabled': 'false',
    'symmetric-cluster': 'false',
  });
  expect(clusterProperties('<crm_config/>')).toEqual({});
});

it('refuses what is no CIB', () => {
  expect(() => cliConstraints('<xpath-query/>')).toThrow(UnreadableCluster);
  expect(() => clusterProperties('')).toThrow(UnreadableCluster);
});
