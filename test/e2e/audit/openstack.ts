import type { OpenStackApi } from '../../../lab/real/openstack/index.js';
import { until } from '../../../lab/real/wait.js';
import type { Breakage, Hosts, Round } from './breakage.js';
import { freeze, stop } from './breakage.js';
import { drop, dropNoMore } from './cut.js';

/** What of an audit is about OpenStack: the fleet has nothing else to ask. */
export const openStackModules = 'keystone,glance,placement,nova,cinder,neutron,heat,horizon';

const controller = 'controller-1';

/** What each API cannot be asked while it is down. */
const unasked = {
  nova: ['nova-services', 'hypervisors', 'stuck-servers'],
  cinder: ['cinder-services', 'stuck-volumes'],
  neutron: ['neutron-agents', 'routers'],
  heat: ['heat-services'],
};

const unknown = (checks: readonly string[]): string[] => checks.map((check) => `unknown ${check}/`);

/** A heat-engine that says it is on compute-1, where it would run if that could reach the database. */
const ENGINE_ELSEWHERE = `printf '[DEFAULT]\\nhost = compute-1\\n' >/etc/heat/elsewhere.conf
systemd-run -q --collect --unit heat-elsewhere -p User=heat heat-engine --config-file /etc/heat/heat.conf --config-file /etc/heat/elsewhere.conf`;

/** What can be wrong with the services and the APIs of OpenStack. */
export const openStackRounds = ({ on, ...others }: Hosts, api: () => OpenStackApi): Round[] => {
  const hosts = { on, ...others };

  /** Asks Nova or Cinder to use a service no more, or again. */
  const disable = (
    type: 'compute' | 'volumev3',
    service: { binary: string; host: string },
    disabled_reason: string,
  ): Pick<Breakage, 'make' | 'heal'> => ({
    make: () =>
      api().ask(type, '/os-services/disable-log-reason', { method: 'PUT', body: { ...service, disabled_reason } }),
    heal: () => api().ask(type, '/os-services/enable', { method: 'PUT', body: service }),
  });

  const setAgent = async (binary: string, admin_state_up: boolean): Promise<void> => {
    const { agents } = (await api().ask('network', `/v2.0/agents?binary=${binary}`)) as { agents: { id: string }[] };
    for (const { id } of agents)
      await api().ask('network', `/v2.0/agents/${id}`, { method: 'PUT', body: { agent: { admin_state_up } } });
  };

  const silentApi = (
    type: keyof typeof unasked | 'placement',
    unit: string,
    port: number,
    command: RegExp,
  ): Breakage => ({
    what: `${unit} that is stopped`,
    finds: `error api-${type}/`,
    shows: { what: /does not answer through its endpoint/, value: new RegExp(`:${port} `), command },
    brings: type === 'placement' ? [] : unknown(unasked[type]),
    ...stop(hosts, controller, unit),
  });

  return [
    {
      name: 'services of OpenStack that do not report, or are not to be used',
      checks: openStackModules,
      breakages: [
        {
          what: 'a compute that is cut off from the broker, with every unit active',
          finds: 'error nova-services/compute-1/nova-compute',
          shows: { value: /^state down, status enabled/, command: /^openstack compute service list --long$/ },
          brings: [
            'error hypervisors/compute-1/hypervisor',
            'error neutron-agents/compute-1/neutron-linuxbridge-agent',
          ],
          make: () => on('compute-1', drop('lab_broker', ['tcp dport 5672'])),
          heal: () => on('compute-1', dropNoMore('lab_broker')),
        },
        {
          what: 'a compute that an operator has disabled, with the reason',
          finds: 'warn nova-services/compute-2/nova-compute',
          shows: {
            what: /is disabled \(bad RAM\) for Nova$/,
            value: /^state up, status disabled/,
            command: /^openstack compute service list --long$/,
          },
          ...disable('compute', { binary: 'nova-compute', host: 'compute-2' }, 'bad RAM'),
        },
        {
          what: 'a scheduler of Nova that hangs',
          finds: 'error nova-services/controller-1/nova-scheduler',
          shows: { value: /^state down, status enabled/, command: /^openstack compute service list --long$/ },
          ...freeze(hosts, controller, 'nova-scheduler'),
        },
        {
          what: 'a scheduler of Cinder that is stopped',
          finds: 'error cinder-services/controller-1/cinder-scheduler',
          shows: { value: /^controller-1: state down, status enabled/, command: /^openstack volume service list$/ },
          ...stop(hosts, controller, 'cinder-scheduler'),
        },
        {
          what: 'a backend of Cinder that an operator has disabled',
          finds: 'warn cinder-services/controller-1/cinder-volume@fake',
          shows: {
            what: /disabled \(new disks\)/,
            value: /^controller-1@fake: state up, status disabled/,
            command: /^openstack volume service list$/,
          },
          ...disable('volumev3', { binary: 'cinder-volume', host: 'controller-1@fake' }, 'new disks'),
        },
        {
          what: 'the last DHCP agent that is killed',
          finds: 'error neutron-agents//DHCP agents',
          shows: {
            what: /new guests get no address$/,
            value: /^controller-1: not alive/,
            threshold: /^one alive$/,
            command: /^openstack network agent list/,
          },
          make: () => on(controller, 'systemctl kill -s KILL neutron-dhcp-agent; systemctl stop neutron-dhcp-agent'),
          heal: () => on(controller, 'systemctl reset-failed neutron-dhcp-agent; systemctl start neutron-dhcp-agent'),
        },
        {
          what: 'an agent of Neutron that an operator has taken out of use',
          finds: 'warn neutron-agents/controller-1/neutron-metadata-agent',
          shows: { value: /^alive, admin state down/, command: /^openstack network agent list$/ },
          make: () => setAgent('neutron-metadata-agent', false),
          heal: () => setAgent('neutron-metadata-agent', true),
        },
        {
          what: 'an engine of Heat that was killed',
          finds: 'error heat-services/compute-1/heat-engine',
          shows: {
            value: /^none of 1 up, last updated at /,
            threshold: /^one up$/,
            command: /^openstack orchestration/,
          },
          async make() {
            await on(controller, ENGINE_ELSEWHERE);
            await untilEngineReports(api());
            await on(controller, 'systemctl kill -s KILL heat-elsewhere');
          },
          // An engine takes the rows of its host that are down away when it starts; stopped in order it takes its own.
          heal: () => on(controller, 'runuser -u heat -- heat-manage service clean'),
        },
      ],
    },
    {
      name: 'APIs that do not answer',
      checks: openStackModules,
      breakages: [
        {
          what: 'a Glance that hangs',
          finds: 'error api-glance/',
          shows: {
            what: /does not answer through its endpoint/,
            value: /:9292 gave no answer within \d+ s$/,
            command: /^openstack image list --limit 1$/,
          },
          brings: ['error glance-node/controller-1'],
          ...freeze(hosts, controller, 'glance-api'),
        },
        {
          what: 'a Horizon that hangs',
          finds: 'error horizon-node/controller-1',
          shows: { value: /^no answer within 7 s$/, threshold: /^HTTP 200/, command: /^curl -i http:\/\/[\d.]+:80\// },
          ...freeze(hosts, controller, 'apache2'),
        },
        {
          what: 'a Heat without any engine, which its API asks for everything',
          finds: 'error api-heat/',
          shows: {
            what: /does not answer through its endpoint/,
            value: /:8004 gave no answer within \d+ s$/,
            command: /^openstack stack list --limit 1$/,
          },
          brings: unknown(unasked.heat),
          ...stop(hosts, controller, 'heat-engine'),
        },
        silentApi('placement', 'placement-api', 8778, /^openstack resource provider list/),
        silentApi('nova', 'nova-api', 8774, /^openstack server list --limit 1$/),
        silentApi('cinder', 'cinder-api', 8776, /^openstack volume list --limit 1$/),
        silentApi('neutron', 'neutron-api', 9696, /^openstack network list$/),
      ],
    },
    {
      name: 'no Keystone',
      checks: openStackModules,
      breakages: [
        {
          what: 'what nobody can be asked without a token as unknown',
          finds: 'error api-keystone/',
          shows: {
            what: /^Keystone does not answer through its endpoint/,
            value: /:5000 /,
            command: /^openstack token issue$/,
          },
          brings: [
            'error keystone-node/controller-1',
            ...unknown([
              ...['glance', 'placement', 'nova', 'cinder', 'neutron', 'heat'].map((name) => `api-${name}`),
              ...Object.values(unasked).flat(),
            ]),
          ],
          ...stop(hosts, controller, 'keystone'),
        },
      ],
    },
  ];
};

/** Waits until Heat lists an engine that says it is on compute-1. */
async function untilEngineReports(api: OpenStackApi): Promise<void> {
  await until('an engine of Heat to report from compute-1', 120_000, async () => {
    const { services } = (await api.ask('orchestration', '/services')) as { services: { host: string }[] };
    return services.some(({ host }) => host === 'compute-1');
  });
}
