import pc from 'picocolors';
import { isWorse, SEVERITIES } from '../../../domain/audit/finding.js';
import type { Change } from '../../../domain/audit/ledger.js';
import { type Style, table } from '../tables.js';
import { printable } from '../text.js';
import { findingWord } from './severity.js';

type Colour = Pick<Style, 'colour'>;

/** Findings that are new, worse, better or gone, worst news first. */
export function diffText(changes: readonly Change[], style: Colour): string {
  if (changes.length === 0) return 'nothing has changed';
  const rows = [...changes]
    .sort((a, b) => rank(a) - rank(b))
    .map((change) => [wordOf(change), ...cellsOf(change, style)]);
  return table(['', 'WAS', 'IS', 'FINDING', ''], rows, style);
}

/** Changes of findings, in the order given, each with its time. */
export function historyText(changes: readonly Change[], style: Colour): string {
  if (changes.length === 0) return 'no change is on record';
  const rows = changes.map((change) => [change.at, ...cellsOf(change, style)]);
  return table(['AT', 'WAS', 'IS', 'FINDING', ''], rows, style);
}

const cellsOf = ({ from, to, key, what }: Change, { colour }: Colour): string[] => [
  stateWord(from, colour),
  stateWord(to, colour),
  printable(key),
  printable(what),
];

const stateWord = (state: Change['to'], colour: boolean): string =>
  state === 'ok' ? pc.createColors(colour).green('ok') : findingWord(state, colour);

function wordOf({ from, to }: Change): string {
  if (from === 'ok') return 'new';
  if (to === 'ok') return 'gone';
  return isWorse(to, from) ? 'worse' : 'better';
}

const rank = (change: Change): number =>
  ['new', 'worse', 'better', 'gone'].indexOf(wordOf(change)) * SEVERITIES.length + severityRank(change);

const severityRank = ({ from, to }: Change): number => {
  const severity = to === 'ok' ? from : to;
  return severity === 'ok' ? SEVERITIES.length : SEVERITIES.indexOf(severity);
};
