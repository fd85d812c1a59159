import { distance } from 'fastest-levenshtein';

/**
 * The known word that somebody most likely meant, or undefined when none is near: at most one letter in three may differ.
 * Of equally near words the first wins.
 */
export function closest(value: string, known: Iterable<string>): string | undefined {
  const typed = value.toLowerCase();
  let best: { word: string; away: number } | undefined;
  for (const word of known) {
    const away = distance(typed, word.toLowerCase());
    const near = away <= Math.max(1, Math.floor(Math.max(typed.length, word.length) / 3));
    if (near && (best === undefined || away < best.away)) best = { word, away };
  }
  return best?.word;
}

/** The end of a sentence about an unknown word, `; did you mean compute?`, or undefined when nothing known is near. */
export function didYouMean(value: string, known: Iterable<string>): string | undefined {
  const meant = closest(value, known);
  return meant === undefined ? undefined : `; did you mean ${meant}?`;
}
