import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { ServiceStatus } from '../../domain/service-status.js';
import { serviceStatusId, workflowTypes } from '../../workflows/messages/names.js';
import type { OstlerContext } from '../context.js';
import { askWorker } from './ask.js';
import { requireWorkers } from './workers.js';

/** Longer than the workflow's activity may take, so that its own words are heard. */
const LIMIT = '16m';

/** Has the worker of a cloud read services on their hosts. @throws as `askWorker`, and 6 where no worker polls */
export async function readServices(
  context: OstlerContext,
  client: Client,
  { cloud, target, on }: { cloud: string; target: string; on: string | undefined },
): Promise<ServiceStatus[]> {
  await requireWorkers(client, cloud, context.now());
  context.io.stderr(`asking the hosts of ${cloud} about ${target} ...\n`);
  return askWorker<object, ServiceStatus[]>(client, workflowTypes.serviceStatus, {
    workflowId: serviceStatusId(cloud, randomUUID()),
    argument: { cloud, target, ...(on !== undefined && { selection: on }) },
    limit: LIMIT,
    summary: `status of ${target} of ${cloud}`,
    unanswered: `no worker of ${cloud} read the services`,
  });
}
