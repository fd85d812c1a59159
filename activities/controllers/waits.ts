import { setTimeout as sleep } from 'node:timers/promises';
import { type Away, controllerTroubles, notYetAway } from '../../domain/controller-troubles.js';
import { marksOn, readings, type Survey, serversOf, viewOf } from '../../domain/controllers.js';
import { type Awaited, type Before, failureName } from '../../domain/failover.js';
import { isDonor } from '../../domain/galera.js';
import { isClone, placesOf } from '../../domain/pacemaker-resources.js';
import { silentVips } from './knock.js';
import type { ControllerSite } from './site.js';
import type { Depth } from './survey-script.js';

/** A state is believed when it was seen this often in a row (domain reference, C: general contract, 6). */
const GOOD_SAMPLES = 3;
const LOOK_AGAIN_MS = 1_000;

/** While a controller is held, nothing moves fast: a failure is noticed in half a minute. */
const GUARD_EVERY_MS = 5_000;

/** An API that nobody serves, or an address that nobody has, for this long is reason to take the controller back (domain reference, C5: abort). */
const DOWN_MS = 60_000;

/** Sentences told of what is missing. */
const MOST_MISSING = 5;

export interface AwaitOrder {
  node: string;
  before: Before;
  away: Away;
  /** How long this look lasts; the run shows what is missing, and looks again. */
  lookMs: number;
  /** Since when, in milliseconds since 1970, an API or an address has been down, as the look before saw it. */
  downSince?: number;
}

/** Looks until the controller is out of service and the others hold everything, or it is hopeless, or the look is over. */
export async function awaitAway(
  site: ControllerSite,
  { node, before, away, lookMs, downSince: since }: AwaitOrder,
  signal: AbortSignal,
): Promise<Awaited> {
  let downSince = since;
  const seen = await look(site, lookMs, signal, 'all', async (survey) => {
    const now = Date.now();
    const down = downNow(survey, before, away);
    downSince = down ? (downSince ?? now) : undefined;
    const isTooLong = downSince !== undefined && now - downSince > DOWN_MS;
    const hopeless = lostWithout(survey, before, away) ?? (isTooLong ? `${down} for a minute` : undefined);
    if (hopeless) return { hopeless };
    const missing = notYetAway(survey, away, before.member).filter((one) => !before.known.includes(one));
    return { missing: missing.length > 0 ? missing : await silentVips(site, node, before.answering, signal) };
  });
  return seen.state === 'waiting' && downSince !== undefined ? { ...seen, downSince } : seen;
}

/** How much of what is to come back is looked at. */
export interface BackOrder extends Pick<AwaitOrder, 'node' | 'before' | 'lookMs'> {
  /** It still carries the run's mark. */
  withMark: boolean;
  /** Its servers are still disabled in HAProxy. */
  isDrained?: boolean;
}

/** Looks until everything is as it was before the controller went. */
export function awaitBack(
  site: ControllerSite,
  { node, before, lookMs, withMark, isDrained = false }: BackOrder,
  signal: AbortSignal,
): Promise<Awaited> {
  return look(site, lookMs, signal, 'all', (survey) => ({
    missing: [
      ...controllerTroubles(survey, undefined, isDrained ? node : undefined).map(({ what }) => what),
      ...(withMark ? [] : marksSaid(survey, before.member)),
    ].filter((one) => !before.known.includes(one)),
  }));
}

/** Looks until the others see a controller online; once is enough, for what comes next is proven by itself. */
export function awaitOnline(
  site: ControllerSite,
  { node, before, lookMs }: Pick<AwaitOrder, 'node' | 'before' | 'lookMs'>,
  signal: AbortSignal,
): Promise<Awaited> {
  return look(
    site,
    lookMs,
    signal,
    'pacemaker',
    (survey) => {
      const seen = viewOf(survey)?.view.nodes.find(({ name }) => name === before.member);
      return { missing: seen?.online ? [] : [`${node} is not online in the cluster`] };
    },
    1,
  );
}

/** Looks until an address is on a controller. */
export function awaitVip(
  site: ControllerSite,
  { vip, member, lookMs }: { vip: string; member: string; lookMs: number },
  signal: AbortSignal,
): Promise<Awaited> {
  return look(site, lookMs, signal, 'pacemaker', (survey) => {
    const at = viewOf(survey)?.view.resources.find(({ id }) => id === vip)?.nodes ?? [];
    return {
      missing: at.length === 1 && at[0] === member ? [] : [`${vip} is on ${at.join(' and ') || 'no controller'}`],
    };
  });
}

/**
 * Looks until a resource has stopped on a controller: an instance of a clone there, and of what there is one of the cluster has it
 * elsewhere.
 */
export function awaitResourceOff(
  site: ControllerSite,
  { resource, member, lookMs }: { resource: string; member: string; lookMs: number },
  signal: AbortSignal,
): Promise<Awaited> {
  return look(site, lookMs, signal, 'pacemaker', (survey) => {
    const view = viewOf(survey)?.view;
    if (!view) return { missing: ['no controller says how it sees the cluster'] };
    const at = placesOf(view, resource);
    if (at.includes(member)) return { missing: [`${resource} still runs on ${member}`] };
    return { missing: at.length > 0 || isClone(view, resource) ? [] : [`${resource} runs nowhere`] };
  });
}

/**
 * Watches over a controller that is held out of service: resolves to what else has gone wrong, when that was seen three times in a row, or to
 * undefined when the time is over.
 */
export async function guardHold(
  site: ControllerSite,
  { before, away, untilMs }: Pick<AwaitOrder, 'before' | 'away'> & { untilMs: number },
  signal: AbortSignal,
): Promise<{ trouble?: string }> {
  let seen = 0;
  for (;;) {
    // Whatever is done to it meanwhile, it may be off for that.
    const troubles = controllerTroubles(await site.survey(signal), { ...away, isDead: true })
      .filter(({ kind }) => kind !== 'transition')
      .map(({ what }) => what)
      .filter((one) => !before.known.includes(one));
    seen = troubles.length > 0 ? seen + 1 : 0;
    if (seen >= GOOD_SAMPLES) return { trouble: few(troubles).join('; ') };
    const left = untilMs - Date.now();
    if (left <= 0) return {};
    await sleep(Math.min(seen > 0 ? LOOK_AGAIN_MS : GUARD_EVERY_MS, left), undefined, { signal });
  }
}

/** What is still missing, or why nothing more will come of it. */
type Judged = { missing: string[] } | { hopeless: string };

async function look(
  site: ControllerSite,
  lookMs: number,
  signal: AbortSignal,
  depth: Depth,
  judge: (survey: Survey) => Judged | Promise<Judged>,
  enough = GOOD_SAMPLES,
): Promise<Awaited> {
  const deadline = Date.now() + lookMs;
  let good = 0;
  for (;;) {
    const survey = await site.survey(signal, depth);
    const judged = await judge(survey);
    if ('hopeless' in judged) return { state: 'hopeless', why: judged.hopeless };
    const { missing } = judged;
    good = missing.length === 0 ? good + 1 : 0;
    if (good >= enough) return { state: 'reached' };
    if (Date.now() > deadline && missing.length > 0)
      return {
        state: 'waiting',
        missing: few(missing),
        transferring: readings(survey, 'galera').some(([, view]) => isDonor(view)),
      };
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}

/** Marks on a member, or that nobody can say whether there are any. */
const marksSaid = (survey: Survey, member: string): string[] =>
  marksOn(survey, member)?.map((mark) => `${member} carries the mark ${mark}`) ?? [
    `no controller says which mark ${member} carries`,
  ];

const few = (sentences: string[]): string[] =>
  sentences.length > MOST_MISSING
    ? [...sentences.slice(0, MOST_MISSING), `and ${sentences.length - MOST_MISSING} more`]
    : sentences;

/** The survivors cannot hold what the controller had: it must come back. */
function lostWithout(survey: Survey, before: Before, away: Away): string | undefined {
  const best = viewOf(survey);
  if (!best) return undefined;
  const failed = best.view.failures.find(
    (one) => one.task === 'start' && one.node !== before.member && !before.failures.includes(failureName(one)),
  );
  if (failed)
    return `${failed.resource} could not be started on ${best.nameOf(failed.node)}: ${failed.result}${failed.reason ? ` (${failed.reason})` : ''}`;
  const blocked = best.view.resources.find((one) => one.blocked && !one.nodes.includes(before.member));
  if (blocked) return `${blocked.id} is blocked`;
  const lost = readings(survey, 'galera').find(
    ([on, view]) => on !== away.node && view.status.toLowerCase() === 'non-primary',
  );
  return lost && `Galera on ${lost[0]} is ${lost[1].status}`;
}

/** What of the cloud's front is down, in words: a backend without a server, or an address that was somewhere before. */
function downNow(survey: Survey, before: Before, away: Away): string | undefined {
  const controllers = survey.map(({ controller }) => controller);
  for (const [on, view] of readings(survey, 'haproxy')) {
    if (on === away.node) continue;
    const theirs = serversOf(view, away.node, controllers);
    // What only a dead controller served was down before.
    const isLost = (proxy: string): boolean =>
      !away.isDead || view.servers.some((one) => one.proxy === proxy && !theirs.includes(one));
    const dead = view.backends.find(({ proxy, status }) => status.startsWith('DOWN') && isLost(proxy));
    if (dead) return `${dead.proxy} on ${on} has had no server`;
  }
  const places = viewOf(survey)?.view.resources ?? [];
  const lost = Object.keys(before.vips).find((vip) => places.some(({ id, nodes }) => id === vip && nodes.length === 0));
  return lost && `${lost} has been nowhere`;
}
