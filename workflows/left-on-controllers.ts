import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';
import type { SiteActivities } from '../activities/index.js';
import { siteQueue } from './messages/names.js';
import { inItsOwnWords } from './own-words.js';
import { HEARTBEAT_TIMEOUT } from './rollout/engine-activities.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), leftOnControllers);

/** What operations, or people, have left on the controllers of a cloud: standby, marks, disabled servers, constraints. Changes nothing. */
export async function leftOnControllers({ cloud }: { cloud: string }): Promise<string[]> {
  const { findLeft } = proxyActivities<SiteActivities>({
    taskQueue: siteQueue(cloud),
    startToCloseTimeout: '2m',
    scheduleToCloseTimeout: '3m',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 3 },
    summary: 'what is left on the controllers?',
  });
  return inItsOwnWords(findLeft({ cloud }));
}
