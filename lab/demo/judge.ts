/** What the hosts themselves say once the run is over. */
export interface Evidence {
  hosts: readonly HostEvidence[];
  /** The host whose first start was made to fail, so that a person had to ask for a second one. */
  failing: string;
  /** The largest number of hosts whose unit was down at one moment. */
  mostDown: number;
  /** How many may be down at one moment. */
  budget: number;
}

export interface HostEvidence {
  name: string;
  /** How often the host's PID 1 started the unit, whoever asked for it and however it ended. */
  starts: number;
  /** Whether the unit serves now. */
  up: boolean;
}

/** How often a host must have started its unit: once, and once more where a person asked for it after a failure. */
export const expectedStarts = (name: string, failing: string): number => (name === failing ? 2 : 1);

/**
 * Compares what happened with what was promised.
 * @returns a sentence for each broken promise; nothing when all were kept
 */
export function complaints({ hosts, failing, mostDown, budget }: Evidence): string[] {
  const found = hosts.flatMap(({ name, starts, up }) => {
    const expected = expectedStarts(name, failing);
    return [
      ...(starts === expected ? [] : [`${name} started its unit ${times(starts)}, not ${times(expected)}`]),
      ...(up ? [] : [`${name} is down`]),
    ];
  });
  if (!hosts.some(({ name }) => name === failing)) found.push(`nothing is known of ${failing}, whose start failed`);
  if (mostDown > budget) found.push(`${mostDown} hosts were down at once, and the budget is ${budget}`);
  if (mostDown === 0) found.push('no host was ever down, so nothing was restarted');
  return found;
}

/** One line for each host: its name, how often its unit was started, how often it should have been. */
export function countLines({ hosts, failing }: Evidence): string[] {
  const width = Math.max(...hosts.map(({ name }) => name.length));
  return hosts.map(({ name, starts, up }) => {
    const expected = expectedStarts(name, failing);
    const right = starts === expected && up;
    const why = name === failing ? ', one for the start that failed' : '';
    return `${right ? '✓' : '✗'} ${name.padEnd(width)}  ${times(starts).padEnd(7)}  (expected ${expected}${why})${up ? '' : '  DOWN'}`;
  });
}

const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);
