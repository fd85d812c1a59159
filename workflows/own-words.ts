import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

/** The activity's result; an activity that refused fails the workflow with its own words and type, and not with those of a wrapper. */
export async function inItsOwnWords<T>(activity: Promise<T>): Promise<T> {
  try {
    return await activity;
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
    throw error;
  }
}
