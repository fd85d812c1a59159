import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { ControllerAnswer } from '../../domain/cluster.js';
import { clusterFindings } from '../../domain/cluster-findings.js';
import { bestOf, vantagesOf, vipsOf } from '../../domain/cluster-vantage.js';
import { worst } from '../../domain/severity.js';
import { clusterStatusId, workflowTypes } from '../../workflows/messages/names.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import { EXIT_FOR } from '../exit.js';
import type { CommonFlags } from '../flags.js';
import { clusterText } from '../render/cluster.js';
import { askWorker } from '../runs/ask.js';
import { requireWorkers } from '../runs/workers.js';

/** Longer than the workflow's activity may take, so that its own words are heard. */
const LIMIT = '5m';

/** `ostler cluster status`: asks, judges, prints it, and sets the exit code: 0, 3 or 4. */
export async function clusterStatus(this: OstlerContext, flags: CommonFlags): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const controllers = await withTemporal(this, flags, async ({ client }) => {
    await requireWorkers(client, cloud, this.now());
    this.io.stderr(`asking the controllers of ${cloud} ...\n`);
    return ask(client, cloud);
  });
  const findings = clusterFindings(controllers);
  const severity = worst(findings);
  const best = bestOf(vantagesOf(controllers));
  if (flags.json) {
    const vips = best && { vips: vipsOf(best), vipsSeenBy: best.controller };
    printJson(this, { cloud, severity, findings, ...vips, controllers });
  } else this.io.stdout(`${clusterText({ cloud, findings, controllers, best }, { colour: this.io.isColour })}\n`);
  this.process.exitCode = EXIT_FOR[severity];
}

const ask = (client: Client, cloud: string): Promise<ControllerAnswer[]> =>
  askWorker(client, workflowTypes.clusterStatus, {
    workflowId: clusterStatusId(cloud, randomUUID()),
    argument: { cloud },
    limit: LIMIT,
    summary: `status of the cluster of ${cloud}`,
    unanswered: `no worker of ${cloud} read the cluster`,
  });
