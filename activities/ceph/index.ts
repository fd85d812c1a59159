import type { CephTicket } from '../../domain/ceph-daemons.js';
import type { StepResult } from '../../domain/failover.js';
import type {
  ActOrder,
  ActResult,
  Admission,
  AdmitRequest,
  BatchKey,
  Verdicts,
  VerifyRequest,
} from '../../domain/rollout.js';
import { admit } from '../admit.js';
import { beating } from '../beat.js';
import { proveInTurn, type TurnSite } from '../turns.js';
import { inspectCeph } from './inspect.js';
import { type NooutOrder, setNoout, unsetNoout } from './noout.js';
import { provenBack, restartDaemons } from './turn.js';

/** What is done to Ceph's own daemons, one host at a time. */
export function createCephActivities(site: TurnSite) {
  return {
    /** Waits for room in the cloud's budget, gates, and records what is there before anything is done. Takes a lease of the keeper. */
    admitCeph: (request: AdmitRequest): Promise<Admission<CephTicket>> =>
      admit(site.keeper, request, (signal) => inspectCeph(site, request, signal)),

    /** Has Ceph keep the places of a host's OSDs while they are down. Idempotent. */
    setNoout: (order: NooutOrder & { lease: BatchKey }): Promise<StepResult> =>
      beating((signal) => setNoout(site, order, signal)),

    /** Takes that back. Idempotent, and harmless when it was never set. */
    unsetNoout: (order: NooutOrder & { taken: string }): Promise<StepResult> =>
      beating((signal) => unsetNoout(site, order, signal)),

    /** Restarts the daemons of a host at most once for the intent, when Ceph lets them go. Safe to retry at any point. */
    restartCephDaemons: (order: ActOrder<CephTicket>): Promise<ActResult> => restartDaemons(site, order),

    /** Proves the hosts of a batch back by Ceph's own word. Changes nothing. A retry goes on with the time that is left. */
    verifyCeph: (request: VerifyRequest<CephTicket>): Promise<Verdicts> =>
      proveInTurn(request, (host, signal) => provenBack(site, host, signal)),
  };
}

export type CephActivities = ReturnType<typeof createCephActivities>;
