import { hostname } from 'node:os';
import { VersioningBehavior } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';
import type { WorkerSettings } from './options.js';

/**
 * What every worker of the process has in common, in the SDK's words. Both clocks of failover are short: a batch must not stand
 * still because the worker that cached it was killed.
 */
function sharedWorkerOptions(settings: WorkerSettings): Partial<WorkerOptions> {
  const { deployment } = settings;
  return {
    identity: `${process.pid}@${hostname()}`,
    shutdownGraceTime: settings.shutdownGraceMs,
    shutdownForceTime: settings.shutdownForceMs,
    // Heartbeats are the only way a cancellation gets in; abort must not wait a minute for one.
    maxHeartbeatThrottleInterval: '5s',
    ...(deployment && {
      workerDeploymentOptions: {
        version: deployment,
        useWorkerVersioning: true,
        // Each workflow declares its own; this is for one that would forget to.
        defaultVersioningBehavior: VersioningBehavior.PINNED,
      },
    }),
  };
}

/** For the queue of decisions. */
export const workflowWorkerOptions = (settings: WorkerSettings): Partial<WorkerOptions> => ({
  ...sharedWorkerOptions(settings),
  maxCachedWorkflows: settings.maxCachedWorkflows,
  maxConcurrentWorkflowTaskExecutions: settings.maxWorkflowTasks,
  maxConcurrentWorkflowTaskPolls: Math.min(10, settings.maxWorkflowTasks),
  // How long a task waits for a worker that died with its operations cached.
  stickyQueueScheduleToStartTimeout: '5s',
});

/** For the queue of one cloud. */
export const siteWorkerOptions = (settings: WorkerSettings): Partial<WorkerOptions> => ({
  ...sharedWorkerOptions(settings),
  maxConcurrentActivityTaskExecutions: settings.maxActivities,
  maxConcurrentActivityTaskPolls: Math.min(10, settings.maxActivities),
});
