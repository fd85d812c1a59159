import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { siteQueue, WORKFLOW_QUEUE } from '../../workflows/messages/names.js';
import type { OstlerContext } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { isUnreachable } from '../explain.js';
import { progressChanges, progressFrame, type Snapshot } from '../render/progress.js';
import { Screen } from '../render/screen.js';
import { type FoundRun, refreshRun } from './find.js';
import { type Recorded, readRecorded } from './history.js';
import { type ReadProgress, readProgress } from './progress.js';
import { hasSiteWorker, hasWorkflowWorker, isUnattended } from './workers.js';

/** Often enough to look live, seldom enough not to be noticed by a server. */
const POLL_MS = 500;
/** How long one look may take; the client itself would try a dead server for half a minute. */
const LOOK_MS = 5_000;
/** A server or worker that is being restarted is back by then; a script should not wait for one that is gone. */
const PATIENCE_MS = 60_000;

/** When the server, a worker of the run and one of its site were heard of last, in milliseconds since 1970. */
interface Patience {
  server: number;
  worker: number;
  site: number;
}

/** Why a watch ended: the run did, or it waits for a person and nobody sits at this terminal. */
export interface Watched {
  run: FoundRun;
  why: 'ended' | 'waiting';
}

/**
 * Shows a run until it ends: redrawn on a terminal, a line for each change elsewhere, all on stderr.
 * @throws {CliError} 130 on Ctrl-C, which leaves the run alone; 6 when Temporal stays away or, without a terminal, no
 * worker polls where the run waits for one
 */
export async function watchRun(context: OstlerContext, client: Client, found: FoundRun): Promise<Watched> {
  const signal = context.interruption();
  const show = presenter(context);
  const patience: Patience = { server: context.now(), worker: context.now(), site: context.now() };
  let run = found;
  let recorded: Recorded = {};
  let idle: string | undefined;
  for (;;) {
    try {
      // A signal of its own for each look: the client leaves a listener behind on what it is given.
      const seen = await client.withAbortSignal(AbortSignal.any([signal]), () =>
        client.withDeadline(Date.now() + LOOK_MS, () => look(client, run, recorded)),
      );
      ({ run, recorded } = seen);
      patience.server = context.now();
      if (seen.read.source === 'worker') patience.worker = context.now();
      if (!isUnattended(run)) patience.site = context.now();
      show(seen, remarkOn(seen, idle));
      if (run.description.status.name !== 'RUNNING') return { run, why: 'ended' };
      if (seen.read.progress?.waiting && !context.io.isTerminal) return { run, why: 'waiting' };
      idle = await idleQueue(client, seen, patience, context.now());
      if (idle !== undefined && !context.io.isTerminal) throw standstill(run, idle);
    } catch (error) {
      if (!signal.aborted) {
        if (!isUnreachable(error) || context.now() - patience.server > PATIENCE_MS) throw error;
        show(undefined, 'the Temporal server does not answer; trying again');
        // Its workers lost it too, and need time to find it again.
        patience.worker = patience.site = context.now();
      }
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted)
      throw new CliError(
        EXIT.interrupted,
        'the watch has ended; the operation goes on',
        `reattach: ostler watch ${run.name}; end it: ostler abort ${run.name} --reason "..."`,
      );
  }
}

interface Seen {
  run: FoundRun;
  recorded: Recorded;
  read: ReadProgress;
}

/** One look at a run. Its plan never changes, so it is read once. */
async function look(client: Client, before: FoundRun, recorded: Recorded): Promise<Seen> {
  const run = await refreshRun(client, before);
  const [read, known] = await Promise.all([
    readProgress(client, run),
    recorded.plan ? recorded : readRecorded(client, run),
  ]);
  return { run, recorded: known, read };
}

/** Shows what was seen last; without a new sight, only the remark is new. */
function presenter(context: OstlerContext): (seen: Seen | undefined, remark: string | undefined) => void {
  const { io } = context;
  const screen = io.isLive ? new Screen((text) => io.stderr(text)) : undefined;
  let before: Snapshot | undefined;
  return (seen, remark) => {
    const known = seen?.read.progress ?? before?.progress;
    if (!known) return;
    const plan = seen?.recorded.plan ?? before?.plan;
    const snapshot: Snapshot = {
      run: seen?.run.name ?? before?.run ?? '',
      progress: known,
      ...(plan && { plan }),
      ...(remark !== undefined && { remark }),
    };
    const style = { colour: io.isColour, columns: io.columns, now: context.now() };
    if (screen) screen.draw(progressFrame(snapshot, style), io.columns);
    else for (const line of progressChanges(before, snapshot, style)) io.stderr(`${line}\n`);
    before = snapshot;
  };
}

/** What the operator should know about a picture that is old, or that will not change. */
function remarkOn({ read }: Seen, idle: string | undefined): string | undefined {
  if (read.source === 'memo') return 'no worker answers; this is what the run noted last';
  return idle && `no worker polls ${idle}; the run goes on when one does`;
}

/** The queue that nobody polls although the run has waited there for longer than {@link PATIENCE_MS}. */
async function idleQueue(
  client: Client,
  { recorded: { request } }: Seen,
  patience: Patience,
  now: number,
): Promise<string | undefined> {
  if (now - patience.worker > PATIENCE_MS && !(await hasWorkflowWorker(client, now))) return WORKFLOW_QUEUE;
  if (request && now - patience.site > PATIENCE_MS && !(await hasSiteWorker(client, request.cloud, now)))
    return siteQueue(request.cloud);
  return undefined;
}

const standstill = ({ name }: FoundRun, queue: string): CliError =>
  new CliError(
    EXIT.unavailable,
    `no worker polls ${queue}, so ${name} stands still; nothing is lost`,
    'start one with `ostler worker`; the run goes on by itself',
  );
