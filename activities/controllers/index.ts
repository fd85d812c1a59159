import { setTimeout as sleep } from 'node:timers/promises';
import { type Away, controllerTroubles } from '../../domain/controller-troubles.js';
import { memberOf, type Survey, viewOf } from '../../domain/controllers.js';
import {
  type Awaited,
  allLeft,
  type Before,
  type ControllerRequest,
  gatesFor,
  isForceable,
  recordBefore,
  type StepOrder,
  type StepResult,
  unforced,
} from '../../domain/failover.js';
import type { ActResult, Admission, AdmitRequest, BatchKey, Inspection } from '../../domain/rollout.js';
import { admit, type Look } from '../admit.js';
import { beating } from '../beat.js';
import { invalidRequest, planRefused } from '../failures.js';
import { whyNot } from '../hosts.js';
import { changeOnce } from './change.js';
import { proveDead } from './dead.js';
import { answeringVips } from './knock.js';
import { type Gap, probeVip } from './probe.js';
import { type ControllerSite, surveyAtRest } from './site.js';
import { forgetFailures, NOBODY_LISTENS, takeStep, type UndoOrder, undoStep } from './steps.js';
import { type AwaitOrder, awaitAway, awaitBack, awaitOnline, awaitVip, type BackOrder, guardHold } from './waits.js';

/** An admission of controllers: with what was asked for beside their names. */
export interface AdmitControllers extends AdmitRequest {
  operation: 'restart' | 'failover' | 'return' | 'move';
  controller: ControllerRequest;
}

const SUDO_SAYS_NO = /^sudo: |not allowed|may not run/m;

/** Why a survey cannot tell everything that is left on the controllers; undefined when it can. */
function whyNotWhole(survey: Survey): string | undefined {
  for (const { controller, cluster, haproxy } of survey) {
    if (cluster.state === 'unread') return cluster.why;
    if (haproxy.state === 'silent' && !NOBODY_LISTENS.test(haproxy.why))
      return `HAProxy on ${controller} does not answer: ${haproxy.why}`;
  }
  return survey.length > 0 && !survey.some(({ attributes }) => attributes)
    ? 'no controller says which marks the nodes carry'
    : undefined;
}

/** What is done to the controllers of a site, one step at a time. */
export function createControllerActivities(site: ControllerSite) {
  async function lookAt(
    { nodes, operation, controller }: AdmitControllers,
    signal: AbortSignal,
  ): Promise<Look<Before>> {
    const survey = await surveyAtRest(site, signal);
    const best = viewOf(survey);
    const inspect = (node: string): Inspection<Before> => {
      const away: Away | undefined = controller.dead ? { node, isDead: true } : undefined;
      const all =
        operation === 'return'
          ? []
          : operation === 'move'
            ? controllerTroubles(survey).map(({ kind, what }) => ({ gate: kind, why: what }))
            : gatesFor(survey, node, site.listed, { names: site.namesOf(node), ...(away && { away }) });
      // What a return finds and is not about stays as it is.
      const found = operation === 'return' ? controllerTroubles(survey).filter(({ kind }) => isForceable(kind)) : [];
      const known = [...all, ...found.map(({ kind, what }) => ({ gate: kind, why: what }))];
      const refusals = unforced(all, controller.force);
      if (refusals.length > 0) return { state: 'vetoed', note: { why: refusals.map(({ why }) => why).join('; ') } };
      return { ticket: recordBefore(survey, node, site.listed, { known, drains: operation !== 'return' }) };
    };
    // Whoever is not online for the others, or says nothing. A return takes nobody away, and so needs no room.
    const missing = (operation === 'return' ? [] : survey)
      .filter(({ controller, cluster }) => {
        const member = memberOf(survey, controller);
        const seen = best?.view.nodes.find(({ name }) => name === member);
        return cluster.state !== 'read' || !seen?.online || seen.standby;
      })
      .map(({ controller }) => controller);
    const hosts: Record<string, Inspection<Before>> = {};
    for (const node of nodes) {
      const inspection = inspect(node);
      const takesOut = operation === 'failover' || operation === 'restart';
      if (takesOut && 'ticket' in inspection)
        inspection.ticket.answering = await answeringVips(site, node, inspection.ticket.vips, signal);
      hosts[node] = inspection;
    }
    return { hosts, missing };
  }

  return {
    /** Waits for room in the cloud's budget for controllers, gates them, and records what is there before anything is changed. */
    admitControllers: (request: AdmitControllers): Promise<Admission<Before>> =>
      admit(site.keeper, request, (signal) => lookAt(request, signal)),

    /** Takes one step of taking a controller out of service. Idempotent. */
    takeControllerStep: (order: StepOrder & { lease: BatchKey }): Promise<StepResult> =>
      beating((signal) => takeStep(site, order, signal)),

    /** Undoes one step. Idempotent, and harmless when it was never taken. */
    undoControllerStep: (order: UndoOrder): Promise<StepResult> => beating((signal) => undoStep(site, order, signal)),

    /** Has Pacemaker forget the failures that came while a controller was in hand, as far as its work is over. Idempotent. */
    forgetFailures: (order: { before: Before; intent: string }): Promise<StepResult> =>
      beating((signal) => forgetFailures(site, order, signal)),

    /** Looks for a while whether the controller is out of service, and the others hold everything. */
    awaitControllerAway: (order: AwaitOrder): Promise<Awaited> => beating((signal) => awaitAway(site, order, signal)),

    /** Looks for a while whether everything is as before. */
    awaitControllerBack: (order: BackOrder): Promise<Awaited> => beating((signal) => awaitBack(site, order, signal)),

    /** Looks for a while whether a controller is a member of the cluster, and answers. */
    awaitControllerOnline: (order: Pick<AwaitOrder, 'node' | 'before' | 'lookMs'>): Promise<Awaited> =>
      beating((signal) => awaitOnline(site, order, signal)),

    /** Looks for a while whether an address is where it is wanted. */
    awaitVipOn: (order: { vip: string; member: string; lookMs: number }): Promise<Awaited> =>
      beating((signal) => awaitVip(site, order, signal)),

    /** Watches over a hold; resolves to what has gone wrong meanwhile, or to nothing when its time is over. */
    guardController: (order: Parameters<typeof guardHold>[1]): Promise<{ trouble?: string }> =>
      beating((signal) => guardHold(site, order, signal)),

    /**
     * What operations, or people, have left on the controllers: one line for each, as a run that took it would have noted it. Changes nothing.
     * @throws {ApplicationFailure} InvalidRequest for another cloud; PlanRefused when a controller does not say what is there
     */
    findLeft: ({ cloud }: { cloud: string }): Promise<string[]> =>
      beating(async (signal) => {
        if (cloud !== site.inventory.cloud)
          throw invalidRequest(`this worker looks after the cloud ${site.inventory.cloud}, not ${cloud}`);
        const survey = await site.survey(signal, 'haproxy');
        const why = whyNotWhole(survey);
        if (why) throw planRefused(why);
        return allLeft(survey);
      }),

    /** What speaks for a controller being gone, and against it. Changes nothing. */
    proveControllerDead: ({ node, confirmed }: { node: string; confirmed: boolean }) =>
      beating(async (signal) =>
        proveDead(site, site.inventory.node(node), await site.survey(signal), confirmed, signal),
      ),

    /** Measures for how long an address does not answer, until it is cancelled. Changes nothing. */
    probeVip: ({ vip }: { vip: string }): Promise<Gap> => beating((signal) => probeVip(site, vip, signal)),

    /**
     * Boots a controller anew, at most once for the intent, and waits until it answers with another boot id.
     */
    rebootController: ({
      node,
      before,
      intent,
      deadlineMs,
    }: {
      node: string;
      before: Before;
      intent: string;
      deadlineMs: number;
    }): Promise<ActResult> =>
      beating(async (signal) => {
        const bootId = before.bootIds[node];
        if (!bootId) return { state: 'unreachable', note: { why: `${node} did not say which boot it is in` } };
        const deadline = Date.now() + deadlineMs;
        let why = 'it still runs in the same boot';
        let sent = false;
        for (;;) {
          try {
            if ((await bootOf(node, signal)) !== bootId) return { state: 'acted', byUs: true };
            if (!sent) {
              const changed = await changeOnce(site.run, node, { intent, change: { kind: 'reboot' }, bootId }, signal);
              sent = changed.state === 'ran';
              // Whatever else it says while it goes down, or comes up, is not a no.
              if (changed.state === 'refused' && SUDO_SAYS_NO.test(changed.why))
                return { state: 'failed', note: { why: `it was not rebooted: ${changed.why}` } };
            }
          } catch (error) {
            if (signal.aborted) throw error;
            why = whyNot(error);
          }
          if (Date.now() > deadline) return { state: 'unknown', note: { why, next: `look at the console of ${node}` } };
          await sleep(1_000, undefined, { signal });
        }
      }),
  };

  async function bootOf(node: string, signal: AbortSignal): Promise<string> {
    const { stdout } = await site.run(node, 'cat /proc/sys/kernel/random/boot_id', { limitMs: 10_000, signal });
    return stdout.trim();
  }
}

export type ControllerActivities = ReturnType<typeof createControllerActivities>;
