import { novaComputeNode } from '../../../domain/audit/service-checks.js';
import { catalogue } from '../../../domain/catalogue.js';
import { redact } from '../../redact.js';
import { type Asked, type NodeCheck, Unread } from './node-check.js';
import { isActive, readUnitStates, unitStates } from './unit-states.js';

const COMMAND = 'virsh -r -c qemu:///system list';

/** Read-only: libvirt lets every account do that, through a socket of its own. */
const guests = {
  name: 'guests',
  mayWait: true,
  lines: ({ settings: { roles } }: Asked): string | undefined =>
    roles.includes('compute') ? `has virsh || return 127\nat_most 5 ${COMMAND}` : undefined,
};

export const novaComputeCheck: NodeCheck = {
  check: novaComputeNode,
  reads: [unitStates, guests],
  judge(said, asked) {
    const { node } = asked;
    const libvirt = catalogue.get('libvirtd');
    const states = readUnitStates(said, asked);
    const unit = libvirt && states.of(libvirt).find((one) => isActive(one) || states.isWaitedFor(one));
    // Kolla asks its own libvirt by the health check of the container, and the host has no virsh.
    if (!unit || unit.id.startsWith('kolla-')) return [];
    const { text, exitCode } = said(guests);
    if (exitCode === 0) return [];
    if (exitCode === 127)
      throw new Unread(
        `there is no virsh on ${node}`,
        COMMAND,
        `install it on ${node} (libvirt-client, libvirt-clients)`,
      );
    const why = redact(text).trim().slice(0, 200) || 'no answer in time';
    return [
      {
        severity: 'error',
        what: `${unit.id} runs on ${node} and does not answer`,
        evidence: [{ value: why, threshold: 'a list of guests', command: COMMAND }],
        next: `restart libvirt and then nova-compute on ${node}, which does not connect again by itself on old clouds: \`ostler restart libvirtd --on ${node}\`, \`ostler restart nova-compute --on ${node}\``,
      },
    ];
  },
};
