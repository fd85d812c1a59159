import { expect, it } from 'vitest';
import { type CatalogueEntry, catalogue } from '../../domain/catalogue.js';
import type { ClusterResource } from '../../domain/cluster.js';
import { isClone, placesOf, resourceFor } from '../../domain/pacemaker-resources.js';
import { aResource } from './cluster-samples.js';

const entry = (id: string): CatalogueEntry => catalogue.get(id) as CatalogueEntry;

const instance = (id: string, parent: string, node: string, agent?: string): ClusterResource =>
  aResource(id, { kind: 'clone-instance', parent, nodes: [node], ...(agent && { agent }) });

it.each([
  ['a clone by the name of the clone', 'mysql', [instance('p_mysql', 'clone_p_mysql', 'c1')], 'clone_p_mysql'],
  ['a clone of another name by its primitive', 'mysql', [instance('p_mysql', 'p_mysql-clone', 'c1')], 'p_mysql-clone'],
  [
    'a promotable one',
    'rabbitmq',
    [instance('p_rabbitmq-server', 'master_p_rabbitmq-server', 'c1')],
    'master_p_rabbitmq-server',
  ],
  ['what there is one of', 'neutron-dhcp-agent', [aResource('p_neutron-dhcp-agent')], 'p_neutron-dhcp-agent'],
  ['a unit of systemd under any name', 'haproxy', [instance('lb', 'lb-clone', 'c1', 'systemd:haproxy')], 'lb-clone'],
  ['a unit of systemd with its suffix', 'nova-api', [aResource('api', { agent: 'systemd:nova-api.service' })], 'api'],
  [
    'nothing of what it does not run',
    'keystone',
    [aResource('vip__public', { agent: 'ocf:heartbeat:IPaddr2' })],
    undefined,
  ],
  ['nothing of a name that only begins alike', 'mysql', [aResource('p_mysql-backup')], undefined],
] as const)('finds %s', (_, id, resources, name) => {
  expect(resourceFor({ resources: [...resources] }, entry(id))).toBe(name);
});

it('tells where instances run, and a clone from what there is one of', () => {
  const view = {
    resources: [
      instance('p_mysql', 'clone_p_mysql', 'c1'),
      instance('p_mysql', 'clone_p_mysql', 'c2'),
      aResource('p_neutron-dhcp-agent', { nodes: ['c3'] }),
    ],
  };
  expect([placesOf(view, 'clone_p_mysql'), placesOf(view, 'p_neutron-dhcp-agent')]).toEqual([['c1', 'c2'], ['c3']]);
  expect([isClone(view, 'clone_p_mysql'), isClone(view, 'p_neutron-dhcp-agent')]).toEqual([true, false]);
});
