import {
  ActivityFailure,
  ApplicationFailure,
  proxyActivities,
  setWorkflowOptions,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { SiteActivities } from '../activities/index.js';
import { testEvent } from '../domain/audit/test-event.js';
import type { ChannelTest } from '../domain/notifications.js';
import { failureTypes } from './messages/failures.js';
import { runName, siteQueue } from './messages/names.js';
import { inItsOwnWords } from './own-words.js';
import { describeError } from './rollout/engine-activities.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), notifyTest);

/** Tells one channel of a cloud, or all of them, something invented, once and whatever the time, and says what became of it. */
export async function notifyTest({ cloud, channel }: { cloud: string; channel?: string }): Promise<ChannelTest[]> {
  const { channelsAt, tell } = proxyActivities<SiteActivities>({
    taskQueue: siteQueue(cloud),
    startToCloseTimeout: '45s',
    scheduleToCloseTimeout: '1m',
    // Whoever tries it out wants to see the first failure, and not what becomes of it.
    retry: { maximumAttempts: 1 },
  });
  const at = new Date().toISOString();
  const states = await inItsOwnWords(channelsAt.executeWithOptions({ summary: 'who is told' }, [{ at }]));
  const chosen = states.filter(({ name }) => channel === undefined || name === channel);
  if (chosen.length === 0) throw nobodyToTell(cloud, channel, states);

  const { workflowId, firstExecutionRunId } = workflowInfo();
  const event = testEvent({ id: uuid4(), cloud, at, run: runName(workflowId, firstExecutionRunId) });
  return Promise.all(
    chosen.map(async ({ name, kind }): Promise<ChannelTest> => {
      const tested = { channel: name, kind };
      try {
        const summary = `tell ${name} that this is a test`;
        const said = await tell.executeWithOptions({ summary }, [{ channel: name, event, isTest: true }]);
        return { ...tested, isDelivered: true, said };
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        return { ...tested, isDelivered: false, said: describeError(error) };
      }
    }),
  );
}

function nobodyToTell(cloud: string, channel: string | undefined, states: readonly { name: string }[]) {
  const known = states.map(({ name }) => name).join(', ');
  const what =
    known === '' ? `the inventory of ${cloud} has no notify` : `${cloud} has no channel ${channel}; it has ${known}`;
  return ApplicationFailure.nonRetryable(what, failureTypes.InvalidRequest);
}
