import { ActivityFailure, proxyActivities } from '@temporalio/workflow';
import type { SiteActivities } from '../../activities/index.js';
import type { ReleaseRequest } from '../../domain/budget.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import { siteQueue } from '../messages/names.js';
import { inItsOwnWords } from '../own-words.js';

/** What people are told about a run. */
export type RunEvent = Parameters<SiteActivities['notify']>[0];

/** A worker that died is noticed after this long without a heartbeat; activities beat every 2 s. */
export const HEARTBEAT_TIMEOUT = '10s';

/** Time beyond an activity's own deadline for its last reads and the journal of a failed host. */
export const MARGIN_MS = 120_000;

/** So long a run waits for a site of which no worker is left, or all its workers die, before it asks a person. */
export const SITE_AWAY_MS = 3_600_000;

/** A run ends, and another of its kind may start, when people have been told of it, or after this long without success. */
const LAST_WORD_TIMEOUT = '30s';

/** The engine's own activities, with errors turned into what the engine does about them. */
export interface EngineActivities {
  /** @throws {ApplicationFailure} as the planner refused, so that the run fails with the reason itself */
  plan(request: RolloutRequest): Promise<Plan>;
  /** Returns what went wrong, if anything: a lease that is not given back must not hide how the run went. */
  release(request: ReleaseRequest): Promise<string | undefined>;
  /** Tells people, at most trying for a while: nobody hearing of it must not stop the run. */
  notify(event: RunEvent): Promise<void>;
  /** The activity's result, or what `otherwise` makes of its failure. */
  orElse<T, U>(activity: Promise<T>, otherwise: (why: string) => U): Promise<T | U>;
  /** What went wrong with an activity that has no result. */
  troubleOf(activity: Promise<void>): Promise<string | undefined>;
}

/** Engine activities on the task queue of a cloud's site workers. */
export function engineActivities(cloud: string): EngineActivities {
  const taskQueue = siteQueue(cloud);
  const planner = proxyActivities<SiteActivities>({
    taskQueue,
    startToCloseTimeout: '15m',
    scheduleToCloseTimeout: '1h',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 10 },
    summary: 'read every host and plan',
  });
  const brief = proxyActivities<SiteActivities>({
    taskQueue,
    // Longer than the keeper may take to answer (activities/keeper.ts), so that its silence is told in its own words.
    startToCloseTimeout: '45s',
    // Where no worker of the site is left, neither a pause nor an end waits for one any longer.
    scheduleToCloseTimeout: '5m',
    retry: { initialInterval: '1s', maximumInterval: '20s', maximumAttempts: 6 },
  });

  const orElse: EngineActivities['orElse'] = async (activity, otherwise) => {
    try {
      return await activity;
    } catch (error) {
      if (error instanceof ActivityFailure) return otherwise(describeError(error));
      throw error;
    }
  };

  const troubleOf: EngineActivities['troubleOf'] = (activity) =>
    orElse(
      activity.then(() => undefined),
      (why) => why,
    );

  return {
    plan: (request) => inItsOwnWords(planner.planRollout(request)),
    release: (request) =>
      troubleOf(brief.releaseBudget.executeWithOptions({ summary: 'give the lease back' }, [request])),
    notify: async (event) => {
      const summary = `tell people: ${event.event}`;
      const patience = event.event === 'ended' ? { scheduleToCloseTimeout: LAST_WORD_TIMEOUT } : {};
      await troubleOf(brief.notify.executeWithOptions({ summary, ...patience }, [event]));
    },
    troubleOf,
    orElse,
  };
}

/** The innermost message of a failed activity. */
export function describeError(error: Error): string {
  return error.cause instanceof Error ? describeError(error.cause) : error.message;
}
