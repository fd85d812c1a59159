import type { HostNote, Waiting } from '../../domain/progress.js';
import type { ActOrder, ActResult, Admission, AdmitRequest, Verdicts, VerifyRequest } from '../../domain/rollout.js';

/** One host in hand, with the ticket that its inspection gave. */
export interface HostInHand<Ticket> {
  node: string;
  target: string;
  ticket: Ticket;
}

/** What a long procedure sees of its run, and says to it, while it has a host in hand. */
export interface RunInHand {
  /** A person, a deadline or a cancel wants it over. */
  readonly isAborted: boolean;
  /** A person wants the host back in service. */
  readonly isReturned: boolean;
  /** Shows what is being done to the host. */
  say(node: string, why: string): void;
  /** Notes a side effect before it is taken, where it can be read without any worker. */
  owe(what: string): void;
  /** The side effect is undone. */
  settle(what: string): void;
  /**
   * Stands still, says why, and tells people.
   * @returns whether `over` became true before `limitMs` had passed
   */
  stand(reason: Pick<Waiting, 'for' | 'why'>, limitMs: number, over: () => boolean): Promise<boolean>;
  /** Stands still because a host could not be put back, until a person wants it tried again or left as it is. */
  askToRestore(node: string, why: string): Promise<'again' | 'leave'>;
}

/** The host has failed, in a step that answers nothing else. */
export class HostFailed extends Error {
  override name = 'HostFailed';

  constructor(readonly note: HostNote) {
    super(note.why);
  }
}

/**
 * What differs between one managed system and another; everything else is the engine's. A ticket is whatever the system needs
 * to prove later that nothing changed, and to put back what it takes: it is recorded in history before anything is done.
 */
export interface Procedure<Ticket> {
  /** Inspects and gates the hosts of a batch and takes its lease, waiting for room until the request's deadline. */
  admit(request: AdmitRequest): Promise<Admission<Ticket>>;
  /**
   * Takes a host out of service, where the system can; {@link restore} undoes it, whatever happens in between.
   * @throws {HostFailed} where that is a failure of the host; an activity that failed only keeps us off it
   */
  drain?(host: HostInHand<Ticket>, run: RunInHand): Promise<void>;
  /** Does the deed at most once for its intent, or finds out what became of it. */
  act(order: ActOrder<Ticket>, run: RunInHand): Promise<ActResult>;
  /** Proves the hosts well; those that are not are in the answer. */
  verify(request: VerifyRequest<Ticket>): Promise<Verdicts>;
  /**
   * Undoes a drain; idempotent, and restores what the ticket says was there before.
   * @throws {HostFailed} with what could not be undone
   */
  restore?(host: HostInHand<Ticket>, run: RunInHand): Promise<void>;
}
