import type { ActOrder, ActResult, Admission, AdmitRequest, Verdicts, VerifyRequest } from '../../domain/rollout.js';

/** One host in hand, with the ticket that its inspection gave. */
export interface HostInHand<Ticket> {
  node: string;
  target: string;
  ticket: Ticket;
}

/**
 * What differs between one managed system and another; everything else is the engine's. A ticket is whatever the system needs
 * to prove later that nothing changed, and to put back what it takes: it is recorded in history before anything is done.
 */
export interface Procedure<Ticket> {
  /** Inspects and gates the hosts of a batch and takes its lease, waiting for room until the request's deadline. */
  admit(request: AdmitRequest): Promise<Admission<Ticket>>;
  /** Takes a host out of service, where the system can; {@link restore} undoes it, whatever happens in between. */
  drain?(host: HostInHand<Ticket>): Promise<void>;
  /** Does the deed at most once for its intent, or finds out what became of it. */
  act(order: ActOrder<Ticket>): Promise<ActResult>;
  /** Proves the hosts well; those that are not are in the answer. */
  verify(request: VerifyRequest<Ticket>): Promise<Verdicts>;
  /** Undoes a drain; idempotent, and restores what the ticket says was there before. */
  restore?(host: HostInHand<Ticket>): Promise<void>;
}
