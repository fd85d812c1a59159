import type { StepResult } from '../../domain/failover.js';
import type { MongoTicket } from '../../domain/mongodb-gates.js';
import type { ActOrder, ActResult, Admission, AdmitRequest, Verdicts, VerifyRequest } from '../../domain/rollout.js';
import { admit } from '../admit.js';
import { beating } from '../beat.js';
import { proveInTurn, type TurnSite } from '../turns.js';
import { inspectReplicaSet } from './inspect.js';
import { provenBack, restartMember, type StepDownOrder, stepDownOnce } from './turn.js';

/** What is done to the members of the replica set, one host at a time. */
export function createMongodbActivities(site: TurnSite) {
  return {
    /** Waits for room in the cloud's budget, gates, and records what is there before anything is done. Takes a lease of the keeper. */
    admitReplicaSet: (request: AdmitRequest): Promise<Admission<MongoTicket>> =>
      admit(site.keeper, request, (signal) => inspectReplicaSet(site, request, signal)),

    /** Has the primary step down from one election, and waits for another primary. Idempotent. */
    stepDownPrimary: (order: StepDownOrder): Promise<StepResult> =>
      beating((signal) => stepDownOnce(site, order, signal)),

    /** Restarts the mongod of a host at most once for the intent, when the others carry on without it. Safe to retry at any point. */
    restartMongod: (order: ActOrder<MongoTicket>): Promise<ActResult> => restartMember(site, order),

    /** Proves the hosts of a batch back by the members' own word. Changes nothing. A retry goes on with the time that is left. */
    verifyReplicaSet: (request: VerifyRequest<MongoTicket>): Promise<Verdicts> =>
      proveInTurn(request, (host, signal) => provenBack(site, host, signal)),
  };
}

export type MongodbActivities = ReturnType<typeof createMongodbActivities>;
