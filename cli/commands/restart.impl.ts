import type { Client } from '@temporalio/client';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import { isFailure } from '../../domain/progress.js';
import { rolloutRequestSchema } from '../../domain/request.schema.js';
import { actorOf, cloudOf, type OstlerContext, printJson, reasonOf, withTemporal } from '../context.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import { planText } from '../render/plan.js';
import { count } from '../render/text.js';
import { type FoundRun, findRun } from '../runs/find.js';
import { finishWatch } from '../runs/finish.js';
import { readReport } from '../runs/report.js';
import { rolloutRequest } from '../runs/request.js';
import { planOnWorker, refuseIfRunning, startRollout } from '../runs/start.js';
import { requireWorkers } from '../runs/workers.js';
import type { RestartFlags } from './restart.js';

/** What a dry run says its reason is, where none is given. */
const LOOKING = 'dry run';

/** `ostler restart`: plan, show, ask, start, watch. Nothing is changed anywhere before the answer is yes. */
export default async function restart(this: OstlerContext, flags: RestartFlags, target: string): Promise<void> {
  if (flags.on !== undefined && flags.failedOf !== undefined)
    throw new UsageError('--on and --failed-of both say which hosts', 'give one of them');
  const cloud = await cloudOf(this, flags);
  const reason = flags.dryRun && flags.reason === undefined ? LOOKING : await reasonOf(this, flags);
  const who = { cloud, actor: actorOf(this, flags), reason, now: this.now() };
  if (!flags.dryRun && !flags.yes && !this.io.isTerminal) await this.io.confirm(`Restart ${target} of ${cloud}?`);

  await withTemporal(this, flags, async ({ client }) => {
    const on = flags.failedOf === undefined ? flags.on : await failedOf(client, flags.failedOf, cloud);
    const request = checkedRequest({
      ...rolloutRequest(target, { ...flags, ...(on !== undefined && { on }) }, who),
      ...(flags.expect !== undefined && { expect: flags.expect }),
    });
    if (!flags.dryRun) await refuseIfRunning(client, request);
    await requireWorkers(client, cloud, this.now());
    this.io.stderr(`planning with the worker of ${cloud} ...\n`);
    const proposed = await planOnWorker(client, request);
    const { plan } = proposed;

    if (flags.dryRun) return dryRunEnds(this, flags, plan, request);
    this.io.stderr(`${pageOf(this, plan, request)}\n`);
    if (!flags.yes) await agree(this, plan, request);

    const run = await startRollout(client, request, proposed);
    this.io.stderr(`started ${run.name}\n`);
    if (flags.detach) return detached(this, flags, run, plan);
    await finishWatch(this, flags, client, run);
  });
}

const pageOf = ({ io }: OstlerContext, plan: Plan, request: RolloutRequest): string =>
  planText(plan, request, { colour: io.isColour, columns: io.columns });

/**
 * The request as every worker will check it again.
 * @throws {UsageError} with everything that is wrong with it
 */
function checkedRequest(request: RolloutRequest): RolloutRequest {
  const checked = rolloutRequestSchema.safeParse(request);
  if (checked.success) return request;
  throw new UsageError(
    checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    'see `ostler restart --help`',
  );
}

/** The failed hosts of another run, as a selection. */
async function failedOf(client: Client, reference: string, cloud: string): Promise<string> {
  const report = await readReport(client, await findRun(client, reference, cloud));
  if (report.cloud !== cloud)
    throw new UsageError(`${report.run} was in ${report.cloud}, not in ${cloud}`, `add --cloud ${report.cloud}`);
  const failed = report.hosts.filter(({ state }) => isFailure(state)).map(({ node }) => node);
  if (failed.length === 0)
    throw new UsageError(`no host failed in ${report.run}, so nothing is selected`, `ostler show ${report.run}`);
  return failed.join(',');
}

async function agree(context: OstlerContext, plan: Plan, request: RolloutRequest): Promise<void> {
  const hosts = count(plan.nodes.length, 'host');
  if (await context.io.confirm(`Restart ${plan.target} on ${hosts} of ${request.cloud}?`)) return;
  throw new CliError(EXIT.failed, 'you said no; nothing was started');
}

function dryRunEnds(context: OstlerContext, { json }: RestartFlags, plan: Plan, request: RolloutRequest): void {
  if (json) printJson(context, { plan, request });
  else context.io.stdout(`${pageOf(context, plan, request)}\n`);
  context.io.stderr(`nothing was started; to start this plan and no other, add --expect ${plan.hash}\n`);
}

function detached(context: OstlerContext, { json }: RestartFlags, run: FoundRun, plan: Plan): void {
  const { name, workflowId, runId } = run;
  if (json) printJson(context, { run: name, workflowId, runId, plan });
  else context.io.stdout(`${name}\n`);
  context.io.stderr(`watch it: ostler watch ${name}\n`);
}
