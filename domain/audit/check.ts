import type { Role } from '../inventory.js';

/** A number at which something begins to be trouble. */
export interface Threshold {
  value: number;
  unit: '%' | 's' | 'ms' | 'per core' | 'd' | 'h' | 'messages' | 'bytes' | 'sessions' | 'members' | '';
  /** Where the number comes from. */
  source: string;
}

/**
 * One question of the audit, as data: what is shown, documented and configured of it. What asks and judges stands with the system that
 * it is about.
 */
export interface Check {
  /** What an operator types: lower case letters, digits and hyphens. */
  id: string;
  /** The module of the catalogue it belongs to, or `host` for the machine itself. */
  module: string;
  /** Of every node of its roles, or of the cloud once. */
  scope: 'node' | 'cloud';
  /** Roles of the nodes that are asked; of a cloud's check, roles without any node of which there is nothing to ask. */
  roles: readonly Role[];
  /** A few words for a table's head. */
  title: string;
  /** What is asked and what a finding means: a paragraph for the page of the check. */
  means: string;
  /** When it is a warning, in words. */
  warns?: string;
  /** When it is an error, in words. */
  fails?: string;
  /** Every number that a site may set, by its name in ostler.yaml: usually `warn` and `error`. */
  thresholds: Readonly<Record<string, Threshold>>;
  /** What to do about it, in general: a paragraph for the page of the check. */
  remedy: string;
  /** Where the rule comes from. */
  source: string;
}

/** The numbers of one check as a site wants them. */
export type Limits = Readonly<Record<string, number>>;

/** A site's numbers by check id (`audit.thresholds` of ostler.yaml). */
export type SiteLimits = Readonly<Record<string, Limits>>;

/** The numbers of a check: a site's own where it has set them, else the check's. */
export const limitsOf = ({ id, thresholds }: Check, own: SiteLimits = {}): Record<string, number> =>
  Object.fromEntries(Object.entries(thresholds).map(([name, { value }]) => [name, own[id]?.[name] ?? value]));
