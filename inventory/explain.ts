import type { z } from 'zod';
import { listed } from '../domain/names.js';
import { knownKeys } from './json-schema.js';
import { didYouMean } from './suggest.js';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** What is wrong at one place of the document. */
export interface Fault {
  path: PropertyKey[];
  reason: string;
}

/**
 * The reasons for what zod finds by itself, in the words of an operator; a schema's own message wins over them. A value is
 * never repeated: what stands in the wrong place may be a secret.
 */
export function reasonFor(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? MISSING : `must be ${nounOf(issue.expected)}, not ${kindOf(issue.input)}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

const MISSING = 'is missing';

/** The faults behind one zod issue: unknown keys one by one, and of a union only the form that was most likely meant. */
export function faultsOf(issue: Issue, document: unknown, around: readonly PropertyKey[] = []): Fault[] {
  const path = [...around, ...issue.path];
  const value = valueAt(document, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], reason: unknownKey(path, key) }));
    case 'invalid_value':
      return [{ path, reason: value === undefined ? MISSING : unknownValue(path, value, issue.values) }];
    case 'invalid_key':
      return [{ path, reason: issue.issues[0]?.message ?? issue.message }];
    case 'invalid_union': {
      if (value === undefined) return [{ path, reason: MISSING }];
      const form = issue.message === DEFAULT_UNION ? likeliest(issue.errors) : undefined;
      return form ? form.flatMap((inner) => faultsOf(inner, document, path)) : [{ path, reason: issue.message }];
    }
    default:
      return [{ path, reason: value === undefined && issue.code !== 'custom' ? MISSING : issue.message }];
  }
}

/** Zod's own message for a union, which says nothing; ours say what is wanted instead. */
const DEFAULT_UNION = 'Invalid input';

/** The form with the fewest keys that it does not know, and of those the one with the least to complain about. */
function likeliest(forms: readonly Issue[][]): Issue[] | undefined {
  const strangeKeys = (issues: Issue[]): number =>
    issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  return [...forms].sort((a, b) => strangeKeys(a) - strangeKeys(b) || a.length - b.length)[0];
}

function unknownKey(path: readonly PropertyKey[], key: string): string {
  const known = knownKeys(path);
  const what = keyNouns[String(path.at(-1))] ?? 'key';
  return `unknown ${what} ${quoted(key)}${didYouMean(key, known) ?? `; it can be ${listed(known, MOST_NAMED)}`}`;
}

/** What the keys of a map are, where they are words of ours and no keys that the map must have. */
const keyNouns: Record<string, string> = { maxUnavailable: 'role', units: 'service' };

function unknownValue(path: readonly PropertyKey[], value: unknown, known: readonly unknown[]): string {
  const words = known.map(String);
  if (typeof value !== 'string') return `must be one of ${words.join(', ')}, not ${kindOf(value)}`;
  const key = path.findLast((step) => typeof step === 'string') ?? 'value';
  const what = String(key).replace(/ies$/, 'y').replace(/s$/, '');
  return `unknown ${what} ${quoted(value)}${didYouMean(value, words) ?? `; it can be ${listed(words, MOST_NAMED)}`}`;
}

const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

const nouns: Record<string, string> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

const nounOf = (expected: string): string => nouns[expected] ?? expected;

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'true or false (put it in quotes)' : 'a number (put it in quotes)';
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    document,
  );
}

/** Known names in one message; of more a person reads no further. */
const MOST_NAMED = 20;
