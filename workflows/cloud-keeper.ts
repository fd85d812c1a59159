import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import { acquire, type BudgetState, type Lease, type ReleaseRequest, release, renew } from '../domain/budget.js';
import {
  keeperQueries,
  keeperUpdates,
  type LeaseAnswer,
  type LeaseKey,
  type LeaseRequest,
  type Unlock,
} from './messages/controls.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('AUTO_UPGRADE'), cloudKeeper);

/**
 * Keeps one cloud's budget: who may have which hosts down (design, rule 5). Started by whoever asks first, it lives on; every answer
 * is given synchronously, so that two askers can never both be told yes. It knows nothing of hosts but what the askers saw.
 */
export async function cloudKeeper(state: BudgetState = { leases: [] }): Promise<void> {
  const answering = <Argument, Answer>(
    name: string,
    answer: (argument: Argument) => Answer,
    refuse?: (argument: Argument) => string | undefined,
  ) =>
    setHandler(
      defineUpdate<Answer, [Argument]>(name),
      (argument) => {
        const result = answer(argument);
        setCurrentDetails(detailsOf(state.leases));
        return result;
      },
      {
        validator: (argument) => {
          const why = refuse?.(argument);
          if (why) throw ApplicationFailure.nonRetryable(why, 'ControlRefused');
        },
      },
    );

  answering<LeaseRequest, LeaseAnswer>(
    keeperUpdates.acquire,
    (request) => acquire(state, request),
    (request) => notOfARun(request) ?? notHosts(request.nodes, request.missing, request.unresolved ?? []),
  );
  answering<LeaseKey, boolean>(keeperUpdates.renew, (key) => renew(state, key), notOfARun);
  answering<ReleaseRequest, number>(
    keeperUpdates.release,
    (request) => release(state, request),
    (request) => notOfARun(request) ?? notHosts(request.unresolved ?? []),
  );
  answering<Unlock, string>(
    keeperUpdates.unlock,
    ({ owner }) => {
      const freed = state.leases.filter((lease) => lease.owner === owner);
      for (const lease of freed) release(state, lease);
      return `${owner} no longer holds ${freed.flatMap(({ nodes }) => nodes).join(', ')}`;
    },
    ({ owner, actor, reason }) => {
      if (!actor?.trim() || !reason?.trim()) return 'an actor and a reason are needed';
      return state.leases.some((lease) => lease.owner === owner) ? undefined : `${owner} holds no lease`;
    },
  );
  setHandler(defineQuery<Lease[]>(keeperQueries.leases), () => state.leases);

  // Leases must not be forgotten while hosts are in flight: a keeper that is cancelled goes on.
  await CancellationScope.nonCancellable(async () => {
    await condition(() => workflowInfo().continueAsNewSuggested && allHandlersFinished());
    await continueAsNew<typeof cloudKeeper>(state);
  });
}

const notHosts = (...lists: unknown[]): string | undefined =>
  lists.every(Array.isArray) ? undefined : 'the hosts are needed, as lists';

/** What came over the wire and names no run's batch must not fail a workflow that everybody needs. */
const notOfARun = (key?: Partial<ReleaseRequest>): string | undefined =>
  typeof key?.owner === 'string' && typeof key.run === 'string' ? undefined : 'an owner and its run are needed';

const detailsOf = (leases: Lease[]): string =>
  leases.length === 0
    ? 'nobody holds any host'
    : leases
        .map(
          ({ owner, nodes, actor, reason }) => `- **${owner}** (${actor}: ${reason}): ${nodes.slice(0, 20).join(', ')}`,
        )
        .join('\n');
