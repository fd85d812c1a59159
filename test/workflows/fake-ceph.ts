import { Context } from '@temporalio/activity';
import type { CephActivities } from '../../activities/ceph/index.js';
import type { CephTicket } from '../../domain/ceph-daemons.js';
import type { StepResult } from '../../domain/failover.js';
import type { ActOrder, ActResult, Inspection, Verdicts } from '../../domain/rollout.js';
import { FakeSite, type FakeSiteOptions } from './fake-site.js';

export interface FakeCephOptions extends FakeSiteOptions {
  /** What becomes of the nth flag that is set, and unset, from 0; the last entry repeats. */
  sets?: StepResult[];
  unsets?: StepResult[];
  /** What becomes of every restart of a host. */
  restarts?: Record<string, ActResult>;
  /** Hosts that do not come back. */
  unproven?: Verdicts;
  inspected?: Record<string, Inspection<CephTicket>>;
}

/** A site with a Ceph whose activities only keep book of what is asked of it. `hold(node)` keeps a restart open. */
export class FakeCeph extends FakeSite {
  /** `set ceph-1`, `restart ceph-1`, `prove ceph-1`, `unset ceph-1`, in their order. */
  readonly book: string[] = [];
  readonly orders: ActOrder<CephTicket>[] = [];
  /** Intents under which flags were set, and that were made void. */
  readonly intents: { set: string[]; void: string[] } = { set: [], void: [] };

  constructor(readonly ceph: FakeCephOptions) {
    super(ceph);
  }

  override request(overrides: Parameters<FakeSite['request']>[0] = {}): ReturnType<FakeSite['request']> {
    return super.request({ target: 'ceph-osd', ...overrides });
  }

  override activities(): ReturnType<FakeSite['activities']> & CephActivities {
    const { sets = [], unsets = [], unproven = {}, inspected = {} } = this.ceph;
    const nth = (results: StepResult[], kind: string): StepResult => {
      const turn = this.book.filter((line) => line.startsWith(`${kind} `)).length - 1;
      return results[Math.min(turn, results.length - 1)] ?? { state: 'done' };
    };
    return {
      ...super.activities(),
      admitCeph: async (request) => {
        this.admissions.push(request);
        const ticket = (node: string) => inspected[node] ?? { ticket: ticketOf(node, request.target) };
        return { admitted: true, hosts: Object.fromEntries(request.nodes.map((node) => [node, ticket(node)])) };
      },
      setNoout: async ({ node, intent }) => {
        this.book.push(`set ${node}`);
        this.intents.set.push(intent);
        return nth(sets, 'set');
      },
      unsetNoout: async ({ node, taken }) => {
        this.book.push(`unset ${node}`);
        this.intents.void.push(taken);
        return nth(unsets, 'unset');
      },
      restartCephDaemons: async (order) => {
        this.book.push(`restart ${order.node}`);
        this.orders.push(order);
        const held = this.held.get(order.node);
        if (held) await Promise.race([held.promise, Context.current().cancelled]);
        return this.ceph.restarts?.[order.node] ?? { state: 'acted', byUs: true };
      },
      verifyCeph: async ({ hosts }) => {
        this.book.push(`prove ${hosts.map(({ node }) => node).join(' ')}`);
        return Object.fromEntries(Object.entries(unproven).filter(([node]) => hosts.some((one) => one.node === node)));
      },
    };
  }
}

function ticketOf(node: string, target: string): CephTicket {
  const restart: CephTicket['restart'] = {
    verb: 'try-restart',
    fence: { bootId: `boot-of-${node}`, startedUs: 1, mainPid: 0 },
    failedNeeds: [],
  };
  if (target === 'ceph-mon') return { restart, monitor: node };
  const noout = { kind: 'host', host: node } as const;
  return { restart, osds: { host: node, upFrom: { 'osd.0': 8 }, noout, from: { node: 'ceph-1', bootId: 'boot' } } };
}
