import type { Role } from '../inventory.js';
import { type Finding, type FindingSeverity, SEVERITIES } from './finding.js';

/** Somebody knows, until then; a finding that gets worse is not covered any more. */
export interface Ack {
  actor: string;
  reason: string;
  /** ISO 8601. */
  until: string;
}

/** A finding as a report has it. */
export interface ReportedFinding extends Finding {
  /** Stays the same from one audit to the next: what `ostler audit ack` takes. */
  key: string;
  /** When it was first seen without having been gone since, ISO 8601. */
  since: string;
  ack?: Ack;
}

/** How many findings an audit had that nobody has acknowledged, and how many that somebody has. */
export type Counts = Record<FindingSeverity | 'acked', number>;

/** One audit among others. */
export interface AuditMark {
  /** `<workflow id>@<8 characters of its first run id>`. */
  run: string;
  /** When it ended, ISO 8601. */
  at: string;
  counts: Counts;
}

/** A channel that could not be told of a change. */
export interface Undelivered {
  channel: string;
  /** When it was given up, ISO 8601. */
  at: string;
  why: string;
}

/** What one audit has found. */
export interface AuditReport {
  cloud: string;
  run: string;
  startedAt: string;
  endedAt: string;
  /** Ids of the checks that were asked, in the order of the catalogue of checks. */
  checks: string[];
  /** The nodes that were asked, in the order of the inventory. */
  nodes: { name: string; roles: readonly Role[] }[];
  /** Trouble first: errors, what is unknown, warnings; within each in the order of checks and nodes. */
  findings: ReportedFinding[];
  /** How many findings are only counted (fit.ts); the least bad are left out first. */
  omitted: number;
  /** The last audits of everything, oldest first, this one included when it was one. */
  trend: AuditMark[];
  /** Channels that were not told of the last change that they should have been told of. */
  undelivered: Undelivered[];
}

export type CellState = 'ok' | FindingSeverity;

/** The check that says whether a node can be asked at all. Where it fails, the others were not asked. */
export const REACHABLE = 'reachable';

/** The worst of some findings. */
export const worstOf = (findings: readonly { severity: FindingSeverity }[]): CellState =>
  SEVERITIES.find((severity) => findings.some((one) => one.severity === severity)) ?? 'ok';
