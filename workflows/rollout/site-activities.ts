import { ActivityFailure, proxyActivities } from '@temporalio/workflow';
import type { SiteActivities } from '../../activities/index.js';
import { listed } from '../../domain/names.js';
import { siteQueue } from '../messages/names.js';
import { describeError, HEARTBEAT_TIMEOUT, MARGIN_MS, SITE_AWAY_MS } from './engine-activities.js';
import { HostFailed } from './procedure.js';

/**
 * The activities of a cloud's site workers, for steps that change something: each with a deadline of its own, in milliseconds, and a summary for
 * the Temporal UI. A step that was cancelled is awaited all the same.
 */
export const siteActivities =
  (cloud: string) =>
  (deadlineMs: number, summary: string): ReturnType<typeof proxyActivities<SiteActivities>> =>
    proxyActivities<SiteActivities>({
      taskQueue: siteQueue(cloud),
      heartbeatTimeout: HEARTBEAT_TIMEOUT,
      startToCloseTimeout: deadlineMs + MARGIN_MS,
      scheduleToCloseTimeout: deadlineMs + MARGIN_MS + SITE_AWAY_MS,
      retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 20 },
      // Nothing must be taken, nor a lease granted, behind the back of a run that has stopped waiting for it.
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      summary,
    });

/** The hosts that a step is about, in its summary: the first of them by name. */
export const someOf = (hosts: readonly { node: string }[]): string =>
  listed(
    hosts.map(({ node }) => node),
    3,
  );

/**
 * The result of an activity; one without a result is a failure of the host that it was about.
 * @throws {HostFailed}
 */
export async function orFailed<T>(activity: Promise<T>): Promise<T> {
  try {
    return await activity;
  } catch (error) {
    if (error instanceof ActivityFailure) throw new HostFailed({ why: describeError(error) });
    throw error;
  }
}
