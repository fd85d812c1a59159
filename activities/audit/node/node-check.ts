import type { Check, Limits } from '../../../domain/audit/check.js';
import type { Evidence, FindingSeverity } from '../../../domain/audit/finding.js';
import type { NodeAuditSettings } from '../../../domain/audit/node-settings.js';

/** Whom a check is about. */
export interface Asked {
  /** The node by its name in the inventory. */
  node: string;
  settings: NodeAuditSettings;
}

/** One read of a node: lines of the script, whose output several checks may judge. */
export interface Read {
  /** Lower case letters and underscores: also the name of its function in the script. */
  name: string;
  /** POSIX sh. May use the functions of `node-script.ts`; prints what is judged. Without any there is nothing to ask on this node. */
  lines(asked: Asked): string | undefined;
  /** It asks somebody who may keep it waiting: it runs beside the others, and takes no time of theirs. */
  mayWait?: boolean;
}

/** What a read printed, standard error included, and how it ended. */
export interface Said {
  text: string;
  exitCode: number;
  /** The time of all reads was over before it ended. */
  isLate: boolean;
}

/** What the reads of a node printed. @throws {Unread} for one that did not come to its end in time */
export type SaidBy = (read: Read) => Said;

/** A finding without what every finding of the check and the node has. */
export interface Found {
  about?: string;
  severity: FindingSeverity;
  what: string;
  evidence: Evidence[];
  next: string;
}

/** One check of a node: what it reads and how it judges that. */
export interface NodeCheck {
  check: Check;
  /** What it needs read. Where none of these has lines for a node, the check has nothing to ask there. */
  reads: readonly Read[];
  /** @throws {Unread} when it cannot tell */
  judge(said: SaidBy, asked: Asked, limits: Limits): Found[];
}

/** Why a check could not be run, for its finding of the severity `unknown`. */
export class Unread extends Error {
  override name = 'Unread';

  constructor(
    message: string,
    /** What an operator would run to see the same. */
    readonly command: string,
    /** What to do about it. */
    readonly next: string,
  ) {
    super(message);
  }
}

/** A number of the check that has it. */
export const limit = (limits: Limits, name: string): number => limits[name] as number;

const begins =
  (word: 'at' | 'above') =>
  (limits: Limits, unit: string): string =>
    ['warn', 'error']
      .filter((name) => limits[name] !== undefined)
      .map((name) => `${name} ${word} ${limits[name]} ${unit}`)
      .join(', ');

/** Where trouble begins, in words: `warn at 85 %, error at 95 %`. */
export const beginsAt = begins('at');

/** The same where the limit itself is no trouble yet: `warn above 0.7 per core`. */
export const beginsAbove = begins('above');

const severity =
  (isTrouble: (value: number, limit: number) => boolean) =>
  (value: number, limits: Limits): FindingSeverity | undefined =>
    (['error', 'warn'] as const).find((name) => limits[name] !== undefined && isTrouble(value, limits[name]));

/** How bad a value is that should be below its limits. */
export const severityOf = severity((value, most) => value >= most);

/** How bad a value is that may be as high as its limits, and no higher. */
export const severityAbove = severity((value, most) => value > most);
