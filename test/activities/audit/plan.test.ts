import { describe, expect, it } from 'vitest';
import { planAudit } from '../../../activities/audit/plan.js';
import type { SshTransport } from '../../../activities/ssh/types.js';
import { checks } from '../../../domain/audit/checks.js';
import type { AuditRequest } from '../../../domain/audit/request.js';
import { auditSchema } from '../../../domain/audit/settings.schema.js';
import type { Inventory, Node } from '../../../domain/inventory.js';
import { siteOf } from '../../../inventory/load.js';
import { aNode, anInventory } from '../../domain/samples.js';

const controllers = ['controller-1', 'controller-2', 'controller-3'].map((name) =>
  aNode(name, { roles: ['controller'] }),
);
const computes = ['compute-1', 'compute-2'].map((name) => aNode(name));

function planned(
  request: Partial<AuditRequest> = {},
  { nodes = [...controllers, ...computes], ...more }: Partial<Inventory> & { nodes?: Node[] } = {},
) {
  const inventory = siteOf(anInventory(nodes, more), '/etc/ostler/ostler.yaml');
  const site = { inventory, run: () => Promise.reject(new Error('nobody is asked')), ssh: {} as SshTransport };
  return planAudit(site, { cloud: 'prod', actor: 'alice', reason: 'look', ...request });
}

const asked = ({ systems }: ReturnType<typeof planned>): string[] => systems.flatMap((one) => one.checks);

describe('what an audit asks', () => {
  it('is everything that fits the nodes and the settings, each node check where its role is', () => {
    const plan = planned();
    expect(plan.nodes.map(({ name }) => name)).toEqual([...controllers, ...computes].map(({ name }) => name));
    expect(plan.nodeChecks).toEqual([...checks.values()].filter(({ scope }) => scope === 'node').map(({ id }) => id));
    expect(plan.systems.map(({ system }) => system)).toEqual(
      expect.arrayContaining(['pacemaker', 'galera', 'rabbitmq', 'haproxy', 'ceph']),
    );
    expect(plan.systems.map(({ system }) => system)).not.toContain('openstack');
    expect(asked(plan)).not.toContain('fuel-backup');
  });

  it('is the OpenStack APIs where the site says how, and appliances where there are some', () => {
    const plan = planned(
      {},
      {
        nodes: [
          ...controllers,
          aNode('array', { roles: ['eqlx'] }),
          aNode('master', { roles: ['fuel'] }),
          aNode('m1', { roles: ['mongo'] }),
        ],
        openstack: { cloudsYaml: './clouds.yaml', cloud: 'prod' },
      },
    );
    expect(asked(plan)).toEqual(
      expect.arrayContaining(['api-keystone', 'nova-services', 'eqlx-pool', 'fuel-backup', 'mongodb']),
    );
    expect(plan.nodes.map(({ name }) => name)).not.toContain('array');
  });

  it('is less where the site leaves checks out, unless somebody names them', () => {
    const audit = auditSchema.parse({ off: ['memory', 'galera'] });
    const plan = planned({}, { audit });
    expect(plan.nodeChecks).not.toContain('memory');
    expect(asked(plan)).not.toContain('galera');
    expect(planned({ checks: ['memory'] }, { audit }).nodeChecks).toEqual(['reachable', 'memory']);
  });

  it('is a module or a check that is named, and whether its nodes can be asked', () => {
    const plan = planned({ checks: ['rabbitmq', 'load'] });
    expect(plan.nodeChecks).toEqual(['reachable', 'load']);
    expect(asked(plan)).toEqual(expect.arrayContaining(['rabbitmq', 'rabbitmq-queues']));
    expect(plan.systems).toHaveLength(1);
  });

  it('is no node when only checks of the cloud are named', () => {
    const plan = planned({ checks: ['galera'] });
    expect(plan).toMatchObject({ nodes: [], nodeChecks: [], systems: [{ system: 'galera' }] });
  });

  it('is only nodes when they are selected, and of the cloud what is named', () => {
    expect(planned({ on: 'compute-1' })).toMatchObject({ nodes: [{ name: 'compute-1' }], systems: [] });
    expect(planned({ on: 'compute-1', checks: ['galera', 'load'] })).toMatchObject({
      nodes: [{ name: 'compute-1' }],
      systems: [{ system: 'galera' }],
    });
  });

  it('asks no node what does not fit any of its roles', () => {
    const plan = planned({ checks: ['corosync-node'] });
    expect(plan.nodes.map(({ name }) => name)).toEqual(controllers.map(({ name }) => name));
  });

  it.each([
    ['a check that there is not', { checks: ['memry'] }, 'there is no check memry; did you mean memory?'],
    [
      'a node that there is not',
      { on: 'compute-9' },
      'the node compute-9 is not in the inventory; did you mean compute-1?',
    ],
    ['another cloud', { cloud: 'test' }, 'this worker holds the inventory of prod, not of test'],
    ['nothing to ask', { checks: ['fuel-backup'] }, 'there is nothing to ask: none of these checks fits the inventory'],
    ['no reason', { reason: ' ' }, /^reason: /],
    ['an empty list', { checks: [] }, /^checks: /],
  ])('refuses %s', (_, request, why) => {
    expect(() => planned(request)).toThrow(why);
  });
});
