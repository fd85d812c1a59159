import type { Finding } from '../../domain/audit/finding.js';
import { redact } from '../redact.js';

/** Texts of hosts are shortened, so that a report of many nodes fits into one payload (design, rule 10). */
const MOST_TEXT = 400;

/** What tells findings apart stands twice in each: once by itself, and once in its key. */
const MOST_ABOUT = 200;

/** What stands for all nodes of a cloud with each its own line. */
const MOST_EVIDENCE = 20;

/** A finding as it goes into history: each text of it one line, short, and without secrets, whatever a host has put there. */
export const tidied = ({ about, evidence, what, next, ...finding }: Finding): Finding => ({
  ...finding,
  ...(about !== undefined && { about: brief(about, MOST_ABOUT) }),
  what: brief(what),
  evidence: evidence.slice(0, MOST_EVIDENCE).map(({ value, threshold, command }) => ({
    value: brief(value),
    ...(threshold !== undefined && { threshold: brief(threshold) }),
    command: brief(command),
  })),
  next: brief(next),
});

/** One line without secrets. */
function brief(text: string, most = MOST_TEXT): string {
  const line = redact(text).replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
