import { isIPv4, isIPv6 } from 'node:net';

/** What a worker process does: decide (workflows), act beside its cloud (site), or both. */
export const workerRoles = ['all', 'workflows', 'site'] as const;
export type WorkerRole = (typeof workerRoles)[number];

/** A version of a Worker Deployment: how a server tells old workers from new ones while operations run. */
export interface DeploymentVersion {
  deploymentName: string;
  buildId: string;
}

/** Settings of one worker process. Everything has a default that fits one machine with 1 GB for Ostler. */
export interface WorkerSettings {
  role: WorkerRole;
  /**
   * Operations kept in memory between their tasks; the others are replayed when they move on. One costs about 0.3 MB, so these
   * take 150 MB at most.
   */
  maxCachedWorkflows: number;
  /** Activities at once: each is one command on one host, and mostly waits. A batch of 100 hosts runs in one go. */
  maxActivities: number;
  /** Workflow tasks at once. They are pure computing on two threads; more would only time out in the queue. */
  maxWorkflowTasks: number;
  /**
   * How long a stopping worker lets its commands finish before it cancels them. A restart's own answer comes within its start
   * deadline, but nothing is lost when it does not: the next worker reads the outcome from the host.
   */
  shutdownGraceMs: number;
  /** When a stopping worker gives up and ends anyway; under the 90 s after which systemd sends SIGKILL. */
  shutdownForceMs: number;
  /** Where Prometheus metrics are served, `address:port`; none by default. */
  metricsAddress?: string;
  deployment?: DeploymentVersion;
  logLevel: LogLevel;
}

export const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof logLevels)[number];

export const defaultSettings: WorkerSettings = {
  role: 'all',
  maxCachedWorkflows: 500,
  maxActivities: 200,
  maxWorkflowTasks: 20,
  shutdownGraceMs: 20_000,
  shutdownForceMs: 60_000,
  logLevel: 'INFO',
};

/** A setting that makes no sense; the message says which and what would. */
export class WorkerSettingsError extends Error {
  override name = 'WorkerSettingsError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings of this process: what is given (flags) wins over the environment, which wins over the defaults.
 * Environment: OSTLER_WORKER_ROLE, OSTLER_MAX_CACHED_WORKFLOWS, OSTLER_MAX_ACTIVITIES, OSTLER_MAX_WORKFLOW_TASKS,
 * OSTLER_SHUTDOWN_GRACE_SECONDS, OSTLER_SHUTDOWN_FORCE_SECONDS, OSTLER_METRICS_ADDRESS, OSTLER_DEPLOYMENT with OSTLER_BUILD_ID,
 * OSTLER_LOG_LEVEL.
 * @throws {WorkerSettingsError}
 */
export function workerSettings(given: Partial<WorkerSettings>, env: Environment): WorkerSettings {
  const settings: WorkerSettings = { ...defaultSettings, ...fromEnvironment(env), ...given };
  if (settings.shutdownForceMs <= settings.shutdownGraceMs) {
    throw new WorkerSettingsError(
      `the worker would be ended by force after ${settings.shutdownForceMs / 1000} s, before its grace period of ${settings.shutdownGraceMs / 1000} s is over`,
    );
  }
  if (settings.metricsAddress !== undefined) checkAddress(settings.metricsAddress);
  return settings;
}

function fromEnvironment(env: Environment): Partial<WorkerSettings> {
  const metricsAddress = env.OSTLER_METRICS_ADDRESS;
  const deployment = deploymentOf(env.OSTLER_DEPLOYMENT, env.OSTLER_BUILD_ID);
  return {
    ...oneOf(env, 'OSTLER_WORKER_ROLE', 'role', workerRoles),
    ...oneOf(env, 'OSTLER_LOG_LEVEL', 'logLevel', logLevels),
    ...whole(env, 'OSTLER_MAX_CACHED_WORKFLOWS', 'maxCachedWorkflows', 0),
    ...whole(env, 'OSTLER_MAX_ACTIVITIES', 'maxActivities', 1),
    // Two is the least that the SDK takes with a cache.
    ...whole(env, 'OSTLER_MAX_WORKFLOW_TASKS', 'maxWorkflowTasks', 2),
    ...whole(env, 'OSTLER_SHUTDOWN_GRACE_SECONDS', 'shutdownGraceMs', 0, 1_000),
    ...whole(env, 'OSTLER_SHUTDOWN_FORCE_SECONDS', 'shutdownForceMs', 1, 1_000),
    ...(metricsAddress && { metricsAddress }),
    ...(deployment && { deployment }),
  };
}

/**
 * A deployment version of its two names, or none of none.
 * @throws {WorkerSettingsError} for one without the other
 */
export function deploymentOf(deploymentName?: string, buildId?: string): DeploymentVersion | undefined {
  if (!deploymentName && !buildId) return undefined;
  if (deploymentName && buildId) return { deploymentName, buildId };
  throw new WorkerSettingsError(
    'a deployment and a build id belong together: set both OSTLER_DEPLOYMENT and OSTLER_BUILD_ID, or neither',
  );
}

function oneOf<K extends keyof WorkerSettings, V extends string>(
  env: Environment,
  variable: string,
  key: K,
  values: readonly V[],
): Partial<Record<K, V>> {
  const text = env[variable];
  if (!text) return {};
  const value = values.find((known) => known.toLowerCase() === text.toLowerCase());
  if (value === undefined) throw new WorkerSettingsError(`${variable}=${text} must be one of ${values.join(', ')}`);
  return { [key]: value } as Record<K, V>;
}

function whole<K extends keyof WorkerSettings>(
  env: Environment,
  variable: string,
  key: K,
  least: number,
  times = 1,
): Partial<Record<K, number>> {
  const text = env[variable];
  if (!text) return {};
  if (!/^\d{1,6}$/.test(text) || Number(text) < least)
    throw new WorkerSettingsError(`${variable}=${text} must be a whole number of at least ${least}`);
  return { [key]: Number(text) * times } as Record<K, number>;
}

function checkAddress(address: string): void {
  const { v6 = '', v4 = '', port } = /^(?:\[(?<v6>.*)\]|(?<v4>.*)):(?<port>\d{1,5})$/.exec(address)?.groups ?? {};
  if (!(isIPv6(v6) || isIPv4(v4)) || Number(port) < 1 || Number(port) > 65_535)
    throw new WorkerSettingsError(
      `the metrics address ${address} must be an IP address and a port from 1 to 65535, such as 127.0.0.1:9464`,
    );
}
