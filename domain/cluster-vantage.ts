import { type ClusterView, type ControllerAnswer, isVip } from './cluster.js';
import type { ClusterFinding } from './cluster-finding.js';
import { pairNames } from './node-names.js';

/** One controller's view, with the names that the inventory has for Pacemaker's nodes. */
export interface Vantage {
  controller: string;
  view: ClusterView;
  /** The inventory's name of one of Pacemaker's nodes, or the same name when it has none. */
  nameOf(node: string): string;
  /** Pacemaker's names of the inventory's controllers. */
  controllers: ReadonlySet<string>;
}

/** The views of the controllers that have one. @param answers of every controller of the inventory */
export function vantagesOf(answers: readonly ControllerAnswer[]): Vantage[] {
  const names = answers.map(({ controller }) => controller);
  return answers.flatMap((answer) => {
    if (answer.state !== 'read') return [];
    const { controller, view } = answer;
    const members = view.nodes.filter(({ isRemote }) => !isRemote).map(({ name }) => name);
    const pairs = pairNames(names, members);
    const back = new Map([...pairs].map(([ours, theirs]) => [theirs, ours]));
    const nameOf = (node: string): string => back.get(node) ?? node;
    return [{ controller, view, nameOf, controllers: new Set(pairs.values()) }];
  });
}

/** The view to go by where one must do: of the node that decides, else one with quorum, else any. */
export const bestOf = (vantages: readonly Vantage[]): Vantage | undefined =>
  vantages.find(({ controller, view, nameOf }) => view.quorum && view.dc && nameOf(view.dc) === controller) ??
  vantages.find(({ view }) => view.quorum) ??
  vantages[0];

/** Which controller holds which address, by the inventory's names. */
export const vipsOf = ({ view, nameOf }: Vantage): { id: string; nodes: string[] }[] =>
  view.resources.filter(isVip).map(({ id, nodes }) => ({ id, nodes: nodes.map(nameOf) }));

/** A finding as one view has it. */
export type Seen = Omit<ClusterFinding, 'seenBy'>;

/** What several controllers see is one finding, in the words of the first. */
export function merged(seen: readonly (readonly [controller: string, findings: readonly Seen[]])[]): ClusterFinding[] {
  const findings = new Map<string, ClusterFinding>();
  for (const [controller, ofOne] of seen) {
    for (const one of ofOne) {
      const key = `${one.kind} ${one.about ?? ''}`;
      const known = findings.get(key);
      if (!known) findings.set(key, { ...one, seenBy: [controller] });
      else if (!known.seenBy.includes(controller)) known.seenBy.push(controller);
    }
  }
  return [...findings.values()];
}
