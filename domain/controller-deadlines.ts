/** Longer than any resource may take to stop and to start again: 475 s of Galera's agent and 175 s to stop it (domain reference, B2). */
export const AWAY_DEADLINE_MS = 15 * 60_000;

/** Without a state transfer everything is back in minutes; with one, for as long as it goes on. */
export const BACK_DEADLINE_MS = 30 * 60_000;

/** A server with much memory may take many minutes from one boot to the next (domain reference, C6: 30 and more a node). */
export const REBOOT_DEADLINE_MS = 30 * 60_000;
