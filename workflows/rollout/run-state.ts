import { batchesOf, type Plan, type RolloutRequest } from '../../domain/plan.js';
import {
  type HostNote,
  type HostState,
  hostStates,
  hostsOf,
  isFailure,
  type RolloutProgress,
  tally,
  type Waiting,
} from '../../domain/progress.js';
import type { OpenAct, OpenActs } from '../../domain/rollout.js';
import type { LeftOpen } from '../messages/controls.js';

/** Notes kept for hosts, newest last; with their journals they stay well below the size of one payload (design, rule 10). */
const MOST_NOTES = 200;
const MOST_JOURNALS = 20;

/** Everything a run remembers across a continue-as-new, beside its request and plan. */
export interface RunState<Ticket> {
  progress: RolloutProgress;
  /** Planned batches that had their turn. */
  batchesDone: number;
  /** Leases asked for, which numbers them. */
  leases: number;
  /** Hosts that a person wants tried again, before any planned batch goes on. */
  retries: string[];
  open: Record<string, OpenAct<Ticket>>;
  pausedBy?: { actor: string; reason: string };
  /** Why no batch can be admitted; cleared by resume. */
  stuck?: { for: 'budget' | 'keeper'; why: string };
  abortedBy?: { actor: string; reason: string; outcome: 'aborted' | 'cancelled' };
  /** A person wants the host in hand back in service. */
  returnedBy?: { actor: string; reason: string };
  /** What a person wants of a host that could not be put back. */
  restoring?: 'again' | 'leave';
  promoted: boolean;
  /** A person let the run go on after its time. */
  pastUntil: boolean;
  skippedByPerson: string[];
}

/** The state of a run that has just been asked for. */
export const initialState = <Ticket>(request: RolloutRequest, now: number): RunState<Ticket> => ({
  progress: {
    cloud: request.cloud,
    operation: request.operation,
    target: request.target,
    actor: request.actor,
    reason: request.reason,
    planHash: '',
    phase: 'planning',
    states: '',
    batch: 0,
    batches: 0,
    notes: {},
    controls: [],
    owed: [],
    startedAt: now,
  },
  batchesDone: 0,
  leases: 0,
  retries: [],
  open: {},
  promoted: false,
  pastUntil: false,
  skippedByPerson: [],
});

/**
 * Takes over what an ended run of the same request left unresolved: whatever the plan makes of those hosts by now, they have their turn before
 * all others.
 * @returns the plan with them
 */
export function takenOver<Ticket>(plan: Plan, state: RunState<Ticket>, open: OpenActs = {}): Plan {
  const nodes = Object.keys(open);
  if (nodes.length === 0) return plan;
  // A run of the same kind has made these tickets.
  state.open = open as RunState<Ticket>['open'];
  state.retries = nodes;
  return { ...plan, nodes: [...new Set([...plan.nodes, ...nodes])] };
}

/** What of the open acts fits into one payload (design, rule 10), in characters of JSON. */
const MOST_LEFT_OPEN = 200_000;

/** What an ended run leaves to the next one, for the details of its failure. */
export function leftOpen({ open }: RunState<unknown>): LeftOpen {
  let room = MOST_LEFT_OPEN;
  const left = Object.entries(open).filter(([, act]) => {
    room -= JSON.stringify(act).length;
    return room > 0;
  });
  return { open: Object.fromEntries(left) };
}

/** A run's bookkeeping: who is in which state, whose turn it is, and what stands in the way. No Temporal, no clock. */
export class RunBook<Ticket> {
  private readonly places: ReadonlyMap<string, number>;
  private readonly planned: readonly string[][];
  /** The batch that has its turn now. */
  private inHand: readonly string[] = [];

  constructor(
    readonly request: RolloutRequest,
    readonly plan: Plan,
    readonly state: RunState<Ticket>,
  ) {
    this.places = new Map(plan.nodes.map((node, place) => [node, place]));
    this.planned = batchesOf(plan);
    const { progress } = state;
    progress.planHash = plan.hash;
    progress.batches = plan.batches.length;
    progress.states ||= hostStates.pending.repeat(plan.nodes.length);
  }

  has(node: string): boolean {
    return this.places.has(node);
  }

  stateOf(node: string): HostState {
    const place = this.places.get(node) as number;
    return hostsOf({ nodes: [node] }, this.state.progress.states[place] as string)[0]?.state as HostState;
  }

  /** Puts a host into a state; its note is replaced, or dropped where there is none. */
  put(node: string, state: HostState, note?: HostNote): void {
    const { progress } = this.state;
    const place = this.places.get(node) as number;
    progress.states = progress.states.slice(0, place) + hostStates[state] + progress.states.slice(place + 1);
    delete progress.notes[node];
    if (note) progress.notes[node] = note;
    const noted = Object.keys(progress.notes);
    for (const old of noted.slice(0, Math.max(0, noted.length - MOST_JOURNALS))) delete progress.notes[old]?.journal;
    for (const old of noted.slice(0, Math.max(0, noted.length - MOST_NOTES))) delete progress.notes[old];
  }

  /** Says something about a host whose state stays as it is. */
  note(node: string, note: HostNote): void {
    this.put(node, this.stateOf(node), note);
  }

  nodesIn(...states: HostState[]): string[] {
    return hostsOf(this.plan, this.state.progress.states)
      .filter(({ state }) => states.includes(state))
      .map(({ node }) => node);
  }

  get failures(): number {
    const counts = tally(this.state.progress.states);
    return counts.failed + counts.unreachable + counts.unknown;
  }

  /** Takes the next batch: hosts that a person wants tried again, else the next planned batch that has pending hosts. */
  takeBatch(): readonly string[] | undefined {
    this.inHand = this.nextBatch();
    return this.inHand.length > 0 ? this.inHand : undefined;
  }

  private nextBatch(): string[] {
    const { state } = this;
    if (state.retries.length > 0) return state.retries.splice(0, Math.max(...this.plan.batches));
    while (state.batchesDone < this.planned.length) {
      state.progress.batch = state.batchesDone;
      const nodes = (this.planned[state.batchesDone++] as string[]).filter((node) => this.stateOf(node) === 'pending');
      if (nodes.length > 0) return nodes;
    }
    return [];
  }

  /** Gives hosts in hand their turn back: those of a planned batch with it, those that a person wanted tried first of all. */
  putBack(nodes: readonly string[]): void {
    const { state } = this;
    const [planned, retried] = [true, false].map((pending) =>
      nodes.filter((node) => (this.stateOf(node) === 'pending') === pending),
    ) as [string[], string[]];
    if (planned.length > 0) state.batchesDone = Math.min(state.batchesDone, state.progress.batch);
    state.retries.unshift(...retried);
  }

  /** The batch has had its turn. */
  letGo(): void {
    this.inHand = [];
  }

  /** Something is left to do, now or after a person's word. */
  get isOpen(): boolean {
    return this.state.retries.length > 0 || this.nodesIn('pending').length > 0;
  }

  /** The time after which no new batch may start has come, and nobody has let the run go on. */
  isPastUntil(now: number): boolean {
    return this.request.untilMs !== undefined && now >= this.request.untilMs && !this.state.pastUntil;
  }

  /** What keeps the next batch from starting, most urgent first; undefined when nothing does. */
  obstacle(now: number): Pick<Waiting, 'for' | 'why'> | undefined {
    const { request, plan, state } = this;
    if (state.pausedBy && this.isOpen)
      return { for: 'person', why: `paused by ${state.pausedBy.actor}: ${state.pausedBy.reason}` };
    if (state.stuck && this.isOpen) return state.stuck;
    if (state.retries.length > 0) return undefined;
    if (this.failures > plan.maxFailures) return { for: 'failures', why: this.describeFailures() };
    if (!this.isOpen) return undefined;
    if (this.isPastUntil(now)) {
      return { for: 'person', why: 'the time after which no new batch may start has come' };
    }
    if (request.promote && this.isPastCanary && !state.promoted)
      return { for: 'promotion', why: `${this.describeCanary()}; the rest waits for \`ostler promote\`` };
    return undefined;
  }

  /** A person has it paused, and this is what holds it. */
  isPaused(obstacle: Pick<Waiting, 'for' | 'why'>): boolean {
    return obstacle.for === 'person' && this.state.pausedBy !== undefined;
  }

  /** No host of the first batch has its turn still to come. */
  private get isPastCanary(): boolean {
    return !this.planned[0]?.some((node) => this.stateOf(node) === 'pending');
  }

  private describeCanary(): string {
    const states = new Set(this.planned[0]?.map((node) => this.stateOf(node)));
    return states.size === 1 && states.has('ok') ? 'the canary is well' : `the canary is ${[...states].join(' and ')}`;
  }

  /** `1 failed (compute-3), more than the 0 allowed`. */
  describeFailures(): string {
    const groups = (['failed', 'unreachable', 'unknown'] as const)
      .map((state) => ({ state, nodes: this.nodesIn(state) }))
      .filter(({ nodes }) => nodes.length > 0)
      .map(
        ({ state, nodes }) =>
          `${nodes.length} ${state} (${nodes.slice(0, 5).join(', ')}${nodes.length > 5 ? ', …' : ''})`,
      );
    return `${groups.join(', ')}, more than the ${this.plan.maxFailures} allowed`;
  }

  /** Hosts with their states are well, or were left out by a person. */
  get allWell(): boolean {
    const byPerson = new Set(this.state.skippedByPerson);
    return hostsOf(this.plan, this.state.progress.states).every(
      ({ node, state }) => state === 'ok' || (state === 'skipped' && byPerson.has(node)),
    );
  }

  /** Why `retry` cannot mean this host: it means failures, and hosts that a gate kept us off, each for one more turn. */
  refuseRetry(node: string): string | undefined {
    if (this.state.retries.includes(node) || this.inHand.includes(node)) return `${node} has its turn already`;
    return this.isUnsettled(node) ? undefined : `${node} has not failed: it is ${this.stateOf(node)}`;
  }

  /** Why `skip` cannot mean this host: it means what retry means, and hosts that have not had their turn. */
  refuseSkip(node: string): string | undefined {
    if (this.isUnsettled(node) || this.stateOf(node) === 'pending') return undefined;
    return `${node} is done or in flight: it is ${this.stateOf(node)}`;
  }

  private isUnsettled(node: string): boolean {
    const state = this.stateOf(node);
    return isFailure(state) || state === 'vetoed';
  }
}
