import type { ExecResult } from 'just-bash';
import { HAPROXY, type SimCluster } from '../cluster/cluster.js';
import { type ClusterCall, complained, readOptions, said } from './program.js';

const CIBADMIN = { '-Q': 'query', '-D': 'delete', '-o': 'scope', '-X': 'xml' };
const CRM_ATTRIBUTE = { '-N': 'node', '-n': 'name', '-v': 'value', '-D': 'delete' };

/**
 * cibadmin(8): prints a section of the CIB, or deletes one constraint, which must have every attribute that is named. What is not there is
 * deleted, too.
 */
export function cibadmin({ cluster, args }: ClusterCall): ExecResult {
  const options = readOptions(args, CIBADMIN, new Set(['scope', 'xml']));
  if (typeof options === 'string') return complained(`cibadmin: ${options}`, 64);
  const [scope = ''] = options.values('scope');
  if (options.flags.has('query')) {
    const section = SECTIONS[scope];
    return section ? said(`${section(cluster).join('\n')}\n`) : complained('Call cib_query failed (-6)', 105);
  }
  const [, id = '', node = ''] =
    /^<rsc_location id="cli-(\S+)" node="(\S+)"\/>$/.exec(options.values('xml')[0] ?? '') ?? [];
  const [, vip] = /^prefer-(.+)$/.exec(id) ?? [];
  const isBan = id === `ban-${HAPROXY}-on-${node}`;
  if (!options.flags.has('delete') || scope !== 'constraints' || (vip === undefined && !isBan))
    return complained('cibadmin: not simulated', 64);
  if (isBan && cluster.banned.delete(node)) cluster.reconsider();
  if (vip !== undefined && cluster.preferences.get(vip) === node && cluster.preferences.delete(vip))
    cluster.reconsider();
  return said('');
}

/** crm_attribute(8): sets a permanent attribute of a node, or deletes it. */
export function crmAttribute({ cluster, args }: ClusterCall): ExecResult {
  const options = readOptions(args, CRM_ATTRIBUTE, new Set(['node', 'name', 'value']));
  if (typeof options === 'string') return complained(`crm_attribute: ${options}`, 64);
  const [node = ''] = options.values('node');
  const [name] = options.values('name');
  const [value] = options.values('value');
  const member = cluster.member(node);
  if (!member) return complained(`crm_attribute: Could not map name=${node} to a UUID`, 68);
  if (name === undefined) return complained('crm_attribute: must specify attribute name', 64);
  if (options.flags.has('delete')) member.attributes.delete(name);
  else if (value !== undefined) member.attributes.set(name, value);
  else {
    const known = member.attributes.get(name);
    return known === undefined
      ? complained('crm_attribute: Error performing operation: No such device or address', 105)
      : said(`scope=nodes  name=${name} value=${known}\n`);
  }
  cluster.reconsider();
  return said('');
}

const SECTIONS: Record<string, (cluster: SimCluster) => string[]> = {
  nodes: ({ members }) => [
    '<nodes>',
    ...members.flatMap(({ id, name, attributes }) => [
      `  <node id="${id}" uname="${name}">`,
      `    <instance_attributes id="nodes-${id}">`,
      ...[...attributes].map(
        ([key, value]) => `      <nvpair id="nodes-${id}-${key}" name="${key}" value="${value}"/>`,
      ),
      '    </instance_attributes>',
      '  </node>',
    ]),
    '</nodes>',
  ],
  constraints: ({ members, vips, preferences, banned }) => [
    '<constraints>',
    ...[HAPROXY, ...vips.map(({ id }) => id)].flatMap((rsc) =>
      members.map(({ name }) => `  <rsc_location id="${rsc}-on-${name}" rsc="${rsc}" node="${name}" score="100"/>`),
    ),
    ...vips.map(
      ({ id }) => `  <rsc_colocation id="${id}-with-haproxy" rsc="${id}" with-rsc="clone_p_haproxy" score="INFINITY"/>`,
    ),
    ...[...preferences].map(
      ([vip, node]) =>
        `  <rsc_location id="cli-prefer-${vip}" rsc="${vip}" role="Started" node="${node}" score="INFINITY"/>`,
    ),
    ...[...banned].map(
      (name) =>
        `  <rsc_location id="cli-ban-${HAPROXY}-on-${name}" rsc="${HAPROXY}" role="Started" node="${name}" score="-INFINITY"/>`,
    ),
    '</constraints>',
  ],
  crm_config: () => [
    '<crm_config>',
    '  <cluster_property_set id="cib-bootstrap-options">',
    ...Object.entries(PROPERTIES).map(
      ([name, value]) => `    <nvpair id="cib-bootstrap-options-${name}" name="${name}" value="${value}"/>`,
    ),
    '  </cluster_property_set>',
    '</crm_config>',
  ],
};

const PROPERTIES = {
  'cluster-infrastructure': 'corosync',
  'stonith-enabled': 'false',
  'symmetric-cluster': 'false',
  'no-quorum-policy': 'stop',
};
