import { formatDuration } from '../../domain/duration.js';
import type { OpenStackCredentials } from '../../inventory/openstack.js';
import { redact } from '../redact.js';
import { createHttp, OpenStackFailure } from './http.js';
import { createKeystone } from './keystone.js';
import { type Match, matchHosts } from './match-hosts.js';
import { listServices, type ServiceRow } from './nova.js';
import { sharedReads } from './shared-reads.js';
import { limited, within } from './within.js';

/** Between two reads of the service list while hosts are waited for; nova-compute reports every 10 s by default. */
const POLL_MS = 2_000;

/** The compute services of a cloud, as its own API tells of them. */
export interface ComputeServices {
  /**
   * Inventory nodes whose service of this binary an operator has disabled.
   * @throws {OpenStackFailure} when Keystone or Nova cannot be asked
   */
  disabledNodes(binary: string, signal: AbortSignal): Promise<Set<string>>;
  /**
   * Waits until the service of a node has reported again since the first read made here.
   * @param limits `deadline` is in milliseconds since 1970, by this machine's clock
   * @returns undefined when it has, else why it counts as unwell; throws only the reason of `signal`
   */
  reportsAnew(
    node: string,
    binary: string,
    limits: { deadline: number; signal: AbortSignal },
  ): Promise<string | undefined>;
}

export interface ComputeServicesOptions {
  /** Between two reads of the service list, in milliseconds. */
  pollMs?: number;
  /** Limit for one request, in milliseconds. */
  requestLimitMs?: number;
}

type Listing = (node: string) => Match;

/**
 * The compute services of the cloud that the credentials open.
 * @param nodes every node of the inventory, so that names can be told apart
 * @throws {OpenStackFailure} when the file of trusted authorities cannot be read; nothing is connected yet
 */
export function createComputeServices(
  credentials: OpenStackCredentials,
  nodes: readonly { name: string }[],
  { pollMs = POLL_MS, requestLimitMs }: ComputeServicesOptions = {},
): ComputeServices {
  const http = createHttp({ ...credentials, limitMs: requestLimitMs });
  const keystone = createKeystone(http, credentials);
  const names = nodes.map(({ name }) => name);
  const read = async (binary: string): Promise<Listing> =>
    matchHosts(names, await listServices(http, keystone, binary));
  const watched = new Map<string, () => Promise<Listing>>();

  /** The next reading of a binary's services, one request for all who wait for it. */
  const nextReading = (binary: string): Promise<Listing> => {
    const next = watched.get(binary) ?? sharedReads(() => read(binary), pollMs);
    watched.set(binary, next);
    return next();
  };

  return {
    async disabledNodes(binary, signal) {
      const matchOf = await within(read(binary), signal);
      return new Set(
        names.filter((name) => {
          const match = matchOf(name);
          return 'row' in match && match.row.status === 'disabled';
        }),
      );
    },

    async reportsAnew(node, binary, { deadline, signal }) {
      const verdict = await limited(deadline - Date.now(), signal, (limit) =>
        untilReported(() => nextReading(binary), { node, binary }, limit),
      );
      signal.throwIfAborted();
      return verdict;
    },
  };
}

/** Reads until a read is newer than the first, or until the limit. */
async function untilReported(
  nextReading: () => Promise<Listing>,
  { node, binary }: { node: string; binary: string },
  limit: AbortSignal,
): Promise<string | undefined> {
  const began = Date.now();
  let first: Mark | undefined;
  let seen = `Nova was not asked about ${binary} on ${node}: no time was left`;
  while (!limit.aborted) {
    try {
      const match = (await within(nextReading(), limit))(node);
      const now = markOf(match);
      // The time also moves when a person disables or enables the service, which is no report of its own; and a clock that
      // was set back on Nova's side must not hide the reports that follow.
      if (first === undefined || now.steered !== first.steered || now.updatedAt < first.updatedAt) first = now;
      const anew = now.updatedAt > first.updatedAt;
      if (anew && 'row' in match && match.row.state === 'up') return undefined;
      const since = formatDuration(Date.now() - began);
      seen = 'row' in match ? accountOf(match.row, binary, node, anew, since) : match.why;
    } catch (error) {
      if (limit.aborted) break;
      if (!(error instanceof OpenStackFailure)) throw error;
      seen = `whether ${binary} on ${node} reports to Nova is not known: ${error.message}`;
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

/** What Nova says about a service that has not proven well. */
function accountOf(row: ServiceRow, binary: string, node: string, anew: boolean, since: string): string {
  const reason = row.disabledReason && ` (${redact(row.disabledReason).replace(/\s+/g, ' ').slice(0, 100)})`;
  const status = row.status === 'disabled' ? ` and disabled${reason}` : '';
  const last = row.updatedAt ? `last at ${row.updatedAt}, not again in ${since}` : `not once in ${since}`;
  return anew
    ? `${binary} on ${node} reports to Nova again (${row.updatedAt}), but Nova calls it ${row.state}${status}`
    : `${binary} on ${node} does not report to Nova: ${last}; Nova calls it ${row.state}${status}`;
}
