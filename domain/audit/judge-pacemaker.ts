import type { ControllerAnswer } from '../cluster.js';
import type { ClusterFinding } from '../cluster-finding.js';
import { clusterFindings } from '../cluster-findings.js';
import type { Finding } from './finding.js';
import { pacemakerCheck } from './pacemaker-checks.js';
import { onHost } from './service-answer.js';

const { id: check } = pacemakerCheck;

/** Controllers without a word of their own, by the inventory's names. */
export interface Speechless {
  /** Pacemaker is not installed there. */
  absent: ReadonlySet<string>;
  /** They were not reached, which is for the check `reachable` to tell. */
  unreached: ReadonlySet<string>;
}

/** What shows an operator the same, where it is not the status itself. */
const SHOWN_BY: Partial<Record<ClusterFinding['kind'], string>> = {
  split: 'corosync-quorumtool -s',
  'no-quorum': 'corosync-quorumtool -s',
  'maintenance-mode': 'pcs property',
  'cli-constraint': 'pcs constraint --full',
  'cluster-stopped': 'systemctl status corosync pacemaker',
};

const STATUS = 'crm_mon -1rf';

/** @param answers of every controller of the inventory */
export function judgePacemaker(answers: readonly ControllerAnswer[], { absent, unreached }: Speechless): Finding[] {
  const asked = answers.filter(({ controller }) => !absent.has(controller) && !unreached.has(controller));
  if (asked.every(({ state }) => state === 'unread')) {
    const why = absent.size > 0 ? asked : answers;
    return why.length > 0 ? [nobodySays(why)] : [];
  }
  const controllers = new Set(answers.map(({ controller }) => controller));
  return [
    ...clusterFindings(answers)
      .filter((one) => !isToldElsewhere(one, { absent, unreached }))
      .map((one) => asFinding(one, controllers)),
    ...[...absent].map(missing),
  ];
}

/** What follows from a controller's not being reached, or its having no Pacemaker at all. */
const isToldElsewhere = ({ kind, about = '' }: ClusterFinding, { absent, unreached }: Speechless): boolean =>
  (kind === 'unread' && (unreached.has(about) || absent.has(about))) || (kind === 'no-member' && absent.has(about));

function asFinding(found: ClusterFinding, controllers: ReadonlySet<string>): Finding {
  const { kind, severity, about, what, evidence, next, seenBy } = found;
  const node = about !== undefined && controllers.has(about) ? about : undefined;
  const at = seenBy[0] ?? node;
  const command = SHOWN_BY[kind] ?? STATUS;
  return {
    check,
    ...(node !== undefined && { node }),
    // One node, or one resource, may be in several kinds of trouble.
    about: node === undefined && about !== undefined ? `${about}:${kind}` : kind,
    severity: kind === 'unread' ? 'unknown' : severity,
    what,
    evidence: [
      {
        value: seenBy.length > 0 ? `${evidence}; seen by ${seenBy.join(', ')}` : evidence,
        command: at === undefined ? command : onHost(command, at),
      },
    ],
    next,
  };
}

function nobodySays(answers: readonly ControllerAnswer[]): Finding {
  const first = answers.find(({ state }) => state !== 'read');
  return {
    check,
    severity: 'unknown',
    what: 'no controller says how it sees the cluster',
    evidence: answers.map((one) => ({
      value: `${one.controller}: ${one.state === 'read' ? 'it was read' : one.why}`,
      command: onHost(STATUS, one.controller),
    })),
    next: first && first.state !== 'read' ? first.next : 'look at the controllers',
  };
}

const missing = (controller: string): Finding => ({
  check,
  node: controller,
  about: 'not-installed',
  severity: 'error',
  what: `there is no Pacemaker on ${controller}, and on other controllers there is`,
  evidence: [{ value: 'not installed', command: onHost('systemctl status pacemaker', controller) }],
  next: `install it there and \`pcs cluster node add\`, or take the role controller from ${controller} in ostler.yaml`,
});
