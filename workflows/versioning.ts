import { workflowInfo } from '@temporalio/workflow';

type Behaviour = 'PINNED' | 'AUTO_UPGRADE';

/**
 * A workflow's versioning behaviour, for {@link setWorkflowOptions}. Declared only where the worker belongs to a Worker Deployment:
 * the server refuses workflow tasks that name a behaviour without one.
 */
export const versioned = (versioningBehavior: Behaviour) => () =>
  workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior } : {};
