import type { ClusterTruth } from '../sim/cluster/cluster.js';
import type { Knocked } from './vip-probe.js';

/** What the simulated hosts, and a prober outside, say once the controller is back. */
export interface FailoverEvidence {
  /** The controller that was away. */
  node: string;
  controllers: readonly string[];
  /** Backends of HAProxy that each controller has a server in. */
  backends: readonly string[];
  /** The address that it held. */
  vip: string;
  /** The cluster, as it is now. */
  cluster: ClusterTruth;
  /** What each PID 1 has run under the name of an intent. */
  ran: readonly { host: string; command: string }[];
  /** What was seen of each address from outside. */
  knocked: Readonly<Record<string, Knocked>>;
}

/** An address that does not answer for longer was not just moved. */
const MOST_GAP_MS = 10_000;

/** Makes an intent void, and does nothing. */
const VOID = '/bin/true';

/** One kind of command: how many of it there must be, and each of them once. */
interface Deed {
  title: string;
  of: (one: { host: string; command: string }) => boolean;
  expected: number;
}

function deedsOf({ node, controllers, backends }: FailoverEvidence): Deed[] {
  const attribute = `/usr/sbin/crm_attribute -N ${node} -n`;
  const one = (title: string, matches: (command: string) => boolean): Deed => ({
    title,
    of: ({ command }) => matches(command),
    expected: 1,
  });
  const said = (verb: string, on: readonly string[]): Deed => ({
    title: `${verb} its ${backends.length} servers in ${on.length} HAProxys`,
    of: ({ host, command }) =>
      on.includes(host) && backends.some((backend) => command.includes(`echo "${verb} server ${backend}/${node}"`)),
    expected: backends.length * on.length,
  });
  return [
    one(`mark ${node}`, (command) => command.startsWith(`${attribute} ostler -v `)),
    said('disable', controllers),
    one('standby', (command) => command === `${attribute} standby -v on`),
    one('out of standby', (command) => command === `${attribute} standby -D`),
    // Its own HAProxy was stopped meanwhile, and has forgotten what was disabled in it.
    said(
      'enable',
      controllers.filter((name) => name !== node),
    ),
    one('take the mark away', (command) => command === `${attribute} ostler -D`),
  ];
}

/** Commands without a place among the deeds, but for the void and what its own HAProxy was too late or too early for. */
function unexpected(evidence: FailoverEvidence, deeds: readonly Deed[]): string[] {
  const enable = new RegExp(`echo "enable server \\S+/${evidence.node}"`);
  return evidence.ran
    .filter((one) => !deeds.some((deed) => deed.of(one)))
    .filter(({ host, command }) => command !== VOID && !(host === evidence.node && enable.test(command)))
    .map(({ host, command }) => `${host} was told ${command}`);
}

interface Verdict {
  line: string;
  complaint?: string;
}

const verdict = (title: string, is: string, wrong: boolean): Verdict => ({
  line: `${wrong ? '✗' : '✓'} ${title.padEnd(38)} ${is}`,
  ...(wrong && { complaint: `${title}: ${is}` }),
});

function deedVerdict(deed: Deed, ran: FailoverEvidence['ran']): Verdict {
  const found = ran.filter(deed.of);
  const different = new Set(found.map(({ host, command }) => (deed.expected === 1 ? '' : `${host} ${command}`))).size;
  const wrong = different !== deed.expected || found.length !== different;
  const [first] = found;
  const is =
    deed.expected === 1
      ? `${found.length === 1 ? 'once' : `${found.length} times`}${first ? `, on ${[...new Set(found.map(({ host }) => host))].join(' and ')}` : ''}`
      : `${different} of ${deed.expected} commands, ${found.length === different ? 'each once' : 'some more than once'}`;
  return verdict(deed.title, is, wrong);
}

function leftVerdicts({ cluster }: FailoverEvidence): Verdict[] {
  const left = (title: string, what: readonly string[]): Verdict =>
    verdict(title, what.length === 0 ? 'none' : what.join(', '), what.length > 0);
  return [
    left('standby flags', cluster.standby),
    left(
      'marks',
      Object.entries(cluster.marks).map(([name, mark]) => `${mark} on ${name}`),
    ),
    left('cli- constraints', cluster.constraints),
    left('disabled servers', cluster.disabled),
    left(
      'addresses without a holder',
      cluster.vips.filter(({ holder }) => holder === undefined).map(({ id }) => id),
    ),
  ];
}

function vipVerdicts({ knocked, vip, node, cluster }: FailoverEvidence): Verdict[] {
  return Object.entries(knocked).map(([id, { knocks, unanswered, longestGapMs, holders }]) => {
    const now = cluster.vips.find((one) => one.id === id)?.holder;
    const moved = id === vip;
    const right = moved
      ? holders[0] === node && holders.length > 1 && unanswered > 0 && longestGapMs < MOST_GAP_MS
      : unanswered === 0;
    const way = holders.join(' → ');
    const is = moved
      ? `${way}: no answer for ${longestGapMs} ms at most`
      : `${way}: ${knocks - unanswered} of ${knocks} knocks answered`;
    return verdict(id, is, !right || now !== holders.at(-1) || knocks === 0);
  });
}

/** The evidence in three parts, a line for each, and a sentence for each broken promise. */
export function judgeFailover(evidence: FailoverEvidence): {
  vips: string[];
  left: string[];
  ran: string[];
  voids: number;
  wrong: string[];
} {
  const deeds = deedsOf(evidence);
  const [vips, left, ran] = [
    vipVerdicts(evidence),
    leftVerdicts(evidence),
    deeds.map((deed) => deedVerdict(deed, evidence.ran)),
  ];
  const lines = (verdicts: readonly Verdict[]): string[] => verdicts.map(({ line }) => line);
  return {
    vips: lines(vips),
    left: lines(left),
    ran: lines(ran),
    voids: evidence.ran.filter(({ command }) => command === VOID).length,
    wrong: [...[...vips, ...left, ...ran].flatMap(({ complaint }) => complaint ?? []), ...unexpected(evidence, deeds)],
  };
}
