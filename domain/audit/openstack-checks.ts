import type { Check } from './check.js';
import { API_MODULES, type ApiModule, apis } from './openstack-apis.js';

/** A cloud without a controller and without a compute among the nodes has none of these services either. */
const roles = ['controller', 'compute'] as const;

const asked = 'Needs `openstack:` in ostler.yaml; without it nothing is asked.';
const ownRows =
  'A finding stands on the node that the row belongs to, by its full name or its first label; a host that is no node of the inventory is named in the finding.';

const apiCheck = (module: ApiModule): Check => {
  const { name, question, types, behind } = apis[module];
  const absent =
    module === 'keystone'
      ? ''
      : ` A cloud whose catalogue has no ${types.join(', ')} has no ${name}, and nothing is asked, unless audit.openstack.required names ${module}.`;
  return {
    id: `api-${module}`,
    module,
    scope: 'cloud',
    roles,
    title: `${name} API`,
    means: `${name} is asked ${question}, with a token, through its endpoint in Keystone's catalogue, which is the way every user goes: through the VIP, HAProxy, the API itself and its database. Beside that it is asked without a token at the address of every controller, where 200, 300 and 401 say that the API is alive: HAProxy hides a dead one until the last is dead. Controllers behind a bastion are not asked so. ${asked}${absent}`,
    fails: 'it does not answer through its endpoint, or not on one of the controllers while it does on others',
    thresholds: {},
    remedy: `On a controller: look at the unit of the API and at its log, then at what it asks before it answers in full: ${behind}. When that is well and the API answers on every controller, look at HAProxy and at the VIP. \`unknown\` says that the audit may not ask, or that the controllers' addresses in ostler.yaml are not those where APIs listen: set audit.openstack.apis.`,
    source: 'domain reference, B8a: through the VIP and again for each backend; C14',
  };
};

/** What is asked of a cloud's own APIs, with one token. */
export const openStackChecks: readonly Check[] = [
  ...API_MODULES.map(apiCheck),
  {
    id: 'nova-services',
    module: 'nova',
    scope: 'cloud',
    roles,
    title: 'Nova services',
    means: `Every service that reports to Nova, nova-compute on computes and nova-conductor, nova-scheduler and others on controllers, must be up: Nova calls a service down that has not reported for service_down_time, 60 s by default. A compute of the inventory that Nova does not list at all is a finding too. ${ownRows} ${asked}`,
    warns: 'disabled, with the reason that was given; or a compute without a nova-compute',
    fails: 'down, also when somebody has forced it down',
    thresholds: {},
    remedy:
      'A service that is down while its unit is active has lost RabbitMQ or nova-conductor: `ostler restart nova-compute --on NODE` brings a nova-compute back. Ask who disabled a service before it is enabled; guests of a compute that is down are not dead.',
    source: 'domain reference, B8, C14, D10',
  },
  {
    id: 'hypervisors',
    module: 'nova',
    scope: 'cloud',
    roles,
    title: 'hypervisors',
    means: `The hypervisors as Nova knows them, one for each compute (or for each machine of Ironic). A hypervisor is up as long as the nova-compute that speaks for it reports. ${ownRows} ${asked}`,
    fails: 'state is not up',
    thresholds: {},
    remedy:
      'See what nova-services says of the same node first. A hypervisor that is down while its nova-compute is up is a leftover of a host that was renamed or removed.',
    source: 'domain reference, B8a',
  },
  {
    id: 'cinder-services',
    module: 'cinder',
    scope: 'cloud',
    roles,
    title: 'Cinder services',
    means: `Every service that reports to Cinder: cinder-scheduler, one cinder-volume for each backend (host@backend), cinder-backup. A cinder-volume row without a backend that is disabled and down was left behind when backends were introduced, and is no trouble. A cinder-backup that is down is none either where it runs on demand (audit.openstack.backupOnDemand). ${ownRows} ${asked}`,
    warns: 'disabled, with the reason that was given',
    fails: 'down',
    thresholds: {},
    remedy:
      'Look at the log of cinder-volume for that backend: it is down when its array, its Ceph or RabbitMQ cannot be reached, while the unit stays active. `cinder-manage service remove` takes a row of a host that is gone.',
    source: 'domain reference, B8, B8a, C14',
  },
  {
    id: 'neutron-agents',
    module: 'neutron',
    scope: 'cloud',
    roles,
    title: 'Neutron agents',
    means: `Every agent that reports to Neutron must be alive: not alive is one that has not reported for agent_down_time, 75 s by default. Where Pacemaker runs one DHCP agent for the whole cloud, the rows of the controllers it has left stay behind, and one alive is enough (audit.openstack.dhcpSingleton). ${ownRows} ${asked}`,
    warns: 'administratively down',
    fails: 'not alive; of DHCP agents, none alive',
    thresholds: {},
    remedy:
      'Look at the unit or resource of the agent on that node, and at RabbitMQ when many went at once. Routers of an L3 agent that was not alive may have to be moved: see routers. Without a DHCP agent new guests get no address: `pcs resource enable p_neutron-dhcp-agent` where it was stopped.',
    source: 'domain reference, B8, C14, D18, D19',
  },
  {
    id: 'routers',
    module: 'neutron',
    scope: 'cloud',
    roles,
    title: 'routers and ports',
    means: `Every virtual router must be administratively up, and each of its ports ACTIVE, up, and bound to a host. Gateway ports and the ports by which routers of a pair see each other are warnings only: some drivers never call them ACTIVE. The interfaces of distributed routers are left out: they are on no host until a guest is behind them, so that their state says nothing. There is one finding for each router. ${asked}`,
    warns: 'a router or port is administratively down; a gateway port is not ACTIVE or not bound',
    fails: 'an interface port is not ACTIVE, or its binding has failed; or the router is in ERROR',
    thresholds: {},
    remedy:
      'A port with binding_failed is on an agent that was dead when the router was moved there: remove the router from that L3 agent and add it to another one; the same one does not help. A port that is DOWN on an agent that is alive is wired anew when that agent is restarted.',
    source: 'domain reference, B8, C14, D18',
  },
  {
    id: 'heat-services',
    module: 'heat',
    scope: 'cloud',
    roles,
    title: 'Heat engines',
    means: `Every host that runs heat-engine must have an engine that is up. An engine gets a new row with each start, and one that was killed leaves its row behind, so rows that are down beside one that is up say nothing. An old Heat that has no such list is not asked. ${ownRows} ${asked}`,
    fails: 'no engine of a host is up',
    thresholds: {},
    remedy:
      'Look at the resource or unit of heat-engine on that node. `heat-manage service clean` removes the rows of engines that are gone.',
    source: 'domain reference, B8a',
  },
  {
    id: 'stuck-servers',
    module: 'nova',
    scope: 'cloud',
    roles,
    title: 'stuck servers',
    means: `Servers of all projects that are in ERROR, or have been in BUILD for long: nobody works on them any more. Times are compared with the clock of Keystone. ${asked}`,
    warns: 'in BUILD for longer than the limit',
    fails: 'in ERROR',
    thresholds: { warn: { value: 2, unit: 'h', source: 'domain reference, C14' } },
    remedy:
      '`openstack server show ID` has the fault. Look for the request in the logs of nova-scheduler, nova-conductor and the nova-compute of its host; a server in BUILD that no compute knows can be deleted. Resetting the state mends nothing by itself.',
    source: 'domain reference, C14',
  },
  {
    id: 'stuck-volumes',
    module: 'cinder',
    scope: 'cloud',
    roles,
    title: 'stuck volumes',
    means: `Volumes of all projects in a state of error, or on their way (creating, deleting, attaching, detaching) for long. Times are compared with the clock of Keystone. A Cinder before Liberty does not tell since when a volume is on its way: that is unknown then, and the report says since which audit. ${asked}`,
    warns: 'on its way for longer than the limit',
    fails: 'in a state that begins with error',
    thresholds: { warn: { value: 2, unit: 'h', source: 'domain reference, C14' } },
    remedy:
      'Look for the request in the log of cinder-volume, and whether the array or pool still has the volume and a host still has it open, before its state is reset: a volume that is called available while a guest writes to it can be attached twice.',
    source: 'domain reference, C14',
  },
];
