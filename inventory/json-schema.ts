import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { inventorySchema } from '../domain/inventory.schema.js';

/** The part of JSON Schema that the inventory's uses to describe maps and lists. */
export interface SchemaPart {
  properties?: Record<string, SchemaPart>;
  items?: SchemaPart;
  additionalProperties?: SchemaPart | false;
  propertyNames?: { enum?: string[] };
  anyOf?: SchemaPart[];
  oneOf?: SchemaPart[];
}

/** What `ostler.yaml` may hold, as JSON Schema (draft 2020-12), with which editors complete and check it. */
export function inventoryJsonSchema(): SchemaPart & Record<string, unknown> {
  const schema = z.toJSONSchema(inventorySchema, { io: 'input' });
  return { ...schema, title: 'Inventory of Ostler (ostler.yaml)' } as SchemaPart & Record<string, unknown>;
}

/** The text of docs/ostler.schema.json. */
export const inventoryJsonSchemaText = (): string => `${JSON.stringify(inventoryJsonSchema(), null, 2)}\n`;

/** Absolute path of docs/ostler.schema.json, from the sources as well as from dist/. */
export function jsonSchemaFile(): string {
  const [beside, above] = ['../docs/ostler.schema.json', '../../docs/ostler.schema.json'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  ) as [string, string];
  return existsSync(beside) ? beside : above;
}

/** Made once: a file with one wrong key may have it at thousands of nodes. */
let whole: SchemaPart | undefined;

/** The keys that may stand at `path`, whichever form of a union is meant. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  whole ??= inventoryJsonSchema();
  let parts: SchemaPart[] = [whole];
  for (const step of path) parts = parts.flatMap(forms).flatMap((part) => inside(part, step));
  return [
    ...new Set(
      parts
        .flatMap(forms)
        .flatMap(({ properties, propertyNames }) => [...Object.keys(properties ?? {}), ...(propertyNames?.enum ?? [])]),
    ),
  ];
}

const forms = (part: SchemaPart): SchemaPart[] => (part.anyOf ?? part.oneOf)?.flatMap(forms) ?? [part];

function inside(part: SchemaPart, step: PropertyKey): SchemaPart[] {
  const next = typeof step === 'number' ? part.items : (part.properties?.[String(step)] ?? part.additionalProperties);
  return next ? [next] : [];
}
