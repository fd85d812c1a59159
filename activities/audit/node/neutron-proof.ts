import { auditReads } from '../../../domain/audit/node-commands.js';
import { neutronNode } from '../../../domain/audit/service-checks.js';
import { catalogue } from '../../../domain/catalogue.js';
import { listed } from '../../../domain/names.js';
import { redact } from '../../redact.js';
import { type Asked, type Found, type NodeCheck, type Said, Unread } from './node-check.js';
import { NO_PROGRAM, openvswitch, portErrors } from './openvswitch.js';
import { refusal } from './refusal.js';
import { isActive, readUnitStates, runs, type UnitStates, unitStates } from './unit-states.js';

/** The namespaces of routers and networks: their names are listed without privilege. */
const namespaces = {
  name: 'namespaces',
  lines: ({ settings: { roles } }: Asked): string | undefined =>
    roles.includes('controller') || roles.includes('compute') ? 'at_most 4 ip netns list >/dev/null' : undefined,
};

const SHOW = auditReads.openvswitch.slice(-3).join(' ');

export const neutronCheck: NodeCheck = {
  check: neutronNode,
  reads: [unitStates, openvswitch, namespaces],
  judge(said, asked) {
    const states = readUnitStates(said, asked);
    return [
      ...(hasOwnSwitch(states) ? ofSwitch(said(openvswitch), asked) : []),
      ...(runs(states, 'neutron-l3-agent') || runs(states, 'neutron-dhcp-agent')
        ? ofNamespaces(said(namespaces), asked)
        : []),
    ];
  },
};

/** Kolla asks its own Open vSwitch by the health check of the container, and the host has no tools for it. */
const hasOwnSwitch = (states: UnitStates): boolean => {
  const entry = catalogue.get('openvswitch');
  return entry !== undefined && states.of(entry).some((unit) => isActive(unit) && !unit.id.startsWith('kolla-'));
};

/** `ovs-vsctl` ends itself by an alarm when it has waited long enough. */
const saidOr = (text: string, silent: string): string =>
  /Alarm clock/.test(text) ? silent : redact(text).trim().slice(0, 200) || silent;

function ofSwitch(said: Said, { node, settings }: Asked): Found[] {
  const { text, exitCode } = said;
  if (exitCode === NO_PROGRAM) throw new Unread(`there is no ovs-vsctl on ${node}`, SHOW, `install it on ${node}`);
  const refused = refusal(text, settings.roles);
  if (refused) throw new Unread(`Open vSwitch on ${node} could not be asked: ${refused.what}`, SHOW, refused.next);
  if (exitCode !== 0) {
    return [
      {
        about: 'openvswitch',
        severity: 'error',
        what: `Open vSwitch runs on ${node} and does not answer`,
        evidence: [
          {
            value: saidOr(text, 'no answer in time'),
            threshold: 'a list of bridges',
            command: SHOW,
          },
        ],
        next: `see whether ovsdb-server and ovs-vswitchd run on ${node}; a restart of Open vSwitch interrupts the guests' networks`,
      },
    ];
  }
  const errors = portErrors(said);
  if (errors.length === 0) return [];
  return [
    {
      about: 'ports',
      severity: 'warn',
      what: `Open vSwitch on ${node} has ports that it cannot use: ${redact(listed(errors, 3)).slice(0, 200)}`,
      evidence: [{ value: `${errors.length} with an error`, threshold: 'none', command: SHOW }],
      next: `see which of them are left from guests that are gone, and remove those with \`ovs-vsctl del-port\` on ${node}`,
    },
  ];
}

function ofNamespaces({ text, exitCode }: Said, { node }: Asked): Found[] {
  if (exitCode === 0) return [];
  return [
    {
      about: 'namespaces',
      severity: 'error',
      what: `the network namespaces of ${node} cannot be listed`,
      evidence: [
        {
          value: redact(text).trim().slice(0, 200) || `exit ${exitCode}`,
          threshold: 'exit 0',
          command: 'ip netns list',
        },
      ],
      next: `see what keeps \`ip netns list\` from working on ${node}: the agents of Neutron need it`,
    },
  ];
}
