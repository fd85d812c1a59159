import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';
import type { SiteActivities } from '../activities/index.js';
import type { ServiceStatus } from '../domain/service-status.js';
import { siteQueue } from './messages/names.js';
import { inItsOwnWords } from './own-words.js';
import { HEARTBEAT_TIMEOUT } from './rollout/engine-activities.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), serviceStatus);

type StatusRequest = Parameters<SiteActivities['readServices']>[0];

/** How services are on their hosts, read by the worker that holds the inventory. Changes nothing. */
export async function serviceStatus(request: StatusRequest): Promise<ServiceStatus[]> {
  const { readServices } = proxyActivities<SiteActivities>({
    taskQueue: siteQueue(request.cloud),
    // Ten thousand hosts take minutes; a few take a second.
    startToCloseTimeout: '10m',
    scheduleToCloseTimeout: '15m',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 3 },
    summary: `how is ${request.target}?`,
  });
  return inItsOwnWords(readServices(request));
}
