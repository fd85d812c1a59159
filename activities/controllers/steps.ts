import { setTimeout as sleep } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import type { CliConstraint, ClusterFailure } from '../../domain/cluster.js';
import { type ControllerChange, preferId } from '../../domain/controller-commands.js';
import { marksOn, readings, type Survey, viewOf } from '../../domain/controllers.js';
import {
  type Before,
  failureName,
  gatesFor,
  isBan,
  notDrained,
  type StepOrder,
  type StepResult,
  serverIn,
  troubleGates,
  unforced,
} from '../../domain/failover.js';
import { isDrained } from '../../domain/haproxy.js';
import type { BatchKey } from '../../domain/rollout.js';
import { whyNot } from '../hosts.js';
import { lostLease } from '../keeper.js';
import { SshFailure } from '../ssh/types.js';
import { changeOnce, intentFor } from './change.js';
import { simulated, whyStranded } from './simulate.js';
import { type ControllerSite, surveyAtRest, surveyToUndo } from './site.js';
import type { Depth } from './survey-script.js';

/** How long a change may take to be seen, after its command has ended. */
const SEEN_WITHIN_MS: Record<Depth, number> = { pacemaker: 60_000, haproxy: 10_000, all: 60_000 };
const LOOK_AGAIN_MS = 500;

/** Servers named in a refusal; more would not be read. */
const MOST_SAID = 5;

/** One command of a step, and the controllers it may be sent from, best first. */
interface Command {
  intent: string;
  change: ControllerChange;
  from: string[];
}

/** What is to be undone, and under which intent the step was taken. */
export interface UndoOrder extends Omit<StepOrder, 'controller' | 'away'> {
  /** The intent of the step itself: from now on nobody can take it any more. */
  taken: string;
}

/**
 * Takes one step: looks whether it is done already, gates, asks for the lease, sends its commands under their intents, and looks until what
 * was wanted is seen. Whoever runs this, however often, takes the step once.
 */
export async function takeStep(
  site: ControllerSite,
  { node, before, step, intent, controller, away, lease }: StepOrder & { lease: BatchKey },
  signal: AbortSignal,
): Promise<StepResult> {
  // Our own last step has given Pacemaker something to do.
  const survey = await surveyAtRest(site, signal);
  if (isDone(survey, { before, step })) return { state: 'done' };
  // Moving an address takes nobody out of service: the cluster must be well, and that is all.
  const gates =
    step.kind === 'prefer'
      ? troubleGates(survey)
      : gatesFor(survey, node, site.listed, { names: site.namesOf(node), ...(away && { away }) });
  // A move would take the place of a constraint that a person has left there.
  const force = step.kind === 'prefer' ? [] : controller.force;
  const refusals = unforced(gates, force).filter(({ why }) => !before.known.includes(why));
  if (refusals.length > 0) return { state: 'refused', why: refusals.map(({ why }) => why).join('; '), ...untouched() };
  if (step.kind === 'standby' && !away?.isDead) {
    const stranded = whyStranded(survey, node, await simulated(site, survey, node, signal));
    if (stranded) return { state: 'refused', why: stranded, ...untouched() };
  }
  const lost = await lostLease(site.keeper, lease);
  if (lost) return { state: 'refused', why: lost, ...untouched() };
  return carryOut(
    site,
    survey,
    commandsOf(survey, { node, before, step, intent }, 'take'),
    signal,
    depthOf(step),
    (now) => (isDone(now, { before, step }) ? undefined : unseen(now, { before, step })),
  );
}

/**
 * Undoes one step: makes its intent void, so that a worker that wakes up late can take it no more, and puts back what was there before.
 * Harmless when the step was never taken.
 */
export async function undoStep(
  site: ControllerSite,
  { node, before, step, intent, taken }: UndoOrder,
  signal: AbortSignal,
): Promise<StepResult> {
  const { survey, stop } = await surveyToUndo(site, signal, depthOf(step));
  if (stop) return { state: 'refused', why: stop };
  const voided = commandsOf(survey, { node, before, step, intent: taken }, 'take').flatMap((command) =>
    command.from.map((host) => voidIntent(site, survey, host, command.intent, signal)),
  );
  await Promise.all(voided);
  // An act that was on its way has had its effect by now.
  const now = await site.survey(signal, depthOf(step));
  const commands = commandsOf(now, { node, before, step, intent }, 'undo');
  return carryOut(site, now, commands, signal, depthOf(step), (seen) =>
    isUndone(seen, { before, step }) ? undefined : `${step.kind} is still there after it was taken back`,
  );
}

/** Has Pacemaker forget the failures that were not there before, on each member that has any. */
export async function forgetFailures(
  site: ControllerSite,
  { before, intent }: { before: Before; intent: string },
  signal: AbortSignal,
): Promise<StepResult> {
  const isNew = (one: ClusterFailure): boolean => !before.failures.includes(failureName(one));
  const { survey, stop } = await surveyToUndo(site, signal, 'pacemaker');
  if (stop) return { state: 'refused', why: stop };
  const failures = viewOf(survey)?.view.failures.filter(isNew) ?? [];
  const from = survey.filter(({ cluster }) => cluster.state === 'read').map(({ controller }) => controller);
  const commands = [...new Set(failures.map(({ node }) => node))].map(
    (member): Command => ({ intent: intentFor(intent, member), change: { kind: 'cleanup', member }, from }),
  );
  if (commands.length === 0) return { state: 'done' };
  return carryOut(site, survey, commands, signal, 'pacemaker', (now) => {
    const left = viewOf(now)?.view.failures.filter(isNew) ?? [];
    return left.length === 0 ? undefined : `Pacemaker still lists ${left.map(failureName).join(', ')} as failed`;
  });
}

/** The commands that take or undo a step, as the controllers are now. */
function commandsOf(
  survey: Survey,
  { node, before, step, intent }: Pick<StepOrder, 'node' | 'before' | 'step' | 'intent'>,
  way: 'take' | 'undo',
): Command[] {
  const { member } = before;
  const takes = way === 'take';
  const answering = survey.filter(({ cluster }) => cluster.state === 'read').map(({ controller }) => controller);
  // Not from the one that is to go, as long as there is another.
  const from = [...answering.filter((one) => one !== node), ...answering.filter((one) => one === node)];
  const once = (change: ControllerChange): Command[] => [{ intent, change, from }];
  switch (step.kind) {
    case 'mark':
      return once(takes ? { kind: 'mark', member, mark: step.mark } : { kind: 'unmark', member });
    case 'standby':
      return once({ kind: takes ? 'standby' : 'unstandby', member });
    case 'prefer':
      return once(
        takes
          ? { kind: 'prefer', vip: step.vip, member: step.to }
          : { kind: 'unprefer', vip: step.vip, member: step.to },
      );
    case 'ban':
      return once({ kind: takes ? 'ban' : 'unban', resource: step.resource, member: step.member });
    case 'drain': {
      const views = new Map(readings(survey, 'haproxy'));
      return before.servers.flatMap((drained): Command[] => {
        const { on, proxy, server } = drained;
        const view = views.get(on);
        const now = serverIn(view, drained);
        const socket = view?.socket ?? before.sockets[on];
        if (!socket || (!takes && now && !isDrained(now))) return [];
        const kind = takes ? 'disable-server' : 'enable-server';
        return [{ intent: intentFor(intent, on, proxy, server), change: { kind, socket, proxy, server }, from: [on] }];
      });
    }
  }
}

/** Sends each command from the first controller that takes it, and looks until `missing` has nothing to say any more. */
async function carryOut(
  site: ControllerSite,
  survey: Survey,
  commands: readonly Command[],
  signal: AbortSignal,
  depth: Depth,
  missing: (survey: Survey) => string | undefined,
): Promise<StepResult> {
  const sent = await Promise.all(commands.map((command) => sendFrom(site, survey, command, signal)));
  const refused = sent.filter((why) => why !== undefined);
  const deadline = Date.now() + SEEN_WITHIN_MS[depth];
  for (;;) {
    const why = missing(await site.survey(signal, depth));
    if (why === undefined) return { state: 'done' };
    if (Date.now() > deadline || refused.length > 0) return { state: 'refused', why: [why, ...refused].join('; ') };
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}

/** Sends a command from the first of its controllers that answers; why it did not work, or undefined. */
async function sendFrom(
  site: ControllerSite,
  survey: Survey,
  { intent, change, from }: Command,
  signal: AbortSignal,
): Promise<string | undefined> {
  let why = `nobody can be asked for ${change.kind}`;
  for (const host of from) {
    const bootId = survey.find(({ controller }) => controller === host)?.bootId;
    if (!bootId) continue;
    try {
      const changed = await changeOnce(site.run, host, { intent, change, bootId }, signal);
      log.info('controller changed', { host, change: change.kind, intent, ...changed });
      if (changed.state === 'ran') {
        return changed.exitStatus === 0
          ? undefined
          : `${change.kind} on ${host} ended with exit ${changed.exitStatus} (journalctl -u ostler-${intent} there says more)`;
      }
      why = `${change.kind} on ${host}: ${changed.why}`;
    } catch (error) {
      if (signal.aborted || !(error instanceof SshFailure)) throw error;
      // Whatever became of it is seen by looking; the same intent is taken once by each host, and the change is the same twice.
      why = whyNot(error);
    }
  }
  return why;
}

/** Makes an intent void where the host answers; one that does not will refuse what is sent to it in another boot. */
async function voidIntent(
  site: ControllerSite,
  survey: Survey,
  host: string,
  intent: string,
  signal: AbortSignal,
): Promise<void> {
  const bootId = survey.find(({ controller }) => controller === host)?.bootId;
  if (!bootId) return;
  try {
    await changeOnce(site.run, host, { intent, change: { kind: 'void' }, bootId }, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof SshFailure)) throw error;
    log.warn('intent not made void', { host, intent, why: error.message });
  }
}

/** What the first attempt knows: it has sent nothing. A later one does not know what became of those before. */
const untouched = (): { isUntouched?: true } => (Context.current().info.attempt === 1 ? { isUntouched: true } : {});

/** Why a step does not count as taken although its commands were sent. HAProxy refuses with exit 0, and only its state tells. */
function unseen(survey: Survey, { before, step }: Pick<StepOrder, 'before' | 'step'>): string {
  if (step.kind !== 'drain') return `${step.kind} was sent, and is not seen`;
  const taking = notDrained(survey, before);
  const said = taking.slice(0, MOST_SAID).join('; ');
  return `HAProxy was told, and did not obey: ${said}${taking.length > MOST_SAID ? '; ...' : ''}; its socket needs \`level admin\``;
}

/** How much must be asked to see what a step does. */
const depthOf = ({ kind }: StepOrder['step']): Depth => (kind === 'drain' ? 'haproxy' : 'pacemaker');

type Seen = Pick<StepOrder, 'before' | 'step'>;

function isDone(survey: Survey, { before, step }: Seen): boolean {
  const best = viewOf(survey);
  switch (step.kind) {
    case 'mark':
      return marksOn(survey, before.member)?.includes(step.mark) === true;
    case 'standby':
      return best?.view.nodes.find(({ name }) => name === before.member)?.standby === true;
    case 'drain':
      return notDrained(survey, before).length === 0;
    case 'prefer':
      return (
        best?.view.constraints.some(({ id, node: at }) => id === preferId(step.vip) && at === step.to) === true ||
        best?.view.resources.some(({ id, nodes }) => id === step.vip && nodes.join() === step.to) === true
      );
    case 'ban':
      return best !== undefined && isBanned(best.view.constraints, step);
  }
}

const isBanned = (constraints: readonly CliConstraint[], step: Extract<Seen['step'], { kind: 'ban' }>): boolean =>
  constraints.some((one) => isBan(one, step.resource, step.member));

function isUndone(survey: Survey, { before, step }: Seen): boolean {
  const best = viewOf(survey);
  if (!best) return false;
  switch (step.kind) {
    case 'mark':
      return marksOn(survey, before.member)?.length === 0;
    case 'standby':
      return best.view.nodes.find(({ name }) => name === before.member)?.standby === false;
    case 'prefer':
      return !best.view.constraints.some(({ id, node: at }) => id === preferId(step.vip) && at === step.to);
    case 'ban':
      return !isBanned(best.view.constraints, step);
    case 'drain': {
      const views = new Map(readings(survey, 'haproxy'));
      return before.servers.every((drained) => {
        const view = views.get(drained.on);
        if (!view) return isStopped(survey, drained.on);
        const now = serverIn(view, drained);
        return !now || !isDrained(now);
      });
    }
  }
}

/** Whether a HAProxy surely does not run, and so remembers nothing of what was disabled in it. */
function isStopped(survey: Survey, on: string): boolean {
  const reading = survey.find(({ controller }) => controller === on)?.haproxy;
  return reading?.state === 'absent' || (reading?.state === 'silent' && NOBODY_LISTENS.test(reading.why));
}

/** What socat says of a socket that nobody listens on, or that is not there. */
export const NOBODY_LISTENS = /connection refused|no such file/i;
