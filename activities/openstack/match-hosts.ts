import type { ServiceRow } from './nova.js';

/** The row of one node, or a sentence about why none can be told to be its own. */
export type Match<Row = ServiceRow> = { row: Row } | { why: string };

/**
 * Finds every node's row: the one whose host has the same name, else the only one with the same first label, as long as no
 * other node has that label. Nova knows hosts by what they call themselves, which is a short name on some sites and a full one on
 * others, whatever the inventory says.
 */
export function matchHosts<Row extends { host: string }>(
  nodes: readonly string[],
  rows: readonly Row[],
): (node: string) => Match<Row> {
  const byName = grouped(rows, ({ host }) => host.toLowerCase());
  const byLabel = grouped(rows, ({ host }) => labelOf(host));
  const nodesByLabel = grouped(nodes, labelOf);
  return (node) => {
    const same = byName.get(node.toLowerCase()) ?? byLabel.get(labelOf(node)) ?? [];
    const [row] = same;
    if (!row) return { why: `Nova lists no such service on ${node}` };
    if (same.length > 1) {
      const hosts = same.map(({ host }) => host).join(', ');
      return { why: `Nova lists ${same.length} services that may be that of ${node}: ${hosts}` };
    }
    const rivals = nodesByLabel.get(labelOf(node)) ?? [];
    if (row.host.toLowerCase() !== node.toLowerCase() && rivals.length > 1)
      return { why: `Nova lists ${row.host}, which may be any of ${rivals.join(', ')}` };
    return { row };
  };
}

/** The same the other way round: the node that a host of a row is, where it is certainly one. */
export function nodesByHost(nodes: readonly string[], hosts: readonly string[]): (host: string) => string | undefined {
  const matchOf = matchHosts(
    nodes,
    [...new Set(hosts)].filter((host) => host !== '').map((host) => ({ host })),
  );
  const byHost = new Map(
    nodes.flatMap((node) => {
      const match = matchOf(node);
      return 'row' in match ? [[match.row.host, node] as const] : [];
    }),
  );
  return (host) => byHost.get(host);
}

const labelOf = (name: string): string => name.toLowerCase().split('.', 1)[0] as string;

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
