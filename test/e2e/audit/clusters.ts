import { rabbitmqPort } from '../../../lab/real/control-plane/services.js';
import { cutFromPeers, rejoinPeers } from '../../../lab/real/pacemaker/index.js';
import { names as controllers } from '../controller-rules.js';
import type { Breakage, Hosts, Round } from './breakage.js';
import { drop, dropNoMore } from './cut.js';

type Acts = Pick<Breakage, 'make' | 'heal'>;

const others = (name: string): string[] => controllers.filter((one) => one !== name);

/** How Pacemaker's own findings are seen. */
const status = /^crm_mon -1rf +# on controller-\d$/;

const wsrep = /^mysql -N -B -e "SHOW GLOBAL STATUS LIKE 'wsrep%'" +# on controller-\d$/;
const rabbitmqctl = /^rabbitmqctl cluster_status +# on controller-\d$/;
const showStat = /^echo "show stat" \| socat stdio unix-connect:\/run\/haproxy\/admin\.sock +# on controller-\d$/;

/** The APIs of the lab that one HAProxy asks on every controller. */
const servers = (name: string): string => `error haproxy/${name}/servers`;

/** A queue that nobody reads, by whose name it is told. */
const queue = 'lab.unread';

const publish = `rabbitmqctl -q eval '
  Queue = rabbit_misc:r(<<"/">>, queue, <<"${queue}">>),
  rabbit_amqqueue:declare(Queue, true, false, [], none, <<"lab">>),
  [rabbit_basic:publish(rabbit_misc:r(<<"/">>, exchange, <<>>), <<"${queue}">>, [], <<"x">>) || _ <- lists:seq(1, 150)].'`;

/** Waits until nothing listens on a port any more. */
const untilQuiet = (port: number): string => `while ss -ltn | grep -q ':${port} '; do sleep 0.2; done`;

/** What can be wrong with the clusters of the controllers. */
export const clusterRounds = ({ on, host }: Hosts): Round[] => {
  const by = (host: string, make: string, heal: string): Acts => ({
    make: () => on(host, make),
    heal: () => on(host, heal),
  });
  return [
    {
      name: 'what is left in Pacemaker, a member of Galera that is down, a memory alarm, a server in maintenance',
      breakages: [
        {
          what: 'a ban that was left',
          finds: 'warn pacemaker//cli-ban-vip__public-on-controller-3:cli-constraint',
          shows: { value: /cli-ban-vip__public-on-controller-3/, command: /^pcs constraint --full/ },
          ...by('controller-1', 'pcs resource ban vip__public controller-3', 'pcs resource clear vip__public'),
        },
        {
          what: 'a resource that failed and runs again',
          finds: 'warn pacemaker//p_haproxy:failure',
          shows: { value: /controller-2/, command: status },
          ...by(
            'controller-2',
            'crm_resource --fail -r p_haproxy -N controller-2',
            'pcs resource cleanup clone_p_haproxy',
          ),
        },
        {
          what: 'an unmanaged resource',
          finds: 'warn pacemaker//vip__management:unmanaged',
          shows: { value: /seen by controller-1, controller-2, controller-3$/, command: status },
          ...by('controller-1', 'pcs resource unmanage vip__management', 'pcs resource manage vip__management'),
        },
        {
          what: 'a member of Galera that is stopped',
          finds: 'error galera/controller-3',
          shows: { value: /Can't connect/, command: wsrep },
          brings: ['error units/controller-3/mariadb.service', servers('controller-3')],
          ...by('controller-3', 'systemctl stop mariadb', 'systemctl start mariadb'),
        },
        {
          what: 'a queue that nobody reads',
          finds: `warn rabbitmq-queues//${queue}`,
          shows: { value: /^150 messages$/, threshold: /^warn above 100$/, command: /^rabbitmqctl list_queues/ },
          ...by('controller-1', publish, `rabbitmqctl -q delete_queue ${queue} || true`),
        },
        {
          what: 'a broker that has no memory left',
          finds: 'error rabbitmq/controller-1/alarm',
          shows: { value: /^rabbit@controller-1: memory$/, threshold: /^no alarm$/, command: rabbitmqctl },
          ...by(
            'controller-1',
            'rabbitmqctl -q set_vm_memory_high_watermark 0.00001',
            'rabbitmqctl -q set_vm_memory_high_watermark absolute 256MB',
          ),
        },
        {
          what: 'a server that somebody has taken out of HAProxy',
          finds: 'warn haproxy/controller-2/servers',
          shows: { value: /^nova-api MAINT$/, threshold: /^UP$/, command: showStat },
          ...by(
            'controller-1',
            'echo disable server nova-api/controller-2 | socat stdio /run/haproxy/admin.sock',
            'echo enable server nova-api/controller-2 | socat stdio /run/haproxy/admin.sock',
          ),
        },
      ],
    },
    {
      name: 'a member of Galera that is out of step, a broker that is down, an API without any server',
      breakages: [
        {
          what: 'a member of Galera that is not Synced',
          finds: 'error galera/controller-2',
          shows: { value: /^wsrep_local_state_comment Donor\/Desynced$/, threshold: /^Synced$/, command: wsrep },
          brings: [servers('controller-2')],
          ...by('controller-2', "mysql -e 'SET GLOBAL wsrep_desync = ON'", "mysql -e 'SET GLOBAL wsrep_desync = OFF'"),
        },
        {
          what: 'a broker that is stopped',
          finds: 'error rabbitmq/controller-3',
          shows: { value: /unable to perform an operation on node|nodedown|not running/, command: rabbitmqctl },
          brings: ['error units/controller-3/rabbitmq-server.service', servers('controller-3')],
          ...by('controller-3', 'systemctl stop rabbitmq-server', 'systemctl start rabbitmq-server'),
        },
        {
          what: 'an API that runs nowhere',
          finds: 'error haproxy//backend:glance-api',
          shows: { value: /^glance-api DOWN$/, threshold: /^UP$/, command: showStat },
          brings: controllers.map((name) => `error units/${name}/glance-api.service`),
          make: () => Promise.all(controllers.map((name) => on(name, 'systemctl stop glance-api'))),
          heal: () => Promise.all(controllers.map((name) => on(name, 'systemctl start glance-api'))),
        },
      ],
    },
    {
      name: 'a controller in standby, a broker that is cut off, a member of Galera that hangs',
      breakages: [
        {
          what: 'a controller in standby',
          finds: 'warn pacemaker/controller-1/standby',
          shows: { value: /standby/, command: status },
          brings: ['error haproxy/controller-1'],
          ...by('controller-2', 'pcs node standby controller-1', 'pcs node unstandby controller-1'),
        },
        {
          what: 'a member of Galera that hangs',
          finds: 'error galera/controller-3',
          shows: { value: /^no answer in time$/, command: wsrep },
          brings: [servers('controller-3')],
          ...by(
            'controller-3',
            'systemctl kill -s STOP --kill-who main mariadb',
            'systemctl kill -s CONT --kill-who main mariadb',
          ),
        },
        {
          what: 'a broker that is cut off and has paused itself',
          finds: 'error rabbitmq/controller-2',
          shows: { value: /./, command: rabbitmqctl },
          brings: [servers('controller-2')],
          // A broker that is about to pause keeps the others waiting as well.
          make: () =>
            on(
              'controller-2',
              `${drop(
                'lab_rabbitmq',
                others('controller-2').flatMap((name) =>
                  ['sport', 'dport'].map((port) => `ip daddr ${host(name).address} tcp ${port} 25672`),
                ),
              )}\n${untilQuiet(rabbitmqPort)}`,
            ),
          heal: () => on('controller-2', dropNoMore('lab_rabbitmq')),
        },
      ],
    },
    {
      name: 'maintenance mode',
      checks: 'pacemaker,haproxy,units',
      breakages: [
        {
          what: 'a cluster in maintenance mode',
          finds: 'error pacemaker//maintenance-mode',
          shows: { value: /maintenance-mode/, command: /^pcs property/ },
          ...by('controller-1', 'pcs property set maintenance-mode=true', 'pcs property set maintenance-mode=false'),
        },
      ],
    },
    {
      name: 'a controller that is cut off from the others and reached by us',
      breakages: [
        {
          what: 'a cluster that is split',
          finds: 'error pacemaker//split',
          shows: { value: /controller-3/, command: /^corosync-quorumtool -s/ },
          brings: [
            'error pacemaker//no-quorum',
            ...controllers.map((name) => `error corosync-node/${name}/ring-0`),
            ...others('controller-3').flatMap((name) => [
              `error peers/${name}/management:controller-3`,
              `error peers/controller-3/management:${name}`,
            ]),
            'error ntp/controller-3/peer',
            'error galera/controller-3',
            'error rabbitmq/controller-3',
            'error haproxy/controller-3',
            servers('controller-3'),
          ],
          make: () => cutFromPeers(host('controller-3'), others('controller-3').map(host)),
          heal: () => rejoinPeers(host('controller-3')).catch(noCut),
        },
      ],
    },
    {
      name: 'hosts without power',
      breakages: [
        {
          what: 'a controller without power',
          finds: 'error reachable/controller-3',
          shows: { value: /./, command: /^ostler check --on controller-3$/ },
          brings: [
            'error pacemaker/controller-3/offline',
            'error galera//size',
            'error rabbitmq/controller-3',
            servers('controller-3'),
            ...others('controller-3').map((name) => `error corosync-node/${name}/ring-0`),
            ...others('controller-3').map((name) => `error peers/${name}/management:controller-3`),
          ],
          make: () => host('controller-3').powerOff(),
          heal: () => host('controller-3').powerOn(),
        },
        {
          what: 'a compute without power',
          finds: 'error reachable/compute-1',
          shows: { value: /./, command: /^ostler check --on compute-1$/ },
          brings: others('controller-3').map((name) => `error peers/${name}/management:compute-1`),
          make: () => host('compute-1').powerOff(),
          heal: () => host('compute-1').powerOn(),
        },
      ],
    },
  ];
};

/** nft's word for a cut that is not there. */
function noCut(error: Error): void {
  if (!error.message.includes('No such file or directory')) throw error;
}
