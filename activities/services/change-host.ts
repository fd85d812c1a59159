import { setTimeout as sleep } from 'node:timers/promises';
import { log } from '@temporalio/activity';
import type { ResourceTicket, ResourceVerb } from '../../domain/resource-change.js';
import { vipsUnder } from '../../domain/resource-gates.js';
import type { ActResult, BatchKey, Inspection, Verdicts } from '../../domain/rollout.js';
import { isReached, isRestless, type UnitReading, type UnitTicket, type UnitVerb } from '../../domain/unit-change.js';
import type { HostJudgement, ServiceReading } from '../../domain/unit-judgement.js';
import { entryOf } from '../catalogue.js';
import { intentFor } from '../controllers/change.js';
import { isPassing, whyNot } from '../hosts.js';
import type { ComputeServices } from '../openstack/compute-services.js';
import { lastLines } from '../systemd/journal.js';
import { verifyRestarted } from '../systemd/verify.js';
import { changeResourceOnce } from './change-resource.js';
import { type ChangeDeps, changeUnitOnce } from './change-unit.js';
import { verifyResources } from './verify-resources.js';

/** What is changed of a host in one step: a unit, or what Pacemaker runs there. */
type StepTicket = UnitTicket | ResourceTicket;

/** What is to be changed on one host, in this order, each under an intent of its own that the host's intent and its name make. */
export interface HostTicket {
  units: StepTicket[];
}

const isOfResource = (step: StepTicket): step is ResourceTicket => 'resource' in step;

export interface HostOrder {
  node: string;
  verb: UnitVerb;
  ticket: HostTicket;
  intent: string;
  maybeSent: boolean;
  lease: BatchKey;
}

export interface VerifyHosts {
  verb: UnitVerb;
  hosts: { node: string; ticket: HostTicket }[];
  soakMs: number;
}

const mend = 'mend that; `ostler retry` with its name gives it another turn while the run lasts';

/** What of a host is to be changed as it is now, or what stands in the way. */
export function inspectHost(
  verb: UnitVerb,
  judged: HostJudgement,
  seen: ReadonlyMap<string, ServiceReading>,
): Inspection<HostTicket> {
  const units = new Map<string, StepTicket>();
  for (const { entry, judgement } of judged) {
    if (!judgement.isDue) {
      if (judgement.kind === 'unreachable')
        return {
          state: 'unreachable',
          note: { why: judgement.why, next: 'when it answers, `ostler retry` gives it its turn' },
        };
      continue;
    }
    const one = seen.get(entry.id);
    if (one?.state === 'clustered') {
      const { resource, member, via } = one;
      const vips = verb === 'stop' ? vipsUnder({ id: entry.id, node: one.node }, one.cluster).map(({ id }) => id) : [];
      if (via)
        units.set(resource, {
          ...{ target: entry.id, resource, member, via: via.controller, bootId: via.bootId },
          ...(vips.length > 0 && { vips }),
        });
      continue;
    }
    if (one?.state !== 'read' || !one.unit) continue;
    const { unit } = one;
    const restless = isRestless(unit);
    if (unit.load !== 'loaded') return vetoed(`systemd cannot read ${unit.unit} (${unit.load})`);
    if (isMoving(unit) && !(verb === 'stop' && restless))
      return vetoed(`${unit.unit} is still ${unit.active} (${unit.sub})${unit.jobQueued ? ', with a job queued' : ''}`);
    const { fence, failedNeeds, fileState } = unit;
    // Services that share a unit are changed with it, and it once.
    if (!units.has(unit.unit))
      units.set(unit.unit, {
        target: entry.id,
        fence,
        failedNeeds,
        fileState,
        ...(restless && { restless: true as const }),
      });
  }
  if (units.size > 0) return { ticket: { units: [...units.values()] } };
  const said = judged.flatMap(({ judgement }) =>
    judgement.isDue || judgement.kind === 'not-installed' ? [] : [judgement.why],
  );
  return { state: 'skipped', note: { why: said.slice(0, 5).join('; ') || 'nothing of it is installed any more' } };
}

const vetoed = (why: string) => ({ state: 'vetoed' as const, note: { why, next: mend } });

const isMoving = ({ active, jobQueued }: UnitReading): boolean => jobQueued || /^(de)?activating$/.test(active);

/**
 * Changes units of one host one after the other, each at most once; the first that does not get there ends it. A retry goes through all of
 * them again, and finds out what became of those that were sent.
 */
export async function changeUnits(
  deps: ChangeDeps,
  { node, verb, ticket, intent, maybeSent, lease }: HostOrder,
  signal: AbortSignal,
): Promise<ActResult> {
  const notes: string[] = [];
  for (const unit of ticket.units) {
    const { target } = unit;
    const entry = entryOf(target);
    const own = intentFor(intent, target);
    const order = { node, intent: own, lease, deadlineMs: entry.startDeadlineMs };
    const result = isOfResource(unit)
      ? await changeResourceOnce(
          deps,
          entry,
          { ...order, verb: verb as ResourceVerb, ticket: unit },
          { maybeSent, signal },
        )
      : await changeUnitOnce(deps, entry, { ...order, verb, ticket: unit }, { maybeSent, signal });
    log.info('unit changed', { node, verb, target, intent: own, state: result.state });
    if (result.state === 'acted') {
      if (result.note) notes.push(`${target}: ${result.note.why}`);
      else if (!result.byUs)
        notes.push(`${target}: it was ${verb === 'start' ? 'started' : 'changed'} by another hand, not by us`);
      continue;
    }
    const [done, left] = [notDone(ticket, target, true), notDone(ticket, target, false)];
    const rest = [done && `done before it: ${done}`, left && `not touched: ${left}`].filter(Boolean).join('; ');
    return { ...result, note: { ...result.note, why: `${target}: ${result.note.why}${rest ? ` (${rest})` : ''}` } };
  }
  return { state: 'acted', byUs: true, ...(notes.length > 0 && { note: { why: notes.join('; ') } }) };
}

/** The units before, or after, the one at which it ended. */
function notDone({ units }: HostTicket, target: string, before: boolean): string {
  const place = units.findIndex((unit) => unit.target === target);
  return (before ? units.slice(0, place) : units.slice(place + 1)).map((unit) => unit.target).join(', ');
}

/** Journals in one batch's verdicts: 20 lines each, and a run keeps no more. */
const MOST_JOURNALS = 20;

const LOOK_AGAIN_MS = 2_000;

/** Proves that what was changed on these hosts is as wanted and stays so, or says where it is not. Changes nothing. */
export async function verifyHosts(
  deps: ChangeDeps & { computeServices?: ComputeServices },
  { verb, hosts, soakMs }: VerifyHosts,
  signal: AbortSignal,
): Promise<Verdicts> {
  const verdicts: Verdicts = {};
  const resources = inCluster(deps, { verb, hosts, soakMs }, signal);
  await Promise.all(
    hosts.map(async ({ node, ticket }) => {
      const seen = await Promise.all(
        ticket.units.map(async (unit) => {
          const verdict = isOfResource(unit)
            ? (await resources).get(unit)
            : verb === 'start'
              ? await verifyStarted(deps, node, unit, soakMs, signal)
              : await verifyStays(deps, { node, verb, unit, soakMs: verb === 'stop' ? soakMs : 0 }, signal);
          return verdict && { ...verdict, note: { ...verdict.note, why: `${unit.target}: ${verdict.note.why}` } };
        }),
      );
      const bad = seen.filter((verdict) => verdict !== undefined);
      const worst = bad.find(({ state }) => state === 'failed') ?? bad[0];
      if (worst) verdicts[node] = withinPayload(worst, verdicts);
    }),
  );
  return verdicts;
}

type Verdict = Verdicts[string];

/** What Pacemaker says of everything of it that was changed on these hosts, in one look for all. */
async function inCluster(
  deps: ChangeDeps,
  { verb, hosts, soakMs }: VerifyHosts,
  signal: AbortSignal,
): Promise<Map<ResourceTicket, Verdict | undefined>> {
  const changed = hosts.flatMap(({ node, ticket }) =>
    ticket.units.filter(isOfResource).map((step) => ({ node, entry: entryOf(step.target), step })),
  );
  const deadlineMs = Math.max(2 * soakMs, ...changed.map(({ entry }) => entry.verifyDeadlineMs));
  const limits = { soakMs, deadlineMs };
  const seen = await verifyResources(deps, verb as ResourceVerb, changed, limits, signal);
  return new Map(changed.map(({ step }, index) => [step, seen[index]]));
}

function verifyStarted(
  deps: ChangeDeps & { computeServices?: ComputeServices },
  node: string,
  { target, fence, failedNeeds }: UnitTicket,
  soakMs: number,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const entry = entryOf(target);
  const limits = { soakMs, deadlineMs: Math.max(entry.verifyDeadlineMs, 2 * soakMs), signal };
  return verifyRestarted(deps, entry, { node, ticket: { verb: 'start', fence, failedNeeds }, byUs: true }, limits);
}

/** Looks until the soak is over: what is stopped may be started again by whatever needs it. */
async function verifyStays(
  { run, reader }: ChangeDeps,
  { node, verb, unit: { target }, soakMs }: { node: string; verb: UnitVerb; unit: UnitTicket; soakMs: number },
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const entry = entryOf(target);
  const startedAt = Date.now();
  const deadline = startedAt + Math.max(entry.verifyDeadlineMs, 2 * soakMs);
  let goodSince: number | undefined;
  for (;;) {
    try {
      const { unit } = await reader.readOne(node, entry, { signal });
      if (unit && !isReached(verb, unit)) {
        const now = verb === 'stop' ? `${unit.active} (${unit.sub})` : unit.fileState || 'without a unit file';
        const why = `${unit.unit} is ${now} again after ${verb}: somebody, or something that needs it, is at it too`;
        return { state: 'failed', note: { why, journal: await lastLines(run, node, unit.unit) } };
      }
      goodSince ??= Date.now();
      if (Date.now() - goodSince >= soakMs) return undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      if (!isPassing(error) || Date.now() > deadline)
        return { state: 'unknown', note: { why: `${verb} was done, but is not proven: ${whyNot(error)}` } };
    }
    const left = goodSince === undefined ? LOOK_AGAIN_MS : soakMs - (Date.now() - goodSince);
    await sleep(Math.max(5, Math.min(LOOK_AGAIN_MS, left)), undefined, { signal });
  }
}

/** A batch of hundreds that fails as one has one cause: the first journals tell it, and all would not fit (design, rule 10). */
function withinPayload(verdict: Verdict, others: Verdicts): Verdict {
  const journals = Object.values(others).filter((one) => one.note.journal).length;
  if (journals < MOST_JOURNALS) return verdict;
  const { journal: _left, ...note } = verdict.note;
  return { ...verdict, note };
}
