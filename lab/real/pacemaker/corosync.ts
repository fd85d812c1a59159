import type { FleetNode } from '../fleet-state.js';

/**
 * corosync.conf for a cluster of `controllers`, the same on every one. The token is the 3000 ms of Fuel's deployments
 * (domain.md, B2); corosync adds 650 ms for the third node.
 */
export const corosyncConf = (controllers: readonly FleetNode[]): string => `totem {
  version: 2
  cluster_name: lab
  transport: knet
  token: 3000
}

nodelist {
${controllers.map(member).join('\n')}
}

quorum {
  provider: corosync_votequorum
}

logging {
  to_logfile: no
  to_syslog: yes
}
`;

const member = ({ name, address }: FleetNode, index: number) => `  node {
    nodeid: ${index + 1}
    name: ${name}
    ring0_addr: ${address}
  }`;
