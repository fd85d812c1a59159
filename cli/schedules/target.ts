import { WORKFLOW_QUEUE, workflowTypes } from '../../workflows/messages/names.js';

/** What the schedules of a cloud start, and where; tests have another. */
export interface ScheduleTarget {
  cloud: string;
  workflowType: string;
  taskQueue: string;
}

export const targetOf = (cloud: string): ScheduleTarget => ({
  cloud,
  workflowType: workflowTypes.audit,
  taskQueue: WORKFLOW_QUEUE,
});
