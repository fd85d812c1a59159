import { temporal } from '@temporalio/proto';
import { searchAttributes } from '../../workflows/messages/names.js';
import { type OstlerContext, printJson, withTemporal } from '../context.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import type { TemporalSession } from '../temporal.js';
import type { SetupFlags } from './setup.js';

const { IndexedValueType } = temporal.api.enums.v1;

/** The types of ours as the server numbers them. */
const wireType = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
} as const;

/** Adds the search attributes that the namespace lacks, and says which those were. */
export async function setup(this: OstlerContext, flags: SetupFlags): Promise<void> {
  await withTemporal(this, flags, async (session) => {
    const { address, namespace } = session;
    const existing = await registered(session);
    for (const [name, type] of Object.entries(searchAttributes)) refuseOtherType(namespace, name, existing[name], type);
    const missing = Object.entries(searchAttributes).filter(([name]) => existing[name] === undefined);
    if (missing.length > 0) await add(session, missing);

    const added = missing.map(([name]) => name);
    if (flags.json)
      return printJson(this, { address, namespace, added, searchAttributes: Object.keys(searchAttributes) });
    this.io.stdout(
      added.length > 0
        ? `Registered ${added.join(', ')} in the namespace ${namespace} of ${address}.\n`
        : `The namespace ${namespace} of ${address} has all search attributes already; nothing to do.\n`,
    );
  });
}

type WireTypes = Record<string, temporal.api.enums.v1.IndexedValueType>;

async function registered({ client, namespace }: TemporalSession): Promise<WireTypes> {
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  return customAttributes;
}

async function add(
  { client, namespace }: TemporalSession,
  missing: [name: string, type: keyof typeof wireType][],
): Promise<void> {
  const wanted = Object.fromEntries(missing.map(([name, type]) => [name, wireType[type]]));
  try {
    await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
  } catch (error) {
    throw new CliError(
      EXIT.refused,
      `the server does not let this client add search attributes: ${(error as Error).message}`,
      `ask its administrator for ${missing.map(([name, type]) => `${name} (${type})`).join(', ')}; on Temporal Cloud add them in its UI`,
      { cause: error },
    );
  }
}

function refuseOtherType(
  namespace: string,
  name: string,
  found: temporal.api.enums.v1.IndexedValueType | undefined,
  wanted: keyof typeof wireType,
): void {
  if (found === undefined || found === wireType[wanted]) return;
  throw new UsageError(
    `${name} is a search attribute of another type in the namespace ${namespace} (${IndexedValueType[found]}, not ${wanted})`,
    'use a namespace of its own for Ostler: --namespace NAME',
  );
}
