import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';

/** Where the worker's Temporal server is and how to get in: TLS, client certificate, API key. */
export interface TemporalSettings {
  connection: NativeConnectionOptions & { address: string };
  namespace: string;
}

/** What is said on the command line; it wins over everything else. */
export interface TemporalChoice {
  address?: string | undefined;
  namespace?: string | undefined;
  /** Profile of temporal.toml. */
  profile?: string | undefined;
}

/**
 * Reads the standard settings: the choice, then TEMPORAL_* variables, then temporal.toml, then localhost:7233.
 * @throws Error when temporal.toml, the profile, or a certificate it names cannot be read
 */
export function temporalSettings(choice: TemporalChoice, env: Environment): TemporalSettings {
  const { connectionOptions, namespace } = load(choice.profile || env.TEMPORAL_PROFILE, env);
  return {
    connection: { ...connectionOptions, address: choice.address ?? connectionOptions.address ?? 'localhost:7233' },
    namespace: choice.namespace ?? namespace ?? 'default',
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

function load(profile: string | undefined, env: Environment): ReturnType<typeof loadClientConnectConfig> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const overrideEnvVars = Object.fromEntries(set);
  if (profile) return loadClientConnectConfig({ overrideEnvVars, profile });
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    // @temporalio/envconfig 1.24 trips over a temporal.toml without any profile, such as an empty one.
    if (!(error instanceof TypeError)) throw error;
    return loadClientConnectConfig({ overrideEnvVars, disableFile: true });
  }
}
