import type { ControllerAnswer } from './cluster.js';
import type { ClusterFinding } from './cluster-finding.js';
import { memberFindings } from './cluster-members.js';
import { resourceFindings, runningInBothHalves } from './cluster-resources.js';
import { merged, vantagesOf } from './cluster-vantage.js';

/**
 * Everything that keeps a cluster from being healthy, errors first. Healthy (domain reference, B2) is: every controller answers, they agree,
 * there is quorum and no maintenance mode, every controller is online and neither in standby, pending nor unclean, every clone has an instance on every controller,
 * every primitive runs exactly once, all are managed and none failed or blocked, no failure is listed and no `cli-*` constraint is left.
 * What follows from another finding is not a finding of its own: a node in standby runs no clones.
 * @param answers of every controller of the inventory
 */
export function clusterFindings(answers: readonly ControllerAnswer[]): ClusterFinding[] {
  const vantages = vantagesOf(answers);
  const members = memberFindings(answers, vantages);
  const isSplit = members.some(({ kind }) => kind === 'split');
  const findings = [
    ...members,
    ...(isSplit ? runningInBothHalves(vantages) : []),
    ...merged(vantages.map((one) => [one.controller, resourceFindings(one)])),
  ];
  return findings.sort((a, b) => Number(a.severity === 'warn') - Number(b.severity === 'warn'));
}
