import { auditReads } from '../../../domain/audit/node-commands.js';
import { corosyncNode } from '../../../domain/audit/service-checks.js';
import { stateRead } from '../../../domain/controller-commands.js';
import { redact } from '../../redact.js';
import { shellCommand } from '../../ssh/quote.js';
import { type Asked, type Found, type NodeCheck, type Said, Unread } from './node-check.js';
import { refusal } from './refusal.js';
import { readUnitStates, runs, unitStates } from './unit-states.js';

const RINGS = 'corosync-cfgtool -s';

const rings = {
  name: 'rings',
  mayWait: true,
  lines: ({ settings: { roles } }: Asked): string | undefined =>
    roles.includes('controller')
      ? `[ -x /usr/sbin/corosync-cfgtool ] || return 127\nas_root ${shellCommand(auditReads.corosync)}`
      : undefined,
};

/** Pacemaker may know the node by its full name or by the first label of it; a name that it does not know has no answer. */
const controllerState = {
  name: 'controller_state',
  mayWait: true,
  lines: ({ settings: { roles, members } }: Asked): string | undefined =>
    roles.includes('controller')
      ? [
          '[ -x /usr/sbin/crmadmin ] || return 127',
          ...members.map(
            (member) =>
              `said=$(as_root ${shellCommand(stateRead(member))} 2>&1); code=$?; printf '%s\\n' "$said"; case $said in *S_[A-Z]*) return 0 ;; esac`,
          ),
          'return $code',
        ].join('\n')
      : undefined,
};

/** The states in which a member of a cluster rests (domain reference, B2). */
const RESTING = ['S_IDLE', 'S_NOT_DC'];

export const corosyncCheck: NodeCheck = {
  check: corosyncNode,
  reads: [unitStates, rings, controllerState],
  judge(said, asked) {
    const states = readUnitStates(said, asked);
    return [
      ...(runs(states, 'corosync') ? ofRings(said(rings), asked) : []),
      ...(runs(states, 'pacemaker') ? ofController(said(controllerState), asked) : []),
    ];
  },
};

/** Corosync 1 and 2 have rings, and one sentence about each; Corosync 3 has links, and a line for each node at their other ends. */
function ofRings({ text, exitCode }: Said, { node, settings }: Asked): Found[] {
  // Kolla's Corosync is in a container, and the host has no tools for it.
  if (exitCode === 127) return [];
  const refused = refusal(text, settings.roles);
  if (refused) throw new Unread(`Corosync on ${node} could not be asked: ${refused.what}`, RINGS, refused.next);
  const parts = text.split(/^(?=(?:RING|LINK) ID \d)/m).filter((part) => /^(?:RING|LINK) ID/.test(part));
  if (parts.length === 0) {
    return [
      ringFinding(
        'ring',
        `Corosync runs on ${node} and does not answer`,
        redact(text).trim().slice(0, 200) || 'no answer',
        node,
      ),
    ];
  }
  return parts.flatMap((part): Found[] => {
    const [, id = ''] = /^(?:RING|LINK) ID (\d+)/.exec(part) ?? [];
    const [, faulty] = /^\s*status\s*=\s*((?!.*no faults).*\S)$/m.exec(part) ?? [];
    const lost = [...part.matchAll(/nodeid:?\s*(\d+):\s*(?:\S+ \()?(disconnected|.*not enabled)/g)].map(
      ([, peer]) => peer,
    );
    if (faulty === undefined && lost.length === 0) return [];
    const value = faulty ?? `node ${lost.join(', node ')} disconnected`;
    return [ringFinding(`ring-${id}`, `ring ${id} of Corosync is not whole, seen from ${node}`, value, node)];
  });
}

const ringFinding = (about: string, what: string, value: string, node: string): Found => ({
  about,
  severity: 'error',
  what,
  evidence: [{ value, threshold: 'no faults, every node connected', command: RINGS }],
  next: `look at the network of the ring between ${node} and the others; \`ostler cluster status\` tells who sees whom`,
});

function ofController({ text, exitCode }: Said, { node, settings }: Asked): Found[] {
  if (exitCode === 127) return [];
  const command = `crmadmin -S ${settings.members[0]}`;
  const [state] = /\bS_[A-Z_]+/.exec(text) ?? [];
  if (state !== undefined && RESTING.includes(state)) return [];
  const refused = refusal(text, settings.roles);
  if (state === undefined && refused)
    throw new Unread(`Pacemaker on ${node} could not be asked: ${refused.what}`, command, refused.next);
  return [
    {
      about: 'controller',
      severity: state === undefined ? 'error' : 'warn',
      what:
        state === undefined
          ? `Pacemaker runs on ${node}, and its controller does not say what it does`
          : `Pacemaker on ${node} is not at rest: its controller is in ${state}`,
      evidence: [
        {
          value: state ?? (redact(text).trim().slice(0, 200) || 'no answer'),
          threshold: 'S_IDLE or S_NOT_DC',
          command,
        },
      ],
      next: `it passes by itself when a transition or an election ends; if it stays, look at \`crm_mon -1\` and at /var/log/pacemaker on ${node}`,
    },
  ];
}
