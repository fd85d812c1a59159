import { turnsOf } from '../../domain/catalogue.js';
import { ALL_CONTROLLERS, type RolloutRequest } from '../../domain/plan.js';

/** Wire names: what has run under one of them keeps it for ever. */

/** Workflow types. */
export const workflowTypes = {
  rollingRestart: 'rollingRestart',
  failoverController: 'failoverController',
  returnController: 'returnController',
  restartControllers: 'restartControllers',
  restartCeph: 'restartCeph',
  restartMongodb: 'restartMongodb',
  moveVip: 'moveVip',
  planRollout: 'planRollout',
  clusterStatus: 'clusterStatus',
  leftOnControllers: 'leftOnControllers',
  cloudKeeper: 'cloudKeeper',
  audit: 'audit',
  findingsLedger: 'findingsLedger',
  serviceStatus: 'serviceStatus',
  changeServices: 'changeServices',
  operateServices: 'operateServices',
  notifyTest: 'notifyTest',
} as const;

/** The restart of a service by who says how its hosts take their turns. */
const inTurns = {
  unit: workflowTypes.rollingRestart,
  ceph: workflowTypes.restartCeph,
  mongodb: workflowTypes.restartMongodb,
};

/** The workflow that carries out a request. */
export function workflowTypeOf({
  operation,
  target,
  each,
}: Pick<RolloutRequest, 'operation' | 'target' | 'each'>): string {
  if (each) return workflowTypes.operateServices;
  switch (operation) {
    case 'restart':
      if (target === ALL_CONTROLLERS) return workflowTypes.restartControllers;
      return inTurns[turnsOf(target)?.by ?? 'unit'];
    case 'failover':
      return workflowTypes.failoverController;
    case 'return':
      return workflowTypes.returnController;
    case 'move':
      return workflowTypes.moveVip;
    case 'start':
    case 'stop':
    case 'enable':
    case 'disable':
      return workflowTypes.changeServices;
  }
}

/** Every workflow runs here; workers of the role `workflows` poll it. */
export const WORKFLOW_QUEUE = 'ostler';

/** Activities run beside their cloud; workers of the role `site` that hold its inventory poll it. */
export const siteQueue = (cloud: string): string => `ostler-${cloud}`;

/** Workflow ids read like a sentence, and make a second run of the same job collide with the first. */
export const rolloutId = (operation: string, cloud: string, target: string): string =>
  `${operation}/${cloud}/${target}`;
export const planId = (cloud: string, unique: string): string => `plan/${cloud}/${unique}`;
export const clusterStatusId = (cloud: string, unique: string): string => `cluster-status/${cloud}/${unique}`;
export const serviceStatusId = (cloud: string, unique: string): string => `service-status/${cloud}/${unique}`;
export const leftId = (cloud: string, unique: string): string => `left/${cloud}/${unique}`;
export const keeperId = (cloud: string): string => `locks/${cloud}`;
/** An audit of everything; one of a part has a name of its own beside it, and so has each schedule's. */
export const auditId = (cloud: string, part?: string): string => ['audit', cloud, ...(part ? [part] : [])].join('/');
export const notifyTestId = (cloud: string, unique: string): string => `notify-test/${cloud}/${unique}`;
export const ledgerId = (cloud: string): string => `findings/${cloud}`;

/**
 * How many characters of a first run id tell runs of one workflow id apart. They are its last: run ids are UUIDv7, whose first
 * eight digits are the time and the same for all runs of a minute.
 */
export const RUN_DIGITS = 8;

/**
 * The name of a run (design, section 4).
 * @param firstRunId stays the same while a run continues as new
 */
export const runName = (workflowId: string, firstRunId: string): string =>
  `${workflowId}@${firstRunId.slice(-RUN_DIGITS)}`;

/** The activity whose result is the plan, and with it the first result in a rollout's history. */
export const PLAN_ACTIVITY = 'planRollout';

/** Search attributes that `ostler setup` registers, with their types. */
export const searchAttributes = {
  OstlerCloud: 'Keyword',
  OstlerOperation: 'Keyword',
  OstlerActor: 'Keyword',
  OstlerOutcome: 'Keyword',
  OstlerNodes: 'KeywordList',
} as const;

/** Memo key under which a run's progress is mirrored. */
export const PROGRESS_MEMO = 'progress';
