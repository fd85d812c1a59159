import { describe, expect, it } from 'vitest';
import { defaultSettings, deploymentOf, WorkerSettingsError, workerSettings } from '../../worker/options.js';
import { siteWorkerOptions, workflowWorkerOptions } from '../../worker/sdk-options.js';

describe('the settings of a worker', () => {
  it('have a default for everything', () => {
    expect(workerSettings({}, {})).toEqual(defaultSettings);
  });

  it('are taken from what is given, then from the environment, then from the defaults', () => {
    const env = { OSTLER_WORKER_ROLE: 'site', OSTLER_MAX_ACTIVITIES: '50', OSTLER_LOG_LEVEL: 'warn' };
    expect(workerSettings({ maxActivities: 7 }, env)).toEqual({
      ...defaultSettings,
      role: 'site',
      maxActivities: 7,
      logLevel: 'WARN',
    });
  });

  it('count grace periods in seconds in the environment', () => {
    const settings = workerSettings({}, { OSTLER_SHUTDOWN_GRACE_SECONDS: '5', OSTLER_SHUTDOWN_FORCE_SECONDS: '9' });
    expect(settings).toMatchObject({ shutdownGraceMs: 5_000, shutdownForceMs: 9_000 });
  });

  it.each(['127.0.0.1:1', '0.0.0.0:65535', '[::1]:9464'])('serve metrics at %s', (metricsAddress) => {
    expect(workerSettings({}, { OSTLER_METRICS_ADDRESS: metricsAddress })).toMatchObject({ metricsAddress });
  });

  it.each([
    [{ OSTLER_WORKER_ROLE: 'boss' }, 'OSTLER_WORKER_ROLE=boss must be one of all, workflows, site'],
    [{ OSTLER_MAX_ACTIVITIES: '0' }, 'OSTLER_MAX_ACTIVITIES=0 must be a whole number of at least 1'],
    [{ OSTLER_MAX_WORKFLOW_TASKS: '1' }, 'at least 2'],
    [{ OSTLER_MAX_CACHED_WORKFLOWS: 'many' }, 'OSTLER_MAX_CACHED_WORKFLOWS=many'],
    [{ OSTLER_SHUTDOWN_GRACE_SECONDS: '60' }, 'before its grace period of 60 s is over'],
    ...['9464', 'localhost:9464', '999.1.1.1:9464', '[::g]:9464', '::1:9464', '127.0.0.1:0', '127.0.0.1:65536'].map(
      (address): [Record<string, string>, string] => [
        { OSTLER_METRICS_ADDRESS: address },
        `the metrics address ${address} must be an IP address and a port from 1 to 65535`,
      ],
    ),
    [{ OSTLER_DEPLOYMENT: 'ostler' }, 'belong together'],
  ])('that make no sense are refused by name: %o', (env, message) => {
    expect(() => workerSettings({}, env)).toThrow(WorkerSettingsError);
    expect(() => workerSettings({}, env)).toThrow(message);
  });
});

describe('the options of the SDK', () => {
  const deployment = deploymentOf('ostler', '1.2.3');
  const settings = { ...defaultSettings, ...(deployment && { deployment }) };

  it('give a killed worker’s operations to another within seconds', () => {
    expect(workflowWorkerOptions(settings).stickyQueueScheduleToStartTimeout).toBe('5s');
  });

  it('have explicit limits and a grace period', () => {
    expect(workflowWorkerOptions(settings)).toMatchObject({ maxCachedWorkflows: 500, shutdownGraceTime: 20_000 });
    expect(siteWorkerOptions(settings)).toMatchObject({ maxConcurrentActivityTaskExecutions: 200 });
  });

  it('name the deployment version on both queues, or none', () => {
    const version = { deploymentName: 'ostler', buildId: '1.2.3' };
    for (const options of [workflowWorkerOptions(settings), siteWorkerOptions(settings)])
      expect(options.workerDeploymentOptions).toMatchObject({ version, useWorkerVersioning: true });
    expect(workflowWorkerOptions(defaultSettings).workerDeploymentOptions).toBeUndefined();
  });
});
