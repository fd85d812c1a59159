import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { UnreadableCluster } from './read-script.js';

/** Elements of which there may be several; the parser would give one alone no list. */
const LISTS = new Set([
  ...['resource', 'clone', 'group', 'bundle', 'replica', 'node', 'failure'],
  ...['rsc_location', 'rule', 'expression', 'date_expression', 'cluster_property_set', 'instance_attributes', 'nvpair'],
]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && LISTS.has(name),
});

/** An element's attributes and children by their names. One with neither is an empty text to the parser. */
export const element = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess((value) => (value === '' ? {} : value), z.object(shape));

/** An element that is left out when it would be empty. */
export const elementIfAny = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess((value) => value || {}, z.object(shape));

/** `true` or `false`, as Pacemaker writes them. */
export const flag = (otherwise: boolean) =>
  z
    .enum(['true', 'false'])
    .optional()
    .transform((value) => (value === undefined ? otherwise : value === 'true'));

/**
 * Parses what a tool of Pacemaker printed.
 * @throws {UnreadableCluster} for what {@link readXml} refuses, or has another shape
 */
export const parseXml = <T>(text: string, schema: z.ZodType<T>, what: string): T =>
  checked(readXml(text, what), schema, what);

/**
 * Reads what a tool of Pacemaker printed, by its root. The parser alone would close what a cut document left open, and what is missing
 * then, such as failures, would read as if there were none: so the document is validated first.
 * @throws {UnreadableCluster} for what is no XML, was cut short, or brings a document type (and with it entities)
 */
export function readXml(text: string, what: string): Record<string, unknown> {
  if (/<!DOCTYPE/i.test(text))
    throw new UnreadableCluster(`${what} brings a document type, which Pacemaker's never does`);
  try {
    return parser.parse(text, true);
  } catch (error) {
    throw new UnreadableCluster(
      `${what} is not as expected, for it is no whole XML: ${(error as Error).message.replace(/\s+/g, ' ')}`,
      {
        cause: error,
      },
    );
  }
}

/** @throws {UnreadableCluster} for what has another shape, with the path to what is not as expected */
export function checked<T>(parsed: unknown, schema: z.ZodType<T>, what: string): T {
  const { success, data, error } = schema.safeParse(parsed);
  if (success) return data;
  const [issue] = error.issues;
  throw new UnreadableCluster(`${what} is not as expected at ${issue?.path.join('.')}: ${issue?.message}`);
}
