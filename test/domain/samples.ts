import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { auditSchema } from '../../domain/audit/settings.schema.js';
import { type CatalogueEntry, catalogue } from '../../domain/catalogue.js';
import type { Inventory, Node } from '../../domain/inventory.js';
import type { HostCondition, RolloutRequest } from '../../domain/plan.js';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const novaCompute = catalogue.get('nova-compute') as CatalogueEntry;

export const aNode = (name: string, more: Partial<Node> = {}): Node => ({
  name,
  address: '10.20.0.1',
  roles: ['compute'],
  failureDomain: 'default',
  labels: {},
  ...more,
});

/** compute-1 to compute-`count`, in racks of ten. */
export const computes = (count: number): Node[] =>
  Array.from({ length: count }, (_, index) =>
    aNode(`compute-${index + 1}`, { failureDomain: `rack-${Math.floor(index / 10) + 1}` }),
  );

export const anInventory = (nodes: Node[], more: Partial<Inventory> = {}): Inventory => ({
  cloud: 'prod',
  distribution: 'auto',
  ssh: {
    user: 'ops',
    port: 22,
    identityFile: './id_ed25519',
    knownHosts: './known_hosts',
    connectTimeout: 10_000,
    keepalive: 10_000,
  },
  nodes,
  units: {},
  maxUnavailable: {},
  audit: auditSchema.parse({}),
  schedules: {},
  cluster: {
    vips: ['vip__management', 'vip__public'],
    resources: ['clone_p_haproxy', 'clone_p_mysql'],
    backends: ['keystone-1', 'mysqld'],
    haproxySockets: ['/run/haproxy/admin.sock'],
  },
  ...more,
});

export const aRequest = (more: Partial<RolloutRequest> = {}): RolloutRequest => ({
  operation: 'restart',
  cloud: 'prod',
  target: 'nova-compute',
  soakMs: 10_000,
  maxFailures: 0,
  onFailure: 'pause',
  promote: false,
  pauseDeadlineMs: 3_600_000,
  admitDeadlineMs: 600_000,
  actor: 'ada@example.org',
  reason: 'TICKET-1',
  ...more,
});

/** Every node active but those that are said to be otherwise. */
export const seen = (
  nodes: readonly Node[],
  otherwise: Record<string, HostCondition> = {},
): Map<string, HostCondition> => new Map(nodes.map(({ name }) => [name, otherwise[name] ?? 'active']));

export const conditions: readonly HostCondition[] = [
  'active',
  'down',
  'disabled',
  'not-installed',
  'masked',
  'unreachable',
];

/** Clouds of 1 to 60 computes in up to five racks, some hosts with a second role, and a few controllers. */
export const anyNodes: fc.Arbitrary<Node[]> = fc
  .array(fc.record({ rack: fc.integer({ min: 1, max: 5 }), also: fc.boolean() }), { minLength: 1, maxLength: 60 })
  .map((places) => [
    ...places.map(({ rack, also }, index) =>
      aNode(`compute-${index + 1}.example.org`, {
        failureDomain: `rack-${rack}`,
        roles: also ? ['compute', 'ceph-osd'] : ['compute'],
      }),
    ),
    aNode('controller-1', { roles: ['controller'] }),
    aNode('controller-2', { roles: ['controller'] }),
  ]);

export const anyShare = fc.oneof(
  fc.integer({ min: 1, max: 80 }),
  fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%` as const),
);
