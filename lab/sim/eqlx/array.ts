import type { CommandLine } from './command-line.js';

/** Management sessions that the whole group bears at once (domain reference, B10). */
const MOST_SESSIONS = 7;

/** One pool, in the words of the array: `2.5TB`. */
export interface SimPool {
  name: string;
  capacity: string;
  free: string;
  volumes: number;
}

/** What is wrong with an array at the moment. */
export interface ArrayFaults {
  /** From the login to the prompt. */
  promptAfterMs: number;
  /** Takes logins and never shows a prompt. */
  isMute: boolean;
  /** Never ends its answer to a command that holds this. */
  hangsAt?: string | undefined;
  /** An event in the midst of every answer, in sessions that want events. */
  isNoisy: boolean;
}

/** A group of EqualLogic arrays: what its command lines share. */
export class SimArray {
  readonly group: string;
  readonly pools: SimPool[];
  readonly faults: ArrayFaults = { promptAfterMs: 0, isMute: false, isNoisy: false };
  /** Every command, whoever typed it. */
  readonly typed: string[] = [];
  /** How many sessions were ended by `logout`, and how many by the end of their connection. */
  readonly ended = { byLogout: 0, byConnection: 0 };
  /** Sessions that others hold, as Cinder does. */
  heldByOthers = 0;
  mostAtOnce = 0;
  private readonly open = new Set<CommandLine>();

  constructor(
    group = 'group0',
    pools: SimPool[] = [{ name: 'default', capacity: '2.5TB', free: '600GB', volumes: 41 }],
  ) {
    this.group = group;
    this.pools = pools;
  }

  get sessions(): number {
    return this.open.size + this.heldByOthers;
  }

  /** Whether the group bears one more session, which it has then. */
  enter(session: CommandLine): boolean {
    if (this.sessions >= MOST_SESSIONS) return false;
    this.open.add(session);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.sessions);
    return true;
  }

  leave(session: CommandLine, how: 'byLogout' | 'byConnection'): void {
    if (this.open.delete(session)) this.ended[how]++;
  }

  /** Tells an event to every session that wants to hear of events, whatever it is in the midst of. */
  event(text: string): void {
    for (const session of this.open) session.event(text);
  }
}
