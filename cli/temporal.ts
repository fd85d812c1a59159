import { Client, Connection } from '@temporalio/client';
import { type TemporalSettings, temporalSettings } from '../worker/temporal-settings.js';
import { CliError, EXIT, UsageError } from './exit.js';
import type { TemporalFlags } from './flags.js';

/** A connection to the Temporal server that a command talks to. */
export interface TemporalSession {
  client: Client;
  namespace: string;
  address: string;
  close(): Promise<void>;
}

/** How long a server may take to answer the first time; the SDK's own 10 s feels like a hang at a prompt. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Connects to the server that flags, TEMPORAL_* variables and temporal.toml name, in this order, as a worker would.
 * @throws {UsageError} when temporal.toml or the profile cannot be read
 * @throws {CliError} 6 when no server answers
 */
export async function connectTemporal(
  flags: TemporalFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<TemporalSession> {
  const { connection: settings, namespace } = readSettings(flags, env);
  const { address } = settings;
  try {
    const connection = await Connection.connect({ ...settings, connectTimeout: CONNECT_TIMEOUT_MS });
    return { client: new Client({ connection, namespace }), namespace, address, close: () => connection.close() };
  } catch (error) {
    throw new CliError(
      EXIT.unavailable,
      `no Temporal server answers at ${address}: ${(error as Error).message}`,
      'start one with `ostler dev`, or name yours with --address, TEMPORAL_ADDRESS or temporal.toml',
      { cause: error },
    );
  }
}

/** Where Temporal is and how to get in. @throws {UsageError} when the settings cannot be read */
export function readSettings(
  flags: TemporalFlags,
  env: Readonly<Record<string, string | undefined>>,
): TemporalSettings {
  try {
    return temporalSettings(flags, env);
  } catch (error) {
    throw new UsageError(
      `the Temporal settings cannot be read: ${(error as Error).message}`,
      'correct temporal.toml, TEMPORAL_* or --profile',
      { cause: error },
    );
  }
}
