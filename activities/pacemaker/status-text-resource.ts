import type { ClusterResource } from '../../domain/cluster.js';

/** `vip__public  (ocf::mirantis:ns_IPaddr2):  Started node-1.domain.tld (unmanaged)`. */
const RESOURCE = /^(\S+)\s+\(([a-z]+:[^)]+)\):\s*(.*)$/;

const ROLES = /^(?:Started|Stopped|Master|Slave|Starting|Stopping|Migrating|Promoting|Demoting)$/;

/**
 * Reads one resource's line in the text of `crm_mon` or pcs. Role, node and remarks came in several orders over the versions, with the remarks
 * in brackets of their own (`(unmanaged) FAILED`) or in one (`(unmanaged, blocked)`), so each word is taken for what it is.
 */
export function resourceLine(line: string): Omit<ClusterResource, 'kind' | 'parent'> | undefined {
  const [, id, agent = '', rest = ''] = RESOURCE.exec(line) ?? [];
  if (id === undefined) return undefined;
  const words: string[] = rest.match(/[^\s,()[\]]+/g) ?? [];
  const has = (remark: string): boolean => words.includes(remark);
  const failed = has('FAILED');
  return {
    id,
    agent: agent.replace('::', ':'),
    role: words.find((word) => ROLES.test(word)) ?? 'Unknown',
    managed: !has('unmanaged'),
    failed,
    blocked: has('blocked'),
    disabled: has('disabled'),
    nodes: words.filter((word) => !ROLES.test(word) && !REMARKS.has(word)),
  };
}

/** What may stand in a line beside role and nodes; `ignored` belongs to "failure ignored", `Monitoring` to an operation under way. */
const REMARKS = new Set([
  ...['FAILED', 'ORPHANED', 'unmanaged', 'disabled', 'blocked', 'target-role:Stopped', 'LOCKED'],
  ...['failure', 'ignored', 'Monitoring', 'maintenance'],
]);
