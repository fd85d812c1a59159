import { naturalOrder } from './names.js';

interface Placed {
  name: string;
  failureDomain: string;
}

/**
 * The order in which hosts are worked on, whatever the order of the input: by failure domain and then by name, so that a
 * batch touches the fewest domains.
 * @param spread takes one host of each domain in turn instead, so that no domain loses many hosts at once
 */
export function orderHosts<N extends Placed>(hosts: readonly N[], spread: boolean): N[] {
  const sorted = [...hosts].sort(
    (a, b) => naturalOrder(a.failureDomain, b.failureDomain) || naturalOrder(a.name, b.name),
  );
  return spread ? interleave(sorted) : sorted;
}

function interleave<N extends Placed>(sorted: readonly N[]): N[] {
  const taken = new Map<string, number>();
  const turns = sorted.map((host) => {
    const turn = taken.get(host.failureDomain) ?? 0;
    taken.set(host.failureDomain, turn + 1);
    return { host, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ host }) => host);
}
