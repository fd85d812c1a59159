/**
 * Literals of the shell that are no JSON, and strings, which may hold anything: `ISODate("...")`, `Timestamp(1, 2)`, `NumberLong("3")`,
 * `ObjectId("...")`, `undefined`.
 */
const LITERAL = /"(?:[^"\\]|\\.)*"|\b(?:new\s+)?([A-Za-z]+)\(([^()]*)\)|\bundefined\b/g;

/**
 * Reads a document as the shells of MongoDB print it: JSON, Extended JSON, or the legacy shell's own way with dates, timestamps and numbers.
 * @throws {SyntaxError} for anything else
 */
export const parseShellJson = (text: string): unknown =>
  JSON.parse(
    text.replace(LITERAL, (literal, name: string | undefined, argument = '') => {
      if (literal.startsWith('"')) return literal;
      if (name === undefined) return 'null';
      return jsonOf(name, argument.trim());
    }),
  );

function jsonOf(name: string, argument: string): string {
  if (name === 'Timestamp') {
    const [seconds = '0', counter = '0'] = argument.match(/\d+/g) ?? [];
    return `{"t":${seconds},"i":${counter}}`;
  }
  const plain = argument.replace(/^["']|["']$/g, '');
  return /^Number(?:Long|Int|Decimal)$/.test(name) ? plain : JSON.stringify(plain);
}
