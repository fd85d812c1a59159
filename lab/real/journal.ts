import { must } from './process.js';

/** One start or stop of a unit by the host's PID 1. */
export interface StartRecord {
  /** Microseconds since the epoch; all hosts share one kernel, so records of different hosts compare. */
  atRealtimeUs: number;
  /** Microseconds of the same kernel's monotonic clock. */
  atMonotonicUs: number;
  bootId: string;
  /** Which life of the unit this began or ended, where systemd says so (since 232). */
  invocationId?: string;
}

/** What PID 1 said, by the message ids of systemd's catalogue (sd-messages.h), which no translation changes. */
export type UnitEventKind = 'starting' | 'started' | 'start-failed' | 'stopping' | 'stopped' | 'ended';

export interface UnitEvent extends StartRecord {
  kind: UnitEventKind | 'boot-finished';
}

const kindOf: Record<string, UnitEvent['kind']> = {
  '7d4958e842da4a758f6c1cdc7b36dcc5': 'starting',
  '39f53479d3a045ac8e11786248231fbf': 'started',
  be02cf6855d2428ba40df7e9d022f03d: 'start-failed',
  de5b426a63be47a7b6ac3eaac82e2f6f: 'stopping',
  '9d1aaa27d60140bd96365438aad20286': 'stopped',
  // The main process exited, the unit deactivated by itself, or it failed: three messages that say it is down.
  '98e322203f7a4ed290d09fe03c09fe15': 'ended',
  '7ad2d189f7e94e70a38c781354912448': 'ended',
  d9b373ed55a64feb8242e02dbe79a49c: 'ended',
  b07a249cd024414a82dd00cd181378ff: 'boot-finished',
};

const bootFinishedId = 'b07a249cd024414a82dd00cd181378ff';

/**
 * What PID 1 of one host said about `unit` over all its boots, oldest first, and when each boot was finished.
 * `journalDir` is the host's /var/log/journal as this machine sees it, so it can be read while the host is off.
 */
export async function readUnitEvents(journalDir: string, unit: string): Promise<UnitEvent[]> {
  const fields = 'MESSAGE_ID,INVOCATION_ID,_BOOT_ID,_SOURCE_REALTIME_TIMESTAMP';
  const matches = ['_PID=1', `UNIT=${unit}`, '+', '_PID=1', `MESSAGE_ID=${bootFinishedId}`];
  const output = ['--quiet', '--no-pager', '--output=json', `--output-fields=${fields}`];
  const lines = await must(['journalctl', '--directory', journalDir, ...output, ...matches]);
  return parseUnitEvents(lines);
}

/** Pure part of {@link readUnitEvents}: one JSON object a line, as `journalctl --output=json` prints them. */
export function parseUnitEvents(lines: string): UnitEvent[] {
  return lines
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const entry = JSON.parse(line) as Record<string, string>;
      const kind = kindOf[entry.MESSAGE_ID ?? ''];
      if (kind === undefined) return [];
      const event: UnitEvent = {
        kind,
        atRealtimeUs: Number(entry._SOURCE_REALTIME_TIMESTAMP ?? entry.__REALTIME_TIMESTAMP),
        atMonotonicUs: Number(entry.__MONOTONIC_TIMESTAMP),
        bootId: entry._BOOT_ID ?? '',
      };
      return [entry.INVOCATION_ID ? { ...event, invocationId: entry.INVOCATION_ID } : event];
    })
    .sort((a, b) => a.atRealtimeUs - b.atRealtimeUs);
}

/**
 * The starts among `events`, successful or not, without the one each boot made itself: the first of a boot, if it began
 * before that boot was finished (or the boot never was). A unit that is not enabled has no such start. "Failed to start"
 * alone is not one: systemd says it, with the invocation before, when the start limit or a dependency forbade to try.
 */
export function startsOutsideBoot(events: readonly UnitEvent[]): StartRecord[] {
  const finishedAt = new Map(events.filter((e) => e.kind === 'boot-finished').map((e) => [e.bootId, e.atMonotonicUs]));
  const seen = new Set<string>();
  const boots = new Set<string>();
  return events.flatMap((event) => {
    if (event.kind !== 'starting' && event.kind !== 'started') return [];
    // A start says "starting" and, when it worked, "started", both with the invocation it began. A simple service without
    // preparation says only the latter.
    const key = event.invocationId ?? `${event.bootId} ${event.kind === 'starting' ? event.atMonotonicUs : ''}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const firstOfBoot = !boots.has(event.bootId);
    boots.add(event.bootId);
    if (firstOfBoot && event.atMonotonicUs < (finishedAt.get(event.bootId) ?? Number.POSITIVE_INFINITY)) return [];
    return [record(event)];
  });
}

/** The stops among `events` that PID 1 carried out for somebody; a unit that died by itself was not stopped. */
export const stopsOf = (events: readonly UnitEvent[]): StartRecord[] =>
  events.filter((event) => event.kind === 'stopping').map(record);

function record({ atRealtimeUs, atMonotonicUs, bootId, invocationId }: UnitEvent): StartRecord {
  return { atRealtimeUs, atMonotonicUs, bootId, ...(invocationId !== undefined && { invocationId }) };
}
