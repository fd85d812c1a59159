import type { Plan } from './plan.js';

/** Every state a planned host can be in, and the letter that stands for it in a compact progress. */
export const hostStates = {
  pending: '.',
  running: 'r',
  ok: 'o',
  failed: 'f',
  unreachable: 'u',
  unknown: '?',
  skipped: 's',
  vetoed: 'v',
} as const;

export type HostState = keyof typeof hostStates;

const stateOf = new Map<string, HostState>(
  Object.entries(hostStates).map(([state, letter]) => [letter, state as HostState]),
);

/** What `ostler retry` does to a host whose outcome is not known (design, rule 2). */
export const LOOKS_AGAIN = 'looks again and sends nothing twice';
export const LOOK_AGAIN = `\`ostler retry\` ${LOOKS_AGAIN}`;

/** How the hosts after a failed one have their turn: in a run of their own, and in a part of a larger one, which has ended with the host. */
export const goesOnPast = (target: string): string =>
  `\`ostler skip\` goes on past this host; in a part of a larger run it drops the hosts after it as well: \`ostler restart ${target} --on <the hosts after it>\` does the others`;

/** What an operator should know about one host beyond its state. */
export interface HostNote {
  /** One sentence: what was seen. */
  why: string;
  /** The next command, where there is one. */
  next?: string;
  /** The unit's last journal lines, redacted. */
  journal?: string[];
}

export type ControlVerb = 'pause' | 'resume' | 'abort' | 'retry' | 'skip' | 'promote' | 'return';

/** One control message, as accepted. Times are milliseconds since 1970. */
export interface ControlRecord {
  at: number;
  verb: ControlVerb;
  actor: string;
  reason: string;
  nodes?: string[];
}

/** Why a run is standing still. */
export interface Waiting {
  for:
    | 'person'
    | 'promotion'
    | 'failures'
    | 'budget'
    | 'keeper'
    /** A host is held out of service, until a person or its time says that it may come back. */
    | 'return'
    /** A host could not be put back into service. */
    | 'restore';
  why: string;
  since: number;
  /** When the run gives up waiting: it aborts, takes a held host back if it was told to, or leaves what could not be put back. */
  deadline: number;
}

export type Outcome = 'ok' | 'failed' | 'aborted' | 'cancelled';

/**
 * How far a run has come: the answer of its progress query, mirrored to its memo at each barrier. Small at every size (design,
 * rule 10): one letter for each planned host, in the plan's order, and notes only where there is something to say.
 */
export interface RolloutProgress {
  cloud: string;
  operation: string;
  target: string;
  actor: string;
  reason: string;
  planHash: string;
  phase: 'planning' | 'running' | 'waiting' | 'ended';
  outcome?: Outcome;
  /** Why it ended otherwise than ok. */
  ending?: string;
  waiting?: Waiting;
  /** What is being done to the batch in hand. */
  step?: 'waiting for room' | 'draining' | 'acting' | 'proving' | 'restoring';
  states: string;
  /** Index of the batch in hand and how many there are. */
  batch: number;
  batches: number;
  notes: Record<string, HostNote>;
  controls: ControlRecord[];
  /** Leases that could not be given back, for `ostler leases`. */
  owed: string[];
  startedAt: number;
  endedAt?: number;
}

/** Counts by state. */
export function tally(states: string): Record<HostState, number> {
  const counts = Object.fromEntries(Object.keys(hostStates).map((state) => [state, 0])) as Record<HostState, number>;
  for (const letter of states) {
    const state = stateOf.get(letter);
    if (state) counts[state] += 1;
  }
  return counts;
}

/** Each planned host with its state. */
export const hostsOf = (plan: Pick<Plan, 'nodes'>, states: string): { node: string; state: HostState }[] =>
  plan.nodes.map((node, index) => ({ node, state: stateOf.get(states[index] ?? '.') ?? 'pending' }));

/** States that count against max failures (design, section 4). */
export const isFailure = (state: HostState): boolean =>
  state === 'failed' || state === 'unreachable' || state === 'unknown';
