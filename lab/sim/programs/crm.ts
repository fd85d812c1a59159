import type { ExecResult } from 'just-bash';
import { HAPROXY } from '../cluster/cluster.js';
import { type ClusterCall, complained, readOptions, said } from './program.js';

const CRM_RESOURCE = {
  '-r': 'resource',
  '-N': 'node',
  '-g': 'parameter',
  '--move': 'move',
  '--ban': 'ban',
  '--cleanup': 'cleanup',
  '--locate': 'locate',
};
const CRM_SIMULATE = { '-L': 'live', '-S': 'simulate', '-d': 'down' };

/** crm_node(8): `-n` for its own name, `-q` for 1 where it counts itself to a majority, and 0 elsewhere. */
export function crmNode({ cluster, member, args: [option] }: ClusterCall): ExecResult {
  if (option === '-n') return said(`${member.name}\n`);
  if (option === '-q') return said(`${cluster.hasQuorum ? 1 : 0}\n`);
  return complained('crm_node: not simulated', 64);
}

/** crmadmin(8) -S. */
export function crmadmin({ cluster, args }: ClusterCall): ExecResult {
  const asked = cluster.member(args[1]);
  if (args[0] !== '-S' || !asked) return complained('crmadmin: not simulated', 64);
  if (!asked.isOn) return complained('error: No reply received from controller before timeout (30000ms)', 124);
  const state = asked !== cluster.dc ? 'S_NOT_DC' : cluster.isAtWork ? 'S_TRANSITION_ENGINE' : 'S_IDLE';
  return said(`Controller on ${asked.name} in state ${state}: ok\n`);
}

/** crm_resource(8): where an address is and which, moving it, keeping HAProxy off a member, and forgetting failures, of which there are none. */
export function crmResource({ cluster, args }: ClusterCall): ExecResult {
  const options = readOptions(args, CRM_RESOURCE, new Set(['resource', 'node', 'parameter']));
  if (typeof options === 'string') return complained(`crm_resource: ${options}`, 64);
  const [node] = options.values('node');
  if (options.flags.has('cleanup')) return said(`Cleaned up all resources on ${node}\n`);
  const [id = ''] = options.values('resource');
  if (id === HAPROXY && options.flags.has('ban') && cluster.member(node)) {
    cluster.banned.add(node as string);
    cluster.reconsider();
    return said('');
  }
  const vip = cluster.vips.find((one) => one.id === id);
  if (!vip) return complained(`crm_resource: Resource '${id}' not found`, 105);
  if (options.flags.has('locate')) {
    const where = vip.holder ? `running on: ${vip.holder}` : 'NOT running';
    return said(`resource ${id} is ${where}\n`);
  }
  if (options.values('parameter')[0] === 'ip') return said(`${vip.address}\n`);
  if (!options.flags.has('move') || node === undefined) return complained('crm_resource: not simulated', 64);
  if (!cluster.member(node)) return complained(`crm_resource: Node '${node}' not found`, 68);
  if (vip.holder === node) return complained(`crm_resource: ${id} is already active on ${node}`, 113);
  cluster.preferences.set(id, node);
  cluster.reconsider();
  return said('');
}

/** crm_simulate(8) -L -S -d NODE: what would be where without the node. */
export function crmSimulate({ cluster, args }: ClusterCall): ExecResult {
  const options = readOptions(args, CRM_SIMULATE, new Set(['down']));
  if (typeof options === 'string') return complained(`crm_simulate: ${options}`, 64);
  const gone = cluster.member(options.values('down')[0]);
  if (!gone) return complained('crm_simulate: not simulated', 64);
  // Who is lost stops nothing any more, so what it held is only started elsewhere.
  const actions = [...cluster.placement(gone)].flatMap(([vip, place]) =>
    place === undefined || place === vip.holder ? [] : [`  * Start      ${vip.id}     ( ${place} )`],
  );
  const lines = [
    'Current cluster status:',
    '  * Node List:',
    `    * Online: [ ${cluster.members
      .filter(({ isOn }) => isOn)
      .map(({ name }) => name)
      .join(' ')} ]`,
    '',
    'Performing Requested Modifications:',
    `  * Taking node ${gone.name} offline`,
    '',
    'Transition Summary:',
    ...actions,
  ];
  return said(`${lines.join('\n')}\n`);
}
