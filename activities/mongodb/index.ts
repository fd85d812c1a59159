import { Context } from '@temporalio/activity';
import type { StepResult } from '../../domain/failover.js';
import type { MongoTicket } from '../../domain/mongodb-gates.js';
import type { ActOrder, ActResult, Admission, AdmitRequest, Verdicts, VerifyRequest } from '../../domain/rollout.js';
import { admit } from '../admit.js';
import { beating } from '../beat.js';
import { inspectReplicaSet } from './inspect.js';
import type { MongoSite } from './site.js';
import { provenBack, restartMember, type StepDownOrder, stepDownOnce } from './turn.js';

/** What is done to the members of the replica set, one host at a time. */
export function createMongodbActivities(site: MongoSite) {
  return {
    /** Waits for room in the cloud's budget, gates, and records what is there before anything is done. Takes a lease of the keeper. */
    admitReplicaSet: (request: AdmitRequest): Promise<Admission<MongoTicket>> =>
      admit(site.keeper, request, (signal) => inspectReplicaSet(site, request, signal)),

    /** Has the primary step down from one election, and waits for another primary. Idempotent. */
    stepDownPrimary: (order: StepDownOrder): Promise<StepResult> =>
      beating((signal) => stepDownOnce(site, order, signal)),

    /** Restarts the mongod of a host at most once for the intent, when the others carry on without it. Safe to retry at any point. */
    restartMongod: (order: ActOrder<MongoTicket>): Promise<ActResult> =>
      beating((signal) =>
        restartMember(site, order, { maybeSent: order.maybeSent || Context.current().info.attempt > 1, signal }),
      ),

    /** Proves the hosts of a batch back by the members' own word. Changes nothing. A retry goes on with the time that is left. */
    verifyReplicaSet: ({ target, hosts, ...limits }: VerifyRequest<MongoTicket>): Promise<Verdicts> => {
      const { since = Date.now() } = { ...(Context.current().info.heartbeatDetails as { since?: number } | undefined) };
      return beating(
        async (signal) => {
          const verdicts: Verdicts = {};
          for (const { node } of hosts) {
            const verdict = await provenBack(site, { node, target, ...limits, since }, signal);
            if (verdict) verdicts[node] = verdict;
          }
          return verdicts;
        },
        () => ({ since }),
      );
    },
  };
}

export type MongodbActivities = ReturnType<typeof createMongodbActivities>;
