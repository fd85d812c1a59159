import { ApplicationFailure } from '@temporalio/common';
import { failureTypes } from '../workflows/messages/failures.js';

const refusal =
  (type: string) =>
  (message: string, details: string[] = []): ApplicationFailure =>
    ApplicationFailure.create({ type, message, nonRetryable: true, details });

/** The request names what this site does not have. */
export const invalidRequest = refusal(failureTypes.InvalidRequest);

/** This must not be carried out now. */
export const planRefused = refusal(failureTypes.PlanRefused);

/** What is there now differs from what the operator agreed to; `details` lists the differences. */
export const stalePlan = refusal(failureTypes.StalePlan);
