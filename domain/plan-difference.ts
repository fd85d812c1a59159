import type { Plan } from './plan.js';

/** What is different between two plans of the same request, one line each, for a refusal that can be acted on. */
export function planDifferences(agreed: Plan, now: Plan): string[] {
  const before = placesOf(agreed);
  const after = placesOf(now);
  const moved = [...new Set([...before.keys(), ...after.keys()])]
    .filter((node) => before.get(node) !== after.get(node))
    .map((node) => `${node}: ${before.get(node) ?? 'not selected'} then, ${after.get(node) ?? 'not selected'} now`);
  const numbers = (['population', 'maxUnavailable', 'maxFailures'] as const)
    .filter((key) => agreed[key] !== now[key])
    .map((key) => `${key}: ${agreed[key]} then, ${now[key]} now`);
  const sizes =
    agreed.batches.join() === now.batches.join()
      ? []
      : [`batches: ${agreed.batches.join()} then, ${now.batches.join()} now`];
  const lines = [...moved, ...numbers, ...sizes];
  return lines.length > 0 ? lines : ['the state of hosts outside the selection, or the inventory itself'];
}

const placesOf = (plan: Plan): Map<string, string> =>
  new Map([
    ...plan.nodes.map((node) => [node, 'planned'] as const),
    ...Object.entries(plan.excluded).flatMap(([why, nodes]) => nodes.map((node) => [node, why] as const)),
  ]);
