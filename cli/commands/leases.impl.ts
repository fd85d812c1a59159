import { randomUUID } from 'node:crypto';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { Lease } from '../../domain/budget.js';
import { isNoout } from '../../domain/ceph-daemons.js';
import { endOf } from '../../domain/cluster-resources.js';
import { banId, memberNames } from '../../domain/controller-commands.js';
import { isAboutController } from '../../domain/failover.js';
import type { Left, LeftIn } from '../../domain/left.js';
import { listed } from '../../domain/names.js';
import type { RolloutProgress } from '../../domain/progress.js';
import { leftId, PROGRESS_MEMO, runName, workflowTypes } from '../../workflows/messages/names.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import { UsageError } from '../exit.js';
import { explain } from '../explain.js';
import type { CommonFlags } from '../flags.js';
import { table } from '../render/tables.js';
import { printable } from '../render/text.js';
import { askWorker } from '../runs/ask.js';
import { describe } from '../runs/find.js';
import { quoted } from '../runs/list.js';
import { requireWorkers } from '../runs/workers.js';
import { heldLeases } from './locks-held.js';

/** One side effect that somebody has still to undo; see docs/json.md. */
interface Owed {
  run: string;
  status: string;
  what: string;
  actor: string;
}

/** Prints what the cloud's runs owe: side effects they noted, and budget leases of runs that go on no longer. */
export async function leases(this: OstlerContext, flags: CommonFlags): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const owed = await withTemporal(this, flags, async ({ client }) => {
    // A look may take minutes: what is taken meanwhile is noted after it, and what is taken back was noted before.
    const before = await notedBy(client, cloud);
    const found = await foundNow(this, client, cloud);
    const noted = await notedBy(client, cloud);
    const known = new Set([...before, ...noted].map(({ what }) => what));
    const left = await leftBehind(client, await heldLeases(client, cloud));
    return [...asFound({ noted, known }, found, await namesFor(this, flags)), ...left];
  });
  if (flags.json) return printJson(this, { cloud, owed });
  if (owed.length === 0) return this.io.stdout(`Nothing is owed on ${cloud}.\n`);
  const rows = owed.map(({ run, status, what, actor }) => [run, status, what, actor].map(printable));
  this.io.stdout(`${table(['RUN', 'STATUS', 'OWED', 'ACTOR'], rows, { colour: this.io.isColour })}\n`);
}

/** What runs of a cloud, of whatever operation, noted as owed: as of the last execution of each that the server still knows. */
async function notedBy(client: Client, cloud: string): Promise<Owed[]> {
  const query = `OstlerCloud = ${quoted(cloud)} AND ExecutionStatus != 'ContinuedAsNew'`;
  const found: Owed[] = [];
  for await (const run of client.workflow.list({ query })) {
    const { owed = [], actor = '' } = (run.memo?.[PROGRESS_MEMO] ?? {}) as Partial<RolloutProgress>;
    if (owed.length === 0) continue;
    // The list names no first run ids.
    const name = (await describe(client, run.workflowId, run.runId))?.name ?? run.workflowId;
    found.push(...owed.map((what) => ({ run: name, status: statusOf(run), what, actor })));
  }
  return found;
}

/** How long the worker may take to look at the cloud. */
const LOOK_LIMIT = '3m';

/** What is really there on the cloud; who does not tell is said. */
async function foundNow(context: OstlerContext, client: Client, cloud: string): Promise<Left> {
  const left = await looked(context, client, cloud).catch((error: unknown): Left => {
    const why = explain(error).what;
    return { found: [], silent: (['the controllers', 'Ceph'] as const).map((who) => ({ who, why })) };
  });
  for (const why of new Set(left.silent.map((one) => one.why))) {
    const who = left.silent.filter((one) => one.why === why).map((one) => one.who);
    context.io.stderr(`not compared with ${who.join(' and ')}: ${why}\n`);
  }
  return left;
}

async function looked(context: OstlerContext, client: Client, cloud: string): Promise<Left> {
  await requireWorkers(client, cloud, context.now());
  return askWorker<{ cloud: string }, Left>(client, workflowTypes.leftOnControllers, {
    workflowId: leftId(cloud, randomUUID()),
    argument: { cloud },
    limit: LOOK_LIMIT,
    summary: `what is left on ${cloud}`,
    unanswered: `no worker of ${cloud} looked at it`,
  });
}

/**
 * What runs noted, as far as it is still true: a run that goes on knows best, and of one that ended counts what is found. What is found and nobody
 * noted is listed, too.
 */
function asFound(
  { noted, known }: { noted: readonly Owed[]; known: ReadonlySet<string> },
  { found, silent }: Left,
  nodeOf: (member: string) => string,
): Owed[] {
  const isTold = (who: LeftIn): boolean => !silent.some((one) => one.who === who);
  const isTrue = ({ status, what }: Owed): boolean => {
    const isTellable = (isAboutController(what) && isTold('the controllers')) || (isNoout(what) && isTold('Ceph'));
    if (status === 'running' || !isTellable) return true;
    const [node = ''] = what.split(': ');
    return what.endsWith(': taken out of service')
      ? found.some((line) => line.startsWith(`${node}: `))
      : found.includes(what);
  };
  const nobodys = found
    .filter((line) => !known.has(line))
    .map((line) => ({
      run: '-',
      status: 'found',
      what: isNoout(line)
        ? line.replace('; ', '; if nobody needs it any more: ')
        : `${line}; if nobody needs it any more: ${remedyFor(line, nodeOf)}`,
      actor: '-',
    }));
  return [...noted.filter(isTrue), ...nobodys];
}

/**
 * What takes away something that nobody noted: the ban of a service, as a stop of it leaves one, goes with its start; any other constraint is
 * Pacemaker's to clear, and all else comes back with its controller. @param nodeOf the inventory's name for one of Pacemaker's
 */
function remedyFor(line: string, nodeOf: (member: string) => string): string {
  const [subject = ''] = line.split(': ', 1);
  const [, id] = /: the constraint (\S+)$/.exec(line) ?? [];
  if (id === undefined) return `\`ostler return ${subject}\``;
  const [, node] = id.split(banId(subject, ''));
  return `\`${endOf({ id, resource: subject, node }, nodeOf)}\``;
}

/** Names as the inventory has them, where there is one to read; else Pacemaker's own. */
async function namesFor(context: OstlerContext, flags: CommonFlags): Promise<(member: string) => string> {
  try {
    const { nodes } = await context.inventory(flags);
    return (member) => nodes.find((node) => memberNames(node).includes(member))?.name ?? member;
  } catch (error) {
    if (error instanceof UsageError) return (member) => member;
    throw error;
  }
}

/** Leases whose owner has closed without giving them back: it was terminated, or its worker never came back. */
async function leftBehind(client: Client, held: readonly Lease[]): Promise<Owed[]> {
  const owed = held.map(async ({ owner, run, nodes, actor }): Promise<Owed[]> => {
    const latest = await describe(client, owner);
    const execution = latest?.firstRunId === run ? latest : await describe(client, owner, run);
    const status = execution ? statusOf(execution.description) : 'gone';
    if (status === 'running') return [];
    const what = `leave to have ${listed(nodes, 4)} down; \`ostler unlock ${owner}\``;
    return [{ run: runName(owner, run), status, what, actor }];
  });
  return (await Promise.all(owed)).flat();
}

const statusOf = ({ status }: Pick<WorkflowExecutionInfo, 'status'>): string =>
  status.name.toLowerCase().replaceAll('_', ' ');
