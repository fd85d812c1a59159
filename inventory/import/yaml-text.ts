import { LineCounter, parseDocument } from 'yaml';
import { InventoryError } from '../problems.js';

/** Stands for a value that Ansible's vault has encrypted. */
export const VAULTED = Symbol('vaulted');

/** Ansible's tags. Others, such as Ruby's in Fuel's files, are passed over. */
const customTags = [
  { tag: '!vault', resolve: () => VAULTED },
  { tag: '!vault-encrypted', resolve: () => VAULTED },
  { tag: '!unsafe', resolve: (text: string) => text },
];

/** Far more than files written by programs have; the usual limit against documents that grow when they are read. */
const MOST_ALIASES = 10_000;

/**
 * Reads YAML or JSON as Ansible and Fuel do: YAML 1.1, of a key written twice the last.
 * @throws {InventoryError} with the line, and without any of the text, which holds secrets
 */
export function readYaml(text: string, file: string): unknown {
  const lineCounter = new LineCounter();
  const options = { version: '1.1', customTags, lineCounter, prettyErrors: false, uniqueKeys: false } as const;
  const document = parseDocument(text, options);
  const problems = document.errors.map(({ code, pos }) => {
    const reason = `not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`;
    return { file, line: Math.max(1, lineCounter.linePos(pos[0]).line), path: '', reason };
  });
  if (problems.length > 0) throw new InventoryError(problems);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new InventoryError([{ file, path: '', reason: 'its aliases (*) cannot be resolved' }], 'invalid', { cause });
  }
}

/** True for a map of YAML. */
export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
