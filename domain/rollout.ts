import type { IntentVerb } from './commands.js';
import type { Fence } from './intent.js';
import type { Role } from './inventory.js';
import type { HostNote } from './progress.js';

/** Which batch of which run; the keeper knows its lease by it. */
export interface BatchKey {
  owner: string;
  run: string;
  batch: number;
}

/** Asks for leave to touch the hosts of one batch, and what they look like at that moment. */
export interface AdmitRequest extends BatchKey {
  target: string;
  role: Role;
  nodes: string[];
  /** Those of `nodes` whose unit may be started though it is down: our restart failed, and a person asked for another. */
  again: string[];
  /** Hosts whose outcome is not known, of this batch or an earlier one: they use up the budget until it is. */
  unresolved: string[];
  /** Hosts that the run has left failed or out of reach: they are read again, however lately they were well. */
  unwell?: string[];
  maxUnavailable: number;
  deadlineMs: number;
  actor: string;
  reason: string;
}

/** What stands in the way of one host, or the ticket with which it may be touched. */
export type Inspection<Ticket> = { ticket: Ticket } | { state: 'skipped' | 'vetoed' | 'unreachable'; note: HostNote };

/** The answer for a batch: every host's inspection, or why there was no room before the deadline. */
export type Admission<Ticket> =
  | { admitted: true; hosts: Record<string, Inspection<Ticket>> }
  | { admitted: false; silent: boolean; why: string };

/** What one host must still look like for a restart to be sent, recorded in history before anything is (design, rule 1). */
export interface RestartTicket {
  verb: IntentVerb;
  fence: Fence;
  /** Units that it needs and that had failed before we came. */
  failedNeeds: string[];
  /** What is restarted after it on the same host, by catalogue id, where that runs. */
  brings?: { target: string; ticket: RestartTicket }[];
}

/** What is to be done to one host: everything that was decided before anything is sent. */
export interface ActOrder<Ticket> {
  node: string;
  target: string;
  ticket: Ticket;
  /** 16 hexadecimal digits that name this one act for ever (design, rule 1). */
  intent: string;
  /** An earlier act may have sent this intent: only a known outcome may lead to another. */
  maybeSent: boolean;
  lease: BatchKey;
  /** How long its outcome may stay open before it is called unknown, in milliseconds. */
  deadlineMs: number;
}

export type RestartOrder = ActOrder<RestartTicket>;

/** Hosts that were acted on, to be proven well. */
export interface VerifyRequest<Ticket = RestartTicket> {
  target: string;
  hosts: { node: string; ticket: Ticket; byUs: boolean }[];
  soakMs: number;
  deadlineMs: number;
}

/** An act whose outcome is not known: it is resolved under its own intent and never sent anew under another. */
export interface OpenAct<Ticket> {
  ticket: Ticket;
  intent: string;
}

/** Open acts by host, as one run leaves them to another that knows what their tickets are. */
export type OpenActs = Record<string, OpenAct<unknown>>;

/** How an act ended, as far as the act itself can know; `acted` still has to be verified. */
export type ActResult =
  | { state: 'acted'; byUs: boolean; note?: HostNote }
  | { state: 'failed' | 'skipped' | 'vetoed' | 'unreachable' | 'unknown'; note: HostNote }
  | { state: 'lease-lost'; note: HostNote };

/** Verdicts of a batch's verification; hosts that are well are left out. */
export type Verdicts = Record<string, { state: 'failed' | 'unknown' | 'skipped'; note: HostNote }>;
