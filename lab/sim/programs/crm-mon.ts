import type { ExecResult } from 'just-bash';
import type { Member, SimCluster } from '../cluster/cluster.js';
import type { Vip } from '../cluster/vip.js';
import { type ClusterCall, complained, said } from './program.js';

/** crm_mon(8) of Pacemaker 2.1.5, as XML and once. */
export function crmMon({ cluster, args }: ClusterCall): ExecResult {
  if (args.join(' ') !== '--output-as=xml -1') return complained(`crm_mon: Unknown option ${args.join(' ')}`, 64);
  const { dc, members, vips } = cluster;
  const lines = [
    '<pacemaker-result api-version="2.25" request="crm_mon --output-as=xml -1">',
    '  <pacemakerd sys_from="pacemakerd" state="running"/>',
    '  <summary>',
    '    <stack type="corosync"/>',
    dc
      ? `    <current_dc present="true" version="2.1.5-a3f44794f94" name="${dc.name}" id="${dc.id}" with_quorum="${cluster.hasQuorum}" mixed_version="false"/>`
      : '    <current_dc present="false"/>',
    `    <nodes_configured number="${members.length}"/>`,
    `    <resources_configured number="${vips.length + members.length}" disabled="0" blocked="0"/>`,
    '    <cluster_options stonith-enabled="false" symmetric-cluster="false" no-quorum-policy="stop" maintenance-mode="false" stop-all-resources="false"/>',
    '  </summary>',
    '  <nodes>',
    ...members.map((member) => nodeElement(cluster, member)),
    '  </nodes>',
    '  <resources>',
    ...vips.map((vip) => `    ${vipElement(vip, cluster.member(vip.holder))}`),
    '    <clone id="clone_p_haproxy" multi_state="false" unique="false" managed="true" disabled="false" failed="false" failure_ignored="false">',
    ...members.map((member) => `      ${instanceElement(member)}`),
    '    </clone>',
    '  </resources>',
    '  <status code="0" message="OK"/>',
    '</pacemaker-result>',
  ];
  return said(`${lines.join('\n')}\n`);
}

function nodeElement({ dc, vips }: SimCluster, member: Member): string {
  const { name, id, isOn, isStandby, haproxy } = member;
  const running = vips.filter(({ holder }) => holder === name).length + (haproxy ? 1 : 0);
  return `    <node name="${name}" id="${id}" online="${isOn}" standby="${isStandby}" standby_onfail="false" maintenance="false" pending="false" unclean="false" health="green" shutdown="false" expected_up="true" is_dc="${member === dc}" resources_running="${running}" type="member"/>`;
}

const vipElement = ({ id }: Vip, on: Member | undefined): string => resourceElement(id, 'ocf:heartbeat:IPaddr2', on);

const instanceElement = (member: Member): string =>
  resourceElement('p_haproxy', 'systemd:haproxy', member.haproxy && member);

function resourceElement(id: string, agent: string, on: Member | undefined): string {
  const role = on ? 'Started' : 'Stopped';
  const start = `<resource id="${id}" resource_agent="${agent}" role="${role}" active="${on !== undefined}" orphaned="false" blocked="false" managed="true" failed="false" failure_ignored="false" nodes_running_on="${on ? 1 : 0}"`;
  return on ? `${start}><node name="${on.name}" id="${on.id}" cached="true"/></resource>` : `${start}/>`;
}
