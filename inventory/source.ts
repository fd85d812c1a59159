import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';

/** What is wrong with the text as YAML. */
export interface SourceProblem {
  line: number;
  path: PropertyKey[];
  reason: string;
}

/** A YAML text, and where in it everything stands. */
export interface Source {
  /** Undefined when the text is no YAML at all. */
  value: unknown;
  problems: SourceProblem[];
  /** The line, from 1, on which `path` or the nearest thing around it is written. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Aliases that one document may resolve to; the usual limit against documents that grow when they are read. */
const MOST_ALIASES = 100;

/**
 * Our words where those of the parser would repeat what is written, which may be a secret (design, rule 8), or leave the
 * reader alone.
 */
const REASONS: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'an alias (*) or anchor (&) without a usable name; quote the text if none is meant',
  BAD_DIRECTIVE: 'a YAML directive (%) that is not understood',
  BAD_DQ_ESCAPE: 'an escape (\\) that YAML does not know; use single quotes',
  DUPLICATE_KEY: 'is written twice',
  MULTIPLE_DOCS: 'a second document (---) in the file; an inventory is one document',
  NON_STRING_KEY: 'a key that is not plain text',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  TAB_AS_INDENT: 'a tab where only spaces may indent',
  TAG_RESOLVE_FAILED: 'a tag (!) that is not understood; quote the text if none is meant',
  UNEXPECTED_TOKEN:
    'not valid YAML: something here is out of place; look for a missing quote, bracket or space after a colon',
};

/** Problems after which the rest of the document still means what it says. */
const HARMLESS: readonly YAMLError['code'][] = ['DUPLICATE_KEY'];

/** Reads YAML text with the position of everything in it. Never throws; no problem repeats any value. */
export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const lineOf = (path: readonly PropertyKey[]): number => lineAt(offsetOf(document, path));

  const faults = [...document.errors, ...document.warnings];
  const problems = faults.map(({ code, message, pos }) => ({
    line: lineAt(pos[0]),
    path: code === 'DUPLICATE_KEY' ? pathAt(document, pos[0]) : [],
    reason: REASONS[code] ?? `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
  }));
  if (faults.some(({ code }) => !HARMLESS.includes(code))) return { value: undefined, problems, lineOf };

  const dangling = danglingAlias(document);
  if (dangling !== undefined) {
    const reason = 'an alias (*) of an anchor that is not set before it; quote the text if none is meant';
    return { value: undefined, problems: [...problems, { line: lineAt(dangling), path: [], reason }], lineOf };
  }
  try {
    return { value: document.toJS({ maxAliasCount: MOST_ALIASES }), problems, lineOf };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const reason = `its aliases (*) stand for more than ${MOST_ALIASES} times what is written; write it out`;
    return { value: undefined, problems: [...problems, { line: 1, path: [], reason }], lineOf };
  }
}

/** Offset of the last step of a path that is there: of the key in a map, of the item in a list. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.findLast(({ key }) => isScalar(key) && key.value === step);
      if (!pair) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? (node as ParsedNode).range?.[0] : undefined);

/** The path of the map key that begins at `offset`. */
function pathAt(document: Document.Parsed, offset: number): PropertyKey[] {
  let found: PropertyKey[] = [];
  visit(document, {
    Pair(_key, pair, ancestors) {
      if (startOf(pair.key) !== offset || !isScalar(pair.key)) return undefined;
      found = [...stepsOf([...ancestors, pair] as Node[]), String(pair.key.value)];
      return visit.BREAK;
    },
  });
  return found;
}

/** The steps that lead from a document through its maps and lists; the last of `chain` is not a step itself. */
function stepsOf(chain: readonly unknown[]): PropertyKey[] {
  return chain.slice(0, -1).flatMap((node, depth): PropertyKey[] => {
    const next = chain[depth + 1];
    if (isSeq(node)) return [node.items.indexOf(next)];
    const pair = node as { key?: unknown };
    return isScalar(pair.key) ? [String(pair.key.value)] : [];
  });
}

function danglingAlias(document: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      found = startOf(alias) ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}
