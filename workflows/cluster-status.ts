import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';
import type { SiteActivities } from '../activities/index.js';
import type { ControllerAnswer } from '../domain/cluster.js';
import { siteQueue } from './messages/names.js';
import { inItsOwnWords } from './own-words.js';
import { HEARTBEAT_TIMEOUT } from './rollout/engine-activities.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), clusterStatus);

/** How every controller of a cloud sees its cluster, asked by the worker that holds the inventory. Changes nothing. */
export async function clusterStatus({ cloud }: { cloud: string }): Promise<ControllerAnswer[]> {
  const { readCluster } = proxyActivities<SiteActivities>({
    taskQueue: siteQueue(cloud),
    // Connecting through a bastion and all reads of one controller; they are asked at the same time.
    startToCloseTimeout: '2m',
    scheduleToCloseTimeout: '4m',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 3 },
    summary: 'ask every controller how it sees the cluster',
  });
  return inItsOwnWords(readCluster({ cloud }));
}
