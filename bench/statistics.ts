/** The middle of some numbers; the mean of the two in the middle of an even count. @throws {RangeError} for none */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('the median of no numbers');
  return (lower + upper) / 2;
}

/**
 * The order in which contenders take their turns: once each in every round, each round beginning one place further on, so that
 * whatever else the machine does in those minutes falls on all of them alike.
 */
export const interleaved = <T>(contenders: readonly T[], rounds: number): T[] =>
  Array.from({ length: rounds }, (_, round) => {
    const first = contenders.length === 0 ? 0 : round % contenders.length;
    return [...contenders.slice(first), ...contenders.slice(0, first)];
  }).flat();

/** What a measure must be to be good enough. */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

export const meets = (value: number, target: Target): boolean =>
  'atMost' in target ? value <= target.atMost : value >= target.atLeast;

/** One line of a bench's result: our median beside the others', and what was promised of it. */
export interface Finding {
  readonly name: string;
  /** What the numbers count: `ms`, `events`, `MB`, ... */
  readonly unit: string;
  readonly ours: number;
  /** The others' medians by name; empty where we are measured against a limit. */
  readonly peers: Readonly<Record<string, number>>;
  /** What the target is about, where there is a peer. */
  readonly ratio?: number;
  readonly target?: Target;
  /** Missing where nothing was promised. */
  readonly met?: boolean;
}

interface Against {
  readonly name: string;
  readonly unit?: string;
  readonly ours: readonly number[];
  readonly peer: readonly [name: string, samples: readonly number[]];
}

/** How many times our time is of the peer's: 1.1 is a tenth slower. */
export const slowdown = ({ name, unit = 'ms', ours, peer: [peer, theirs] }: Against, target?: Target): Finding => {
  const [mine, other] = [median(ours), median(theirs)];
  return withTarget({ name, unit, ours: mine, peers: { [peer]: other }, ratio: mine / other }, target);
};

/** How many times our time the peer takes: 3 is three times as fast as the peer. */
export const speedup = ({ name, unit = 'ms', ours, peer: [peer, theirs] }: Against, target?: Target): Finding => {
  const [mine, other] = [median(ours), median(theirs)];
  return withTarget({ name, unit, ours: mine, peers: { [peer]: other }, ratio: other / mine }, target);
};

/** A number of ours against a limit, or with none to be seen beside the others. */
export const measure = (name: string, unit: string, ours: number, target?: Target): Finding =>
  withTarget({ name, unit, ours, peers: {} }, target);

const withTarget = (finding: Finding, target: Target | undefined): Finding =>
  target ? { ...finding, target, met: meets(finding.ratio ?? finding.ours, target) } : finding;
