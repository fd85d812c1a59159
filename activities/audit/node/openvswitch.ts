import { auditReads } from '../../../domain/audit/node-commands.js';
import { shellCommand } from '../../ssh/quote.js';
import type { Asked, Said } from './node-check.js';

/** Exit code of a read whose program is not on the host. */
export const NO_PROGRAM = 127;

/** The bridges of Open vSwitch. Nobody asks for it on hosts that have no networks of the cloud. */
export const openvswitch = {
  name: 'openvswitch',
  mayWait: true,
  lines: ({ settings: { roles } }: Asked): string | undefined =>
    roles.includes('controller') || roles.includes('compute')
      ? `[ -x /usr/bin/ovs-vsctl ] || return ${NO_PROGRAM}\nas_root ${shellCommand(auditReads.openvswitch)}`
      : undefined,
};

/**
 * The bridges and their interfaces, from `ovs-vsctl show`, which indents what belongs to what and quotes names in older versions. Those of a
 * bond are there, and so is the bridge's own. None where Open vSwitch could not be asked.
 */
export function bridgePorts({ text, exitCode }: Said): Map<string, string[]> {
  const bridges = new Map<string, string[]>();
  if (exitCode !== 0) return bridges;
  let bridge: string | undefined;
  for (const line of text.split('\n')) {
    const [, kind, name = ''] = /^\s+(Bridge|Interface) "?([^"\s]+)"?$/.exec(line) ?? [];
    if (kind === 'Bridge') {
      bridge = name;
      bridges.set(bridge, []);
    } else if (kind === 'Interface' && bridge !== undefined && name !== bridge) bridges.get(bridge)?.push(name);
  }
  return bridges;
}

/** What Open vSwitch says is wrong with its interfaces, such as one whose device is gone. */
export const portErrors = ({ text }: Said): string[] =>
  [...text.matchAll(/^\s+error: "?(.+?)"?$/gm)].map(([, error = '']) => error);
