import { ApplicationFailure } from '@temporalio/common';
import { resolveSecret, SecretError } from '../../inventory/secrets.js';

/** Type of the failure that no retry mends: a wrong URL, a secret or a command that is not there. */
const NOT_DELIVERABLE = 'NotificationNotDeliverable';

/** It was not delivered and, most likely, will be when it is tried again, at the earliest after `afterMs`. */
export const notYet = (message: string, afterMs?: number): ApplicationFailure =>
  ApplicationFailure.create({ message, ...(afterMs !== undefined && { nextRetryDelay: afterMs }) });

/** It was not delivered, and never will be before a person has changed something. */
export const notDeliverable = (message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, NOT_DELIVERABLE);

/**
 * What is kept behind a reference.
 * @param what for messages: `the webhook's URL`
 */
export const secretOf = (reference: string, what: string): Promise<string> =>
  // References are absolute already, so they need no folder to start from.
  resolveSecret(reference, '/').catch((error: unknown) => {
    throw error instanceof SecretError ? notDeliverable(`${what} cannot be had: ${error.message}`) : error;
  });
