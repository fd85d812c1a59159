import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';
import type { SiteActivities } from '../activities/index.js';
import type { Left } from '../domain/left.js';
import { siteQueue } from './messages/names.js';
import { inItsOwnWords } from './own-words.js';
import { HEARTBEAT_TIMEOUT } from './rollout/engine-activities.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), leftOnControllers);

/** What operations, or people, have left on a cloud: standby, marks, disabled servers and constraints of controllers, noout in Ceph. Changes nothing. */
export async function leftOnControllers({ cloud }: { cloud: string }): Promise<Left> {
  const { findLeft } = proxyActivities<SiteActivities>({
    taskQueue: siteQueue(cloud),
    startToCloseTimeout: '2m',
    scheduleToCloseTimeout: '3m',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 3 },
    summary: 'what is left on the cloud?',
  });
  return inItsOwnWords(findLeft({ cloud }));
}
