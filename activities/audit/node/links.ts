import { bridges } from '../../../domain/audit/host-checks.js';
import { ofRoles } from '../../../domain/audit/node-settings.js';
import { shellWord } from '../../ssh/quote.js';
import type { Asked, Found, NodeCheck, Said } from './node-check.js';
import { bridgePorts, NO_PROGRAM, openvswitch } from './openvswitch.js';
import { sudoersOf } from './refusal.js';

const wantedOf = ({ settings }: Asked): string[] => ofRoles(settings.section.bridges, settings.roles);

/**
 * Every interface that has hardware, is a bond, or is asked for: `link NAME KIND OPERSTATE CARRIER`, and the members of bridges and bonds. The carrier of an
 * interface that is administratively down cannot be read.
 */
const links = {
  name: 'links',
  lines: (asked: Asked): string | undefined => {
    const wanted = wantedOf(asked);
    if (wanted.length === 0) return undefined;
    return `wanted=${shellWord(` ${wanted.join(' ')} `)}
for path in /sys/class/net/*; do
  name=\${path##*/} kind=virtual state= carrier=
  [ -e $path/device ] && kind=nic
  [ -d $path/bridge ] && kind=bridge
  [ -d $path/bonding ] && kind=bond
  case $kind,$wanted in virtual,*" $name "*|nic,*|bridge,*|bond,*) ;; *) continue ;; esac
  read -r state 2>/dev/null <$path/operstate
  read -r carrier 2>/dev/null <$path/carrier
  echo "link $name $kind \${state:-unknown} \${carrier:-none}"
  for port in $path/brif/*; do [ -e "$port" ] && echo "port $name \${port##*/}"; done
  [ $kind = bond ] && read -r slaves 2>/dev/null <$path/bonding/slaves && for port in $slaves; do echo "port $name $port"; done
done
true`;
  },
};

interface Link {
  name: string;
  kind: 'nic' | 'bond' | 'bridge' | 'virtual';
  /** operstate(5) of the kernel: up, down, lowerlayerdown, unknown (of what has no idea of a link), ... */
  state: string;
  /** `none` while it is administratively down. */
  carrier: '1' | '0' | 'none';
}

function linksOf({ text }: Said): { links: Map<string, Link>; ports: Map<string, string[]> } {
  const found = new Map<string, Link>();
  for (const [, name = '', kind, state = '', carrier] of text.matchAll(
    /^link (\S+) (nic|bond|bridge|virtual) (\S+) (1|0|none)$/gm,
  ))
    found.set(name, { name, kind: kind as Link['kind'], state, carrier: carrier as Link['carrier'] });
  const ports = new Map<string, string[]>();
  for (const [, bridge = '', port = ''] of text.matchAll(/^port (\S+) (\S+)$/gm))
    ports.set(bridge, [...(ports.get(bridge) ?? []), port]);
  return { links: found, ports };
}

const hasLink = ({ carrier }: Link): boolean => carrier === '1';

export const bridgesCheck: NodeCheck = {
  check: bridges,
  reads: [links, openvswitch],
  judge(said, asked) {
    const wanted = wantedOf(asked);
    if (wanted.length === 0) return [];
    const { links: all, ports } = linksOf(said(links));
    const answer = said(openvswitch);
    const switches = bridgePorts(answer);
    const isSwitchSilent = answer.exitCode !== 0 && answer.exitCode !== NO_PROGRAM;
    const found = new Map<string, Found>();
    for (const name of wanted) {
      const link = all.get(name);
      const inSwitch = switches.get(name);
      if (isSwitchSilent && (!link || link.kind === 'virtual')) {
        found.set(name, unread(name, asked));
        continue;
      }
      if (!link && !inSwitch) {
        found.set(name, absent(name, asked));
        continue;
      }
      // A bridge of Open vSwitch forwards while its own interface is down; only a bridge of the kernel needs that.
      if (link && !inSwitch && !hasLink(link)) found.set(name, down(link, name, asked));
      const members = below(name, new Map([...ports, ...switches]));
      for (const member of members) {
        const port = all.get(member);
        if (port && port.kind !== 'virtual' && port.kind !== 'bridge' && !hasLink(port))
          found.set(member, down(port, name, asked));
      }
    }
    return [...found.values()];
  },
};

/** What is in a bridge or a bond, and in the bonds in it. */
function below(name: string, ports: ReadonlyMap<string, readonly string[]>, seen = new Set<string>()): string[] {
  for (const port of ports.get(name) ?? []) {
    if (seen.has(port) || port === name) continue;
    seen.add(port);
    below(port, ports, seen);
  }
  return [...seen];
}

const absent = (name: string, { node }: Asked): Found => ({
  about: name,
  severity: 'error',
  what: `${node} has no network interface ${name}`,
  evidence: [{ value: 'does not exist', threshold: 'there, with a link', command: `ip link show ${name}` }],
  next: `bring it up as the network configuration of ${node} says, or take it out of audit.node.bridges in ostler.yaml`,
});

/** It may be a bridge of Open vSwitch, of which nobody knows then what is in it. */
const unread = (name: string, { node, settings }: Asked): Found => ({
  about: name,
  severity: 'unknown',
  what: `what is in ${name} of ${node} could not be read from Open vSwitch`,
  evidence: [{ value: 'not read', threshold: 'there, with a link', command: 'ovs-vsctl show' }],
  next: `see whether \`ovs-vsctl show\` answers on ${node}, and install what ${sudoersOf(settings.roles)} prints if sudo refuses it`,
});

function down({ name, kind, state, carrier }: Link, wanted: string, { node }: Asked): Found {
  const carries = name === wanted ? '' : ` (it carries ${wanted})`;
  return {
    about: name,
    severity: 'error',
    what: `the network interface ${name} of ${node} has no link${carries}`,
    evidence: [
      {
        value: carrier === 'none' ? `${state}, switched off` : `${state}, no carrier`,
        threshold: 'up',
        command: `ip link show ${name}`,
      },
    ],
    next:
      carrier === 'none'
        ? `\`ip link set ${name} up\` on ${node}, when nobody has switched it off on purpose`
        : kind === 'nic'
          ? `check the cable and the port of the switch at its other end`
          : `look at what is in it: \`ip link show master ${name}\` on ${node}`,
  };
}
