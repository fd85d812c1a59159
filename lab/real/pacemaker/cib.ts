import type { FleetNode } from '../fleet-state.js';

/** A cluster resource with an address of its own, held by one controller at a time. */
export type Vip = (typeof vips)[number];

/** The lab's VIPs; their last octets are beyond those of any host. */
export const vips = ['vip__management', 'vip__public'] as const;

const hostOctets: Record<Vip, number> = { vip__management: 250, vip__public: 251 };

/** The address of `vip` in the subnet of `neighbour`, the address of any host of the fleet. */
export const vipAddress = (vip: Vip, neighbour: string): string => neighbour.replace(/\d+$/, `${hostOctets[vip]}`);

/** What runs as clone_p_haproxy: HAProxy's own unit, or a resource that only says it runs, in images without HAProxy. */
export type HaproxyResource = 'systemd-unit' | 'stand-in';

const haproxyAgent: Record<HaproxyResource, string> = {
  'systemd-unit': 'class="systemd" type="haproxy"',
  'stand-in': 'class="ocf" provider="pacemaker" type="Dummy"',
};

/**
 * The first cluster information base of `controllers`, in the shape of Fuel's deployments (domain.md, B2): opt-in, so
 * that every resource has a plain location constraint for every node; both VIPs go where HAProxy runs; no fencing.
 * Two things differ: a minority stops its resources, and monitors run every few seconds, to keep tests short.
 * `neighbour` is the address of any host of the fleet.
 */
export const initialCib = (
  controllers: readonly FleetNode[],
  neighbour: string,
  haproxy: HaproxyResource,
): string => `<cib validate-with="pacemaker-3.9" \
admin_epoch="0" epoch="1" num_updates="0">
  <configuration>
    <crm_config>
      <cluster_property_set id="cib-bootstrap-options">
${properties.map(([name, value]) => `        ${nvpair('cib-bootstrap-options', name, value)}`).join('\n')}
      </cluster_property_set>
    </crm_config>
    <nodes>
${controllers.map(({ name }, index) => `      <node id="${index + 1}" uname="${name}"/>`).join('\n')}
    </nodes>
    <resources>
${vips.map((vip) => vipResource(vip, vipAddress(vip, neighbour))).join('\n')}
      <clone id="clone_p_haproxy">
        <primitive id="p_haproxy" ${haproxyAgent[haproxy]}>
          ${operations('p_haproxy', { monitor: '30s', start: '60s', stop: '60s' })}
          ${meta('p_haproxy', { 'migration-threshold': '3', 'failure-timeout': '120s' })}
        </primitive>
      </clone>
    </resources>
    <constraints>
${['clone_p_haproxy', ...vips].flatMap((id) => controllers.map((node) => `      ${location(id, node)}`)).join('\n')}
${vips.map((vip) => `      ${colocation(vip)}`).join('\n')}
    </constraints>
  </configuration>
  <status/>
</cib>
`;

const properties: [string, string][] = [
  ['stonith-enabled', 'false'],
  ['symmetric-cluster', 'false'],
  ['start-failure-is-fatal', 'false'],
  ['no-quorum-policy', 'stop'],
  // How long a node that starts looks for a coordinator before it calls for an election; the default is 20 s.
  ['dc-deadtime', '5s'],
];

const vipResource = (
  vip: Vip,
  address: string,
) => `      <primitive id="${vip}" class="ocf" provider="heartbeat" type="IPaddr2">
        <instance_attributes id="${vip}-instance_attributes">
          ${nvpair(vip, 'ip', address)}
          ${nvpair(vip, 'cidr_netmask', '24')}
        </instance_attributes>
        ${operations(vip, { monitor: '30s', start: '30s', stop: '30s' })}
        ${meta(vip, { 'migration-threshold': '3', 'failure-timeout': '60s', 'resource-stickiness': '1' })}
      </primitive>`;

function operations(id: string, timeouts: Record<'monitor' | 'start' | 'stop', string>): string {
  const ops = Object.entries(timeouts).map(([name, timeout]) => {
    const interval = name === 'monitor' ? '5s' : '0s';
    return `<op id="${id}-${name}" name="${name}" interval="${interval}" timeout="${timeout}"/>`;
  });
  return `<operations>${ops.join('')}</operations>`;
}

function meta(id: string, attributes: Record<string, string>): string {
  const pairs = Object.entries(attributes).map(([name, value]) => nvpair(`${id}-meta`, name, value));
  return `<meta_attributes id="${id}-meta_attributes">${pairs.join('')}</meta_attributes>`;
}

const nvpair = (of: string, name: string, value: string) =>
  `<nvpair id="${of}-${name}" name="${name}" value="${value}"/>`;

const location = (resource: string, { name }: FleetNode) =>
  `<rsc_location id="${resource}-on-${name}" rsc="${resource}" node="${name}" score="100"/>`;

const colocation = (vip: Vip) =>
  `<rsc_colocation id="${vip}-with-haproxy" rsc="${vip}" with-rsc="clone_p_haproxy" score="INFINITY"/>`;
