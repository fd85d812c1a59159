import type { Client } from '@temporalio/client';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import { rolloutRequestSchema } from '../../domain/request.schema.js';
import { actorOf, cloudOf, type OstlerContext, printJson, reasonOf, withTemporal } from '../context.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import type { ActorFlags, CommonFlags } from '../flags.js';
import { planText } from '../render/plan.js';
import type { FoundRun } from './find.js';
import { finishWatch } from './finish.js';
import { planOnWorker, refuseIfRunning, startRollout } from './start.js';
import { requireWorkers } from './workers.js';

/** How a run is begun, and whether it is watched. */
export interface LaunchFlags extends CommonFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly expect?: string;
  readonly detach?: boolean;
}

/** What a dry run says its reason is, where none is given. */
const LOOKING = 'dry run';

/**
 * Who asks for a run, of which cloud, and why; only a dry run needs no reason.
 * @throws {UsageError} where one of these is not said
 */
export async function whoAsks(
  context: OstlerContext,
  flags: LaunchFlags & ActorFlags,
): Promise<{ cloud: string; actor: string; reason: string }> {
  const cloud = await cloudOf(context, flags);
  const reason = flags.dryRun && flags.reason === undefined ? LOOKING : await reasonOf(context, flags);
  return { cloud, actor: actorOf(context, flags), reason };
}

/** What is to be begun, and how it is said. */
export interface Launch {
  cloud: string;
  /** `Restart nova-compute of prod?`: asked before anything is read where nobody could answer later. */
  question: string;
  request(client: Client): Promise<RolloutRequest> | RolloutRequest;
  /** Asked when the plan is seen: `Restart nova-compute on 12 hosts of prod?`. */
  agreement(plan: Plan): string;
  /** What must be typed to agree where a yes comes too easily, and why; undefined where yes is enough. */
  typed?(plan: Plan): { why: string; word: string } | undefined;
}

/** Plan, show, ask, start, watch. Nothing is changed anywhere before the answer is yes. */
export async function launch(
  context: OstlerContext,
  flags: LaunchFlags,
  { cloud, question, request: requested, agreement, typed }: Launch,
): Promise<void> {
  if (!flags.dryRun && !flags.yes && !context.io.isTerminal) await context.io.confirm(question);
  await withTemporal(context, flags, async ({ client }) => {
    const request = checkedRequest({
      ...(await requested(client)),
      ...(flags.expect !== undefined && { expect: flags.expect }),
    });
    if (!flags.dryRun) await refuseIfRunning(client, request);
    await requireWorkers(client, cloud, context.now());
    context.io.stderr(`planning with the worker of ${cloud} ...\n`);
    const proposed = await planOnWorker(client, request);
    const { plan } = proposed;

    if (flags.dryRun) return dryRunEnds(context, flags, plan, request);
    context.io.stderr(`${pageOf(context, plan, request)}\n`);
    if (!flags.yes && !(await isAgreed(context, agreement(plan), typed?.(plan))))
      throw new CliError(EXIT.failed, 'you said no; nothing was started');

    const run = await startRollout(client, request, proposed);
    context.io.stderr(`started ${run.name}\n`);
    if (flags.detach) return detached(context, flags, run, plan);
    await finishWatch(context, flags, client, run);
  });
}

async function isAgreed(
  { io }: OstlerContext,
  question: string,
  typed: ReturnType<NonNullable<Launch['typed']>>,
): Promise<boolean> {
  if (!typed) return io.confirm(question);
  return (await io.ask(`${typed.why} ${question} Type ${typed.word} to do it`)) === typed.word;
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
    `see \`ostler ${request.operation} --help\``,
  );
}

function dryRunEnds(context: OstlerContext, { json }: LaunchFlags, plan: Plan, request: RolloutRequest): void {
  if (json) printJson(context, { plan, request });
  else context.io.stdout(`${pageOf(context, plan, request)}\n`);
  context.io.stderr(`nothing was started; to start this plan and no other, add --expect ${plan.hash}\n`);
}

function detached(context: OstlerContext, { json }: LaunchFlags, run: FoundRun, plan: Plan): void {
  const { name, workflowId, runId } = run;
  if (json) printJson(context, { run: name, workflowId, runId, plan });
  else context.io.stdout(`${name}\n`);
  context.io.stderr(`watch it: ostler watch ${name}\n`);
}
