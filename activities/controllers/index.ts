import { Context } from '@temporalio/activity';
import type { Awaited, Before, StepOrder, StepResult } from '../../domain/failover.js';
import type { Left } from '../../domain/left.js';
import type { ActResult, Admission, BatchKey, Verdicts } from '../../domain/rollout.js';
import { admit } from '../admit.js';
import { beating } from '../beat.js';
import { proveDead } from './dead.js';
import { type AdmitControllers, inspectControllers } from './inspect.js';
import { findLeft } from './left.js';
import { type Gap, probeVip } from './probe.js';
import { type RebootOrder, rebootOnce } from './reboot.js';
import { type RestartsOrder, restartUnits, type VerifyRestartsOrder, verifyUnits } from './restarts.js';
import type { ControllerSite } from './site.js';
import { forgetFailures, takeStep, type UndoOrder, undoStep } from './steps.js';
import {
  type AwaitOrder,
  awaitAway,
  awaitBack,
  awaitOnline,
  awaitResourceOff,
  awaitVip,
  type BackOrder,
  guardHold,
} from './waits.js';

/** What is done to the controllers of a site, one step at a time. */
export function createControllerActivities(site: ControllerSite) {
  return {
    /** Waits for room in the cloud's budget for controllers, gates them, and records what is there before anything is changed. */
    admitControllers: (request: AdmitControllers): Promise<Admission<Before>> =>
      admit(site.keeper, request, (signal) => inspectControllers(site, request, signal)),

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

    /** Looks for a while whether a resource has stopped on a controller. */
    awaitResourceOff: (order: { resource: string; member: string; lookMs: number }): Promise<Awaited> =>
      beating((signal) => awaitResourceOff(site, order, signal)),

    /** Watches over a hold; resolves to what has gone wrong meanwhile, or to nothing when its time is over. */
    guardController: (order: Parameters<typeof guardHold>[1]): Promise<{ trouble?: string }> =>
      beating((signal) => guardHold(site, order, signal)),

    /**
     * What operations, or people, have left on the controllers, and of noout in Ceph, and who does not say. Changes nothing.
     * @throws {ApplicationFailure} InvalidRequest for another cloud
     */
    findLeft: ({ cloud }: { cloud: string }): Promise<Left> => beating((signal) => findLeft(site, cloud, signal)),

    /** What speaks for a controller being gone, and against it. Changes nothing. */
    proveControllerDead: ({ node, confirmed }: { node: string; confirmed: boolean }) =>
      beating(async (signal) =>
        proveDead(site, site.inventory.node(node), await site.survey(signal), confirmed, signal),
      ),

    /** Measures for how long an address does not answer, until it is cancelled. Changes nothing. */
    probeVip: ({ vip }: { vip: string }): Promise<Gap> => beating((signal) => probeVip(site, vip, signal)),

    /** Boots a controller anew, at most once for the intent, and waits until it answers with another boot id. */
    rebootController: (order: RebootOrder): Promise<ActResult> =>
      beating((signal) => rebootOnce(site.run, order, signal)),

    /** Restarts units of a controller one after the other, each at most once. Safe to retry at any point. */
    restartControllerUnits: (order: RestartsOrder): Promise<ActResult> =>
      beating((signal) =>
        restartUnits(site, { ...order, maybeSent: order.maybeSent || Context.current().info.attempt > 1 }, signal),
      ),

    /** Proves restarted units of controllers well. Changes nothing. */
    verifyControllerUnits: (order: VerifyRestartsOrder): Promise<Verdicts> =>
      beating((signal) => verifyUnits(site, order, signal)),
  };
}

export type ControllerActivities = ReturnType<typeof createControllerActivities>;
