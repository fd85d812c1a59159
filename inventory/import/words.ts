/**
 * Splits text as a POSIX shell and Python's shlex do: at blanks, with quotes and backslashes.
 * @param comments whether `#` outside of quotes ends the text, even inside a word, as in shlex
 * @returns undefined where a quote is not closed, or nothing follows a backslash
 */
export function wordsOf(text: string, { comments }: { comments: boolean }): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === '\\' && quote !== "'") {
      if (next === '') return undefined;
      const kept = quote === '"' && next !== '"' && next !== '\\' ? `\\${next}` : next;
      word = (word ?? '') + kept;
      at++;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '#' && comments) {
      break;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}
