import { describe, expect, it, vi } from 'vitest';
import { workflowTypes } from '../../workflows/messages/names.js';

/** The version of the worker that the workflows believe to run on. */
let version: { deploymentName: string; buildId: string } | undefined;
vi.mock('@temporalio/workflow', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  workflowInfo: () => ({ currentDeploymentVersion: version }),
}));

/** What a worker is told about a workflow right before its first task. */
type Declared = { workflowDefinitionOptions?: () => object };
const workflows = Object.entries((await import('../../workflows/index.js')) as Record<string, Declared>);
const behaviours = (): Record<string, object | undefined> =>
  Object.fromEntries(workflows.map(([name, workflow]) => [name, workflow.workflowDefinitionOptions?.()]));

describe('in a Worker Deployment', () => {
  it('rollouts, their plans and questions stay with the version they began on, and those that live on move to the newest', () => {
    version = { deploymentName: 'ostler', buildId: '1.0.0' };
    const living: string[] = [workflowTypes.cloudKeeper, workflowTypes.findingsLedger];
    const pinned = Object.values(workflowTypes).filter((type) => !living.includes(type));
    expect(behaviours()).toEqual({
      ...Object.fromEntries(pinned.map((type) => [type, { versioningBehavior: 'PINNED' }])),
      ...Object.fromEntries(living.map((type) => [type, { versioningBehavior: 'AUTO_UPGRADE' }])),
    });
  });

  it('without one, no workflow names a behaviour, which the server would refuse', () => {
    version = undefined;
    expect(Object.values(behaviours())).toEqual(workflows.map(() => ({})));
  });
});
