import { devNull } from 'node:os';

/**
 * A copy of `env` for a process that must only know a server of our own: every `TEMPORAL_*` setting is left out, and the
 * settings file of the user (`temporal.toml`, read by default by the SDK and the CLI) is replaced by an empty one.
 *
 * @param env the environment to start from
 */
export function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(kept), TEMPORAL_CONFIG_FILE: devNull };
}
