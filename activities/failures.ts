import { ApplicationFailure } from '@temporalio/common';
import type { SelectionError } from '../domain/selection.js';
import { didYouMean } from '../inventory/suggest.js';
import { failureTypes } from '../workflows/messages/failures.js';

const refusal =
  (type: string) =>
  (message: string, details: string[] = []): ApplicationFailure =>
    ApplicationFailure.create({ type, message, nonRetryable: true, details });

/** The request names what this site does not have. */
export const invalidRequest = refusal(failureTypes.InvalidRequest);

/** A selection that this site's hosts do not fit, with what may have been meant. */
export const invalidSelection = ({ message, unknown }: SelectionError): ApplicationFailure =>
  invalidRequest(`${message}${(unknown && didYouMean(unknown.value, unknown.known)) ?? ''}`);

/** This must not be carried out now. */
export const planRefused = refusal(failureTypes.PlanRefused);

/** There is nothing to do: what could be changed is as wanted. `details` lists hosts that something keeps from being so. */
export const nothingToDo = refusal(failureTypes.NothingToDo);

/** What is there now differs from what the operator agreed to; `details` lists the differences. */
export const stalePlan = refusal(failureTypes.StalePlan);
