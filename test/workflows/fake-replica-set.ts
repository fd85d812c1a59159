import { Context } from '@temporalio/activity';
import type { MongodbActivities } from '../../activities/mongodb/index.js';
import type { StepResult } from '../../domain/failover.js';
import type { MongoTicket } from '../../domain/mongodb-gates.js';
import type { ActOrder, ActResult, Inspection, Verdicts } from '../../domain/rollout.js';
import { FakeSite, type FakeSiteOptions } from './fake-site.js';

export interface FakeReplicaSetOptions extends FakeSiteOptions {
  /** The host of the primary. */
  primary?: string;
  /** What becomes of the nth step down, from 0; the last entry repeats. */
  stepsDown?: StepResult[];
  /** What becomes of every restart of a host. */
  restarts?: Record<string, ActResult>;
  /** Hosts that do not come back. */
  unproven?: Verdicts;
  inspected?: Record<string, Inspection<MongoTicket>>;
}

/** A site with a replica set whose activities only keep book of what is asked of it. `hold(node)` keeps a restart open. */
export class FakeReplicaSet extends FakeSite {
  /** `restart mongo-1`, `prove mongo-1`, `step down mongo-3`, in their order. */
  readonly book: string[] = [];
  readonly orders: ActOrder<MongoTicket>[] = [];
  readonly elections: number[] = [];

  constructor(readonly mongodb: FakeReplicaSetOptions) {
    super(mongodb);
  }

  override request(overrides: Parameters<FakeSite['request']>[0] = {}): ReturnType<FakeSite['request']> {
    return super.request({ target: 'mongod', ...overrides });
  }

  override activities(): ReturnType<FakeSite['activities']> & MongodbActivities {
    const { stepsDown = [], unproven = {}, inspected = {} } = this.mongodb;
    return {
      ...super.activities(),
      admitReplicaSet: async (request) => {
        this.admissions.push(request);
        const ticket = (node: string) => inspected[node] ?? { ticket: ticketOf(node, this.mongodb.primary) };
        return { admitted: true, hosts: Object.fromEntries(request.nodes.map((node) => [node, ticket(node)])) };
      },
      stepDownPrimary: async ({ node, electedMs }) => {
        this.book.push(`step down ${node}`);
        this.elections.push(electedMs);
        return stepsDown[Math.min(this.elections.length, stepsDown.length) - 1] ?? { state: 'done' };
      },
      restartMongod: async (order) => {
        this.book.push(`restart ${order.node}`);
        this.orders.push(order);
        const held = this.held.get(order.node);
        if (held) await Promise.race([held.promise, Context.current().cancelled]);
        return this.mongodb.restarts?.[order.node] ?? { state: 'acted', byUs: true };
      },
      verifyReplicaSet: async ({ hosts }) => {
        this.book.push(`prove ${hosts.map(({ node }) => node).join(' ')}`);
        return Object.fromEntries(Object.entries(unproven).filter(([node]) => hosts.some((one) => one.node === node)));
      },
    };
  }
}

function ticketOf(node: string, primary: string | undefined): MongoTicket {
  return {
    restart: {
      verb: 'try-restart',
      fence: { bootId: `boot-of-${node}`, startedUs: 1, mainPid: 0 },
      failedNeeds: [],
    },
    ...(node === primary && { electedMs: 1_796_025_600_000 }),
  };
}
