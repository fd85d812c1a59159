import pc from 'picocolors';
import { type HostState, hostStates, tally } from '../../domain/progress.js';

/** States in which nothing more happens to a host by itself. */
const settled: readonly HostState[] = ['ok', 'failed', 'unreachable', 'unknown', 'skipped', 'vetoed'];

/** How many hosts have had their turn. */
export function settledCount(states: string): number {
  const counts = tally(states);
  return settled.reduce((sum, state) => sum + counts[state], 0);
}

/** A word in the colour of its state: green for ok, red for failures, yellow for what a person may look at. */
export function stateWord(state: HostState, colour: boolean, word: string = state): string {
  const { green, red, yellow, cyan, dim } = pc.createColors(colour);
  switch (state) {
    case 'ok':
      return green(word);
    case 'failed':
    case 'unreachable':
    case 'unknown':
      return red(word);
    case 'skipped':
    case 'vetoed':
      return yellow(word);
    case 'running':
      return cyan(word);
    case 'pending':
      return dim(word);
  }
}

/** `12 ok, 1 failed, 27 pending`: every state that some host is in. */
export function tallyText(states: string, colour: boolean): string {
  const counts = tally(states);
  const worth = (Object.keys(hostStates) as HostState[]).filter((state) => counts[state] > 0);
  const order: HostState[] = ['ok', ...worth.filter((state) => state !== 'ok' && state !== 'pending'), 'pending'];
  return order
    .filter((state) => counts[state] > 0)
    .map((state) => stateWord(state, colour, `${counts[state]} ${state}`))
    .join(', ');
}
