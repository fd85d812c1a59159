import { type ClusterNode, type ControllerAnswer, isTrue, quorumOf } from './cluster.js';
import type { ClusterFinding } from './cluster-finding.js';
import { merged, type Seen, type Vantage } from './cluster-vantage.js';

/** What is wrong with who takes part: quorum, nodes, and whether the controllers agree at all. */
export function memberFindings(answers: readonly ControllerAnswer[], vantages: readonly Vantage[]): ClusterFinding[] {
  const disputed = new Set(disputedNodes(vantages));
  const seen = merged(
    vantages.map((one) => [
      one.controller,
      [
        ...clusterWide(one),
        ...one.view.nodes.flatMap((node) => nodeFindings(one, node, disputed)),
        ...absentFindings(one, answers),
      ],
    ]),
  );
  const findings = [...splitFinding(vantages, [...disputed]), ...seen];
  for (const answer of answers) {
    if (answer.state === 'read') continue;
    const gone = findings.find(({ kind, about }) => isGone(kind) && about === answer.controller);
    // What others say of it and what it says itself are one thing.
    if (gone) gone.evidence += `; ${answer.why}`;
    else findings.push(silent(answer));
  }
  return findings;
}

const isGone = (kind: ClusterFinding['kind']): boolean => kind === 'offline' || kind === 'unclean';

const silent = ({ controller, state, why, next }: Exclude<ControllerAnswer, { state: 'read' }>): ClusterFinding => ({
  kind: state === 'stopped' ? 'cluster-stopped' : 'unread',
  severity: 'error',
  about: controller,
  what: state === 'stopped' ? `no cluster runs on ${controller}` : `${controller} does not say how it sees the cluster`,
  evidence: why,
  next,
  seenBy: [],
});

/** Nodes that one controller sees online and another does not, by the inventory's names. */
function disputedNodes(vantages: readonly Vantage[]): string[] {
  const seen = new Map<string, Set<boolean>>();
  for (const { view, nameOf } of vantages)
    for (const { name, online } of view.nodes) {
      const said = seen.get(nameOf(name)) ?? new Set();
      seen.set(nameOf(name), said.add(online));
    }
  return [...seen].filter(([, said]) => said.size > 1).map(([name]) => name);
}

/**
 * Controllers that disagree about who is there, or about who decides, may each run everything: without fencing a minority keeps its addresses
 * (domain reference, D 5).
 */
function splitFinding(vantages: readonly Vantage[], disputed: readonly string[]): ClusterFinding[] {
  const deciders = new Set(vantages.flatMap(({ view, nameOf }) => (view.dc === undefined ? [] : [nameOf(view.dc)])));
  if (disputed.length === 0 && deciders.size <= 1) return [];
  const evidence = vantages.map(({ controller, view, nameOf }) => {
    const online = view.nodes.filter((node) => node.online).map(({ name }) => nameOf(name));
    const decides = view.dc === undefined ? 'nobody decides' : `${nameOf(view.dc)} decides`;
    return `${controller} sees ${online.join(', ') || 'nobody'} (${quorumOf(view)}, ${decides})`;
  });
  return [
    {
      kind: 'split',
      severity: 'error',
      what: 'the controllers disagree about the cluster',
      evidence: evidence.join('; '),
      next: 'change nothing in the cluster; `corosync-cfgtool -s` on each of them shows which link is broken',
      seenBy: vantages.map(({ controller }) => controller),
    },
  ];
}

function clusterWide({ controller, view }: Vantage): Seen[] {
  const findings: Seen[] = [];
  if (view.quorum === false)
    findings.push({
      kind: 'no-quorum',
      severity: 'error',
      what: 'the cluster has lost its quorum',
      evidence: `${controller} counts itself to no majority; no-quorum-policy is ${view.properties['no-quorum-policy'] ?? 'stop'}`,
      next: 'bring controllers back; `corosync-quorumtool -s` on each shows whom it hears',
    });
  if (view.dc === undefined)
    findings.push({
      kind: 'no-dc',
      severity: 'warn',
      what: 'nobody decides for the cluster',
      evidence: `${controller} knows no DC`,
      next: 'an election takes seconds: look again; if it stays so, `journalctl -u pacemaker` tells why',
    });
  if (isTrue(view.properties['maintenance-mode']))
    findings.push({
      kind: 'maintenance-mode',
      severity: 'error',
      what: 'the cluster is in maintenance mode: nothing is watched and nothing fails over',
      evidence: `maintenance-mode is ${view.properties['maintenance-mode']}`,
      next: 'when that is over: `pcs property set maintenance-mode=false`',
    });
  return findings;
}

function nodeFindings({ view, nameOf, controllers }: Vantage, node: ClusterNode, disputed: Set<string>): Seen[] {
  const about = nameOf(node.name);
  const old = view.dialect !== 'xml';
  const found = (kind: Seen['kind'], severity: Seen['severity'], state: string, next: string): Seen => ({
    kind,
    severity,
    about,
    what: `${about} is ${state}`,
    evidence: `Pacemaker has ${node.name} as ${statesOf(node)}`,
    next,
  });
  const findings: Seen[] = [];
  if (node.unclean)
    findings.push(
      found(
        'unclean',
        'error',
        'lost and not proven off',
        'make sure that it is off, or bring it back; nothing is safe to move before',
      ),
    );
  else if (node.pending)
    findings.push(
      found(
        'pending',
        'warn',
        'still joining',
        `look again; if it stays so, \`journalctl -u pacemaker\` on ${about} tells why`,
      ),
    );
  else if (!node.online && !disputed.has(about))
    findings.push(found('offline', 'error', 'offline', `bring it back, then \`pcs cluster start ${node.name}\``));
  if (node.standbyOnFail)
    findings.push(
      found(
        'standby-on-fail',
        'error',
        'in standby, because something failed there',
        'mend that, then `pcs resource cleanup`',
      ),
    );
  else if (node.standby)
    findings.push(
      found(
        'standby',
        'warn',
        'in standby',
        `when its maintenance is over: \`pcs node unstandby ${node.name}\`${old ? ` (pcs 0.9: \`pcs cluster unstandby ${node.name}\`)` : ''}`,
      ),
    );
  if (node.maintenance)
    findings.push(
      found('node-maintenance', 'warn', 'in maintenance', `when that is over: \`pcs node unmaintenance ${node.name}\``),
    );
  if (node.shutdown && node.online)
    findings.push(
      found(
        'shutting-down',
        'warn',
        'leaving the cluster',
        `look again; \`pcs cluster start ${node.name}\` takes it back`,
      ),
    );
  if (!node.isRemote && !controllers.has(node.name))
    findings.push({
      kind: 'not-in-inventory',
      severity: 'warn',
      about,
      what: `${about} is in the cluster and was not asked`,
      evidence: 'no controller of the inventory can be told to be it',
      next: "list it in the worker's ostler.yaml with the role controller, under the name that Pacemaker has for it",
    });
  return findings;
}

/** The states of a node as Pacemaker's tools write them. */
function statesOf(node: ClusterNode): string {
  const states = [
    node.unclean && 'UNCLEAN',
    node.online ? 'online' : 'OFFLINE',
    node.pending && 'pending',
    node.standbyOnFail ? 'standby (on-fail)' : node.standby && 'standby',
    node.maintenance && 'maintenance',
    node.shutdown && 'shutdown',
  ];
  return states.filter(Boolean).join(', ');
}

/** Controllers of the inventory that this view's cluster does not know. */
function absentFindings({ view, controllers, nameOf }: Vantage, answers: readonly ControllerAnswer[]): Seen[] {
  const known = new Set([...controllers].map(nameOf));
  const members = view.nodes.map(({ name }) => name).join(', ');
  return answers
    .filter(({ controller }) => !known.has(controller))
    .map(({ controller }) => ({
      kind: 'no-member',
      severity: 'error',
      about: controller,
      what: `${controller} is not a node of the cluster`,
      evidence: `its nodes are ${members}`,
      next: 'if it should be one, `pcs cluster node add`; if it has another name there, give it that in ostler.yaml',
    }));
}
