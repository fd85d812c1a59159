/** One line of a host's journal. */
export interface JournalEntry {
  /** Milliseconds since the epoch. */
  at: number;
  unit: string;
  identifier: string;
  pid: number;
  message: string;
}

export const OUTPUT_FORMATS = ['short', 'short-iso', 'short-unix', 'cat'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Enough for every test that asks for the last 20 lines, and little enough for ten thousand hosts. */
const KEPT_LINES = 60;

/** A persistent journal, as systemd-journald keeps it: the last lines of all units, across boots. */
export class Journal {
  private entries: JournalEntry[] = [];

  /** Appends a line of a unit; `systemd[1]` says it unless another identifier and pid are given. */
  log(unit: string, message: string, identifier = 'systemd', pid = 1): void {
    this.entries.push({ at: Date.now(), unit, identifier, pid, message });
    if (this.entries.length > 2 * KEPT_LINES) this.entries = this.entries.slice(-KEPT_LINES);
  }

  /** The last `count` lines of any of `units` (of all units when none is named), oldest first. */
  tail(units: readonly string[], count: number): JournalEntry[] {
    const chosen = units.length === 0 ? this.entries : this.entries.filter((entry) => units.includes(entry.unit));
    return count === 0 ? [] : chosen.slice(-count);
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A journal line as `journalctl -o FORMAT` of systemd 252 prints it (compared with a real one), in UTC. */
export function formatEntry(entry: JournalEntry, host: string, format: OutputFormat): string {
  if (format === 'cat') return entry.message;
  return `${formatTime(new Date(entry.at), format)} ${host} ${entry.identifier}[${entry.pid}]: ${entry.message}`;
}

function formatTime(at: Date, format: Exclude<OutputFormat, 'cat'>): string {
  const iso = at.toISOString();
  if (format === 'short-unix') return (at.getTime() / 1000).toFixed(6);
  if (format === 'short-iso') return `${iso.slice(0, 19)}+0000`;
  return `${MONTHS[at.getUTCMonth()]} ${iso.slice(8, 10)} ${iso.slice(11, 19)}`;
}
