/**
 * Pairs the inventory's names with those that another system has for the same hosts: by the same full name, else by the same first label, as
 * long as nobody else on either side has that label (`node-1` and `node-1.domain.tld`). Case does not matter.
 * @returns the other system's name by the inventory's; what has no certain partner is left out
 */
export function pairNames(inventory: readonly string[], others: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const name of inventory) {
    const same = others.filter((other) => other.toLowerCase() === name.toLowerCase());
    const alike = (names: readonly string[]): string[] => names.filter((one) => labelOf(one) === labelOf(name));
    const namesakes = same.length === 0 && alike(inventory).length === 1 ? alike(others) : same;
    if (namesakes.length === 1) pairs.set(name, namesakes[0] as string);
  }
  return pairs;
}

const labelOf = (name: string): string => name.toLowerCase().split('.', 1)[0] as string;
