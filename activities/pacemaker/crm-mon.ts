import { z } from 'zod';
import type { ClusterFailure, ClusterNode, ClusterResource, ClusterView } from '../../domain/cluster.js';
import { UnreadableCluster } from './read-script.js';
import { checked, element, elementIfAny, flag, readXml } from './xml.js';

/** What the status alone tells; constraints and properties come from the CIB. */
export type ClusterStatus = Omit<ClusterView, 'dialect' | 'constraints' | 'properties'>;

const node = element({
  name: z.string(),
  online: flag(false),
  standby: flag(false),
  standby_onfail: flag(false),
  maintenance: flag(false),
  pending: flag(false),
  unclean: flag(false),
  shutdown: flag(false),
  is_dc: flag(false),
  type: z.string().default('member'),
});

const resource = element({
  id: z.string(),
  resource_agent: z.string().optional(),
  role: z.string(),
  target_role: z.string().optional(),
  orphaned: flag(false),
  blocked: flag(false),
  managed: flag(true),
  failed: flag(false),
  node: z.array(z.object({ name: z.string() })).default([]),
});

/** Resources, and what they are put together in: groups, clones, clones of groups, bundles of replicas. */
interface Nest {
  id: string;
  disabled: boolean;
  resource: z.output<typeof resource>[];
  group: Nest[];
  clone: Nest[];
  bundle: Nest[];
  replica: Nest[];
}

const nest: z.ZodType<Nest> = z.lazy(() =>
  element({
    id: z.string().default(''),
    disabled: flag(false),
    resource: z.array(resource).default([]),
    group: z.array(nest).default([]),
    clone: z.array(nest).default([]),
    bundle: z.array(nest).default([]),
    replica: z.array(nest).default([]),
  }),
);

const failure = element({
  op_key: z.string(),
  node: z.string(),
  task: z.string().optional(),
  exitstatus: z.string().default('unknown'),
  exitreason: z.string().optional(),
  'last-rc-change': z.string().optional(),
});

const status = element({
  summary: element({
    current_dc: element({ present: flag(false), name: z.string().optional(), with_quorum: flag(false) }),
  }),
  nodes: element({ node: z.array(node) }),
  resources: nest,
  failures: elementIfAny({ failure: z.array(failure).default([]) }),
});

/** The root changed its name with `--output-as=xml`, and the rest did not. */
const ROOTS = ['pacemaker-result', 'crm_mon'] as const;
const documents = {
  'pacemaker-result': z.object({ 'pacemaker-result': status }).transform((all) => all['pacemaker-result']),
  crm_mon: z.object({ crm_mon: status }).transform((all) => all.crm_mon),
};

const WHAT = 'what crm_mon printed';

/**
 * Reads the XML of `crm_mon`, of either generation.
 * @throws {UnreadableCluster}
 */
export function parseCrmMon(xml: string): ClusterStatus {
  const parsed = readXml(xml, WHAT);
  const root = ROOTS.find((one) => Object.hasOwn(parsed, one));
  if (!root) throw new UnreadableCluster(`${WHAT} has neither <pacemaker-result> nor <crm_mon>`);
  const { summary, nodes, resources, failures } = checked(parsed, documents[root], WHAT);
  const { present, name, with_quorum: quorum } = summary.current_dc;
  return {
    // Without a DC, `crm_mon` does not tell.
    ...(present && { quorum }),
    ...(present && name !== undefined && { dc: name }),
    nodes: nodes.node.map(clusterNode),
    resources: flattened(resources, 'primitive'),
    failures: failures.failure.map(clusterFailure),
  };
}

const clusterNode = (one: z.output<typeof node>): ClusterNode => ({
  name: one.name,
  online: one.online,
  standby: one.standby,
  standbyOnFail: one.standby_onfail,
  maintenance: one.maintenance,
  pending: one.pending,
  unclean: one.unclean,
  shutdown: one.shutdown,
  isDc: one.is_dc,
  isRemote: one.type !== 'member',
});

/** All resources below a nest. An instance of a cloned group is an instance; a bundle's replicas are what they consist of. */
function flattened(
  within: Nest,
  kind: ClusterResource['kind'],
  parent?: Pick<Nest, 'id' | 'disabled'>,
): ClusterResource[] {
  const own = within.resource
    // Deleted from the configuration, and stopped: nobody expects it any more.
    .filter((one) => !(one.orphaned && one.role === 'Stopped'))
    .map((one) => clusterResource(one, kind, parent));
  const member = kind === 'clone-instance' ? kind : 'group-member';
  return [
    ...own,
    ...within.clone.flatMap((clone) => flattened(clone, 'clone-instance', clone)),
    ...[...within.group, ...within.bundle].flatMap((group) =>
      flattened(group, member, kind === 'clone-instance' ? parent : group),
    ),
    ...within.replica.flatMap((replica) => flattened(replica, member, parent)),
  ];
}

const clusterResource = (
  one: z.output<typeof resource>,
  kind: ClusterResource['kind'],
  parent?: Pick<Nest, 'id' | 'disabled'>,
): ClusterResource => ({
  // Clones of old, and unique ones, number their instances: p_mysql:0.
  id: kind === 'clone-instance' ? one.id.replace(/:\d+$/, '') : one.id,
  kind,
  ...(parent && { parent: parent.id }),
  ...(one.resource_agent !== undefined && { agent: one.resource_agent.replace('::', ':') }),
  role: one.role,
  managed: one.managed,
  failed: one.failed,
  blocked: one.blocked,
  disabled: one.target_role === 'Stopped' || (parent?.disabled ?? false),
  nodes: one.node.map(({ name }) => name),
});

function clusterFailure(one: z.output<typeof failure>): ClusterFailure {
  const { resource, task } = operationOf(one.op_key);
  return {
    resource,
    task: one.task ?? task,
    node: one.node,
    result: one.exitstatus,
    ...(one.exitreason && { reason: one.exitreason }),
    ...(one['last-rc-change'] && { at: one['last-rc-change'] }),
  };
}

/** `p_mysql_start_0`: the resource, what was done to it, and how often, in milliseconds. */
export function operationOf(key: string): { resource: string; task: string } {
  const [, resource = key, task = ''] = /^(.+?)_(migrate_(?:to|from)|[a-z-]+)_\d+$/.exec(key) ?? [];
  return { resource: resource.replace(/:\d+$/, ''), task };
}
