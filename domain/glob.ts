/** True for text with `*` (any text) or `?` (one character) in it. */
export const isGlob = (text: string): boolean => /[*?]/.test(text);

/**
 * Whether `*` (any text) and `?` (one character) make `pattern` fit the whole text. A selection comes over the wire, and a
 * regular expression of many stars could keep a worker busy for years; this takes at most pattern × text steps.
 */
export function globMatches(pattern: string, text: string): boolean {
  let star = -1;
  let resume = 0;
  let p = 0;
  for (let t = 0; t < text.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
