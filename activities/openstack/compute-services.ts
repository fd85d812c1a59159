import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../../domain/duration.js';
import type { ReadCredentials } from '../../inventory/openstack.js';
import { redact } from '../redact.js';
import { OpenStackFailure } from './http.js';
import { createKeystone } from './keystone.js';
import { type Match, matchHosts } from './match-hosts.js';
import { listServices, type ServiceRow } from './nova.js';
import { sharedReads } from './shared-reads.js';
import { limited, within } from './within.js';

/** Between two reads of the service list while hosts are waited for; nova-compute reports every 10 s by default. */
const POLL_MS = 2_000;

/** Three reports missed, of one every 10 s: a service that was watched for less may still be about to report. */
const REPORTS_WITHIN_MS = 30_000;

/** How long to go on asking. */
export interface Limits {
  /** In milliseconds since 1970, by this machine's clock. */
  deadline: number;
  signal: AbortSignal;
}

/**
 * Why a service is not proven well: `failed` when Nova answered and the service did not report, `unknown` when Nova could not be
 * asked for long enough, or does not tell which row is the service's.
 */
export interface Unproven {
  state: 'failed' | 'unknown';
  why: string;
}

/** The compute services of a cloud, as its own API tells of them. */
export interface ComputeServices {
  /**
   * Inventory nodes whose service of this binary an operator has disabled. After a failure that may pass, Nova is asked
   * again until the deadline.
   * @throws {OpenStackFailure} when Keystone or Nova cannot be asked
   */
  disabledNodes(binary: string, limits: Limits): Promise<Set<string>>;
  /**
   * What Nova says of every node's service of this binary, asked once.
   * @throws {OpenStackFailure} when Keystone or Nova cannot be asked
   */
  listing(binary: string, limits: Limits): Promise<Listing>;
  /**
   * Waits until the service of a node has reported again since the first read made here.
   * @returns undefined when it has; throws only the reason of `signal`
   */
  reportsAnew(node: string, binary: string, limits: Limits): Promise<Unproven | undefined>;
}

export interface ComputeServicesOptions {
  /** Between two reads of the service list, in milliseconds. */
  pollMs?: number;
  /** How long a service must have been watched for its silence to be a failure, in milliseconds. */
  reportsWithinMs?: number;
  /** Limit for one request, in milliseconds. */
  requestLimitMs?: number;
}

/** One node's row in a list of services, or why none can be told to be its own. */
export type Listing = (node: string) => Match;

/**
 * The compute services of the cloud that the credentials open; nothing is read or connected before they are asked about.
 * @param nodes every node of the inventory, so that names can be told apart
 */
export function createComputeServices(
  readCredentials: ReadCredentials,
  nodes: readonly { name: string }[],
  { pollMs = POLL_MS, reportsWithinMs = REPORTS_WITHIN_MS, requestLimitMs }: ComputeServicesOptions = {},
): ComputeServices {
  const keystone = createKeystone(readCredentials, requestLimitMs);
  const names = nodes.map(({ name }) => name);
  const read = async (binary: string): Promise<Listing> => matchHosts(names, await listServices(keystone, binary));
  const watched = new Map<string, () => Promise<Listing>>();

  /** The next reading of a binary's services, one request for all who wait for it. */
  const nextReading = (binary: string): Promise<Listing> => {
    const next = watched.get(binary) ?? sharedReads(() => read(binary), pollMs);
    watched.set(binary, next);
    return next();
  };

  return {
    async disabledNodes(binary, { deadline, signal }) {
      for (;;) {
        try {
          const matchOf = await within(read(binary), signal);
          return new Set(names.filter((name) => isDisabled(matchOf(name))));
        } catch (error) {
          const mayPass = error instanceof OpenStackFailure && error.passing;
          if (!mayPass || Date.now() >= deadline) throw error;
        }
        await sleep(pollMs, undefined, { signal });
      }
    },

    async listing(binary, { deadline, signal }) {
      return within(read(binary), AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, deadline - Date.now()))]));
    },

    async reportsAnew(node, binary, { deadline, signal }) {
      const verdict = await limited(deadline - Date.now(), signal, (limit) =>
        untilReported(() => nextReading(binary), { node, binary, reportsWithinMs }, limit),
      );
      signal.throwIfAborted();
      return verdict;
    },
  };
}

const isDisabled = (match: Match): boolean => 'row' in match && match.row.status === 'disabled';

interface Watch {
  node: string;
  binary: string;
  reportsWithinMs: number;
}

/** Reads until a read is newer than the first, or until the limit. */
async function untilReported(
  nextReading: () => Promise<Listing>,
  watch: Watch,
  limit: AbortSignal,
): Promise<Unproven | undefined> {
  const { node, binary } = watch;
  let first: Mark | undefined;
  let firstAt = 0;
  let seen = unknown(`Nova was not asked about ${binary} on ${node}: no time was left`);
  while (!limit.aborted) {
    try {
      const match = (await within(nextReading(), limit))(node);
      const now = markOf(match);
      // The time also moves when a person disables or enables the service, which is no report of its own; and a clock that
      // was set back on Nova's side must not hide the reports that follow.
      if (first === undefined || now.steered !== first.steered || now.updatedAt < first.updatedAt) {
        first = now;
        firstAt = performance.now();
      }
      const anew = now.updatedAt > first.updatedAt;
      if (anew && 'row' in match && match.row.state === 'up') return undefined;
      const watchedMs = performance.now() - firstAt;
      seen = 'row' in match ? accountOf(match.row, watch, { anew, watchedMs }) : unknown(match.why);
    } catch (error) {
      if (limit.aborted) break;
      if (!(error instanceof OpenStackFailure)) throw error;
      seen = unknown(`whether ${binary} on ${node} reports to Nova is not known: ${error.message}`);
      if (!error.passing) break;
    }
  }
  return seen;
}

/** What tells one report of a service from the next, and from what a person did to it. */
interface Mark {
  updatedAt: string;
  steered: string;
}

const markOf = (match: Match): Mark =>
  'row' in match
    ? { updatedAt: match.row.updatedAt, steered: `${match.row.status} ${match.row.disabledReason}` }
    : { updatedAt: '', steered: '' };

const unknown = (why: string): Unproven => ({ state: 'unknown', why });

/** What Nova says about a service that has not proven well. */
function accountOf(
  row: ServiceRow,
  { node, binary, reportsWithinMs }: Watch,
  { anew, watchedMs }: { anew: boolean; watchedMs: number },
): Unproven {
  const reason = row.disabledReason && ` (${redact(row.disabledReason).replace(/\s+/g, ' ').slice(0, 100)})`;
  const called = `Nova calls it ${row.state}${row.status === 'disabled' ? ` and disabled${reason}` : ''}`;
  const service = `${binary} on ${node}`;
  if (anew) return { state: 'failed', why: `${service} reports to Nova again (${row.updatedAt}), but ${called}` };
  const since = formatDuration(watchedMs);
  const last = row.updatedAt ? `last at ${row.updatedAt}, not again in ${since}` : `not once in ${since}`;
  return watchedMs < reportsWithinMs
    ? unknown(`${service} does not report to Nova: ${last}, which is too short to tell; ${called}`)
    : { state: 'failed', why: `${service} does not report to Nova: ${last}; ${called}` };
}
