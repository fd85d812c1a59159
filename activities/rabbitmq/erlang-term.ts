/** A term as Erlang prints it, as far as `rabbitmqctl` uses it: atoms, strings and numbers as text, lists, and tuples. */
export type ErlangTerm = string | ErlangTerm[] | { tuple: ErlangTerm[] };

const TOKEN = /\s*(?:([[\]{},])|'((?:[^'\\]|\\.)*)'|<<"((?:[^"\\]|\\.)*)">>|"((?:[^"\\]|\\.)*)"|([^\s[\]{},'"]+))/gy;

/**
 * Reads the term at the beginning of a text; what comes after it is left alone. Line breaks may stand anywhere between its parts.
 * @throws {SyntaxError} when it breaks off
 */
export function parseErlangTerm(text: string): ErlangTerm {
  const tokens = text.matchAll(TOKEN);
  const next = (): string[] => {
    const { value, done } = tokens.next();
    if (done) throw new SyntaxError('the Erlang term breaks off');
    return value as string[];
  };
  const until = (end: string): ErlangTerm[] => {
    const items: ErlangTerm[] = [];
    for (;;) {
      const token = next();
      if (token[1] === end) return items;
      if (token[1] !== ',') items.push(termOf(token));
    }
  };
  const termOf = ([, mark, atom, binary, string, word]: string[]): ErlangTerm => {
    if (mark === '[') return until(']');
    if (mark === '{') return { tuple: until('}') };
    if (mark !== undefined) throw new SyntaxError(`the Erlang term has a ${mark} where none belongs`);
    return atom ?? binary ?? string ?? word ?? '';
  };
  return termOf(next());
}
