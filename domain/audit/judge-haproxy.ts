import { type HaproxyView, isUp } from '../haproxy.js';
import { listed } from '../names.js';
import { pairNames } from '../node-names.js';
import type { Evidence, Finding } from './finding.js';
import { haproxyCheck } from './haproxy-checks.js';
import { type Answered, onHost, type ServiceWords, unheard, viewsOf } from './service-answer.js';

const { id: check } = haproxyCheck;

/** What one HAProxy says, with the socket that answered. */
export type HaproxyHealth = HaproxyView & { socket: string };

const haproxy: ServiceWords = {
  check,
  name: 'HAProxy',
  command: 'pgrep -a haproxy',
  mend: (controller) =>
    `where Pacemaker runs it: \`pcs resource cleanup clone_p_haproxy\`, never the unit; else \`journalctl -u haproxy\` on ${controller} says why it does not run`,
};

/** One HAProxy and whose it is. */
interface Stand {
  controller: string;
  view: HaproxyHealth;
}

/** One thing that is not up, as one HAProxy sees it. */
interface Down {
  by: Stand;
  proxy: string;
  status: string;
}

/** @param answers of every controller of the inventory */
export function judgeHaproxy(answers: readonly Answered<HaproxyHealth>[]): Finding[] {
  const { findings, isJudged } = unheard(haproxy, answers);
  if (!isJudged) return findings;
  const stands = viewsOf(answers);
  const controllers = answers.map(({ controller }) => controller);
  return [...findings, ...frontendFindings(stands), ...backendFindings(stands), ...serverFindings(stands, controllers)];
}

/** Frontends are the HAProxy's own: that one does not take connections is about its controller. */
const frontendFindings = (stands: readonly Stand[]): Finding[] =>
  stands.flatMap((by) => {
    const closed = by.view.frontends.filter(({ status }) => status !== 'OPEN').map((one) => ({ by, ...one }));
    if (closed.length === 0) return [];
    return {
      check,
      node: by.controller,
      about: 'frontends',
      severity: 'error',
      what: `HAProxy on ${by.controller} does not take connections for ${names(closed)}`,
      evidence: [evidenceOf(by, closed, 'OPEN')],
      next: `its log on ${by.controller} says why: a port that another process has, or a frontend that somebody disabled`,
    };
  });

/** A backend that every HAProxy has down is an outage of what it serves; one that some have down is about these. */
function backendFindings(stands: readonly Stand[]): Finding[] {
  const down = stands.flatMap((by) =>
    by.view.backends.filter(({ status }) => status !== 'UP').map((one): Down => ({ by, ...one })),
  );
  const everywhere = grouped(down, ({ proxy }) => proxy).filter(([, ofOne]) => ofOne.length === stands.length);
  const outages = everywhere.map(
    ([proxy, ofOne]): Finding => ({
      check,
      about: `backend:${proxy}`,
      severity: 'error',
      what: `nobody serves ${proxy}: ${seers(ofOne)} ${ofOne.length === 1 ? 'has' : 'have'} it ${ofOne[0]?.status}`,
      evidence: ofOne.map((one) => evidenceOf(one.by, [one], 'UP')),
      next: `look why its service runs on no controller; \`ostler service status\` shows its units`,
    }),
  );
  const out = new Set(everywhere.map(([proxy]) => proxy));
  const some = grouped(
    down.filter(({ proxy }) => !out.has(proxy)),
    ({ by }) => by.controller,
  );
  return [
    ...outages,
    ...some.map(
      ([controller, ofOne]): Finding => ({
        check,
        node: controller,
        about: 'backends',
        severity: 'error',
        what: `HAProxy on ${controller} reaches nobody who serves ${names(ofOne)}, and others do`,
        evidence: ofOne.slice(0, 1).map(({ by }) => evidenceOf(by, ofOne, 'UP')),
        next: `look at the network of ${controller}: it is the one that cannot reach the servers`,
      }),
    ),
  ];
}

/** The servers that are not up, one finding for each controller that they are on. */
function serverFindings(stands: readonly Stand[], controllers: readonly string[]): Finding[] {
  const down = stands.flatMap((by) => downServers(by, controllers));
  return grouped(down, ({ server }) => server).map(([server, ofOne]) => {
    const node = controllers.includes(server) ? server : undefined;
    const isDown = ofOne.some(({ status }) => severityOf(status) === 'error');
    const states = [...new Set(ofOne.map(({ status }) => status))];
    return {
      check,
      ...(node !== undefined && { node }),
      about: node === undefined ? `server:${server}` : 'servers',
      severity: isDown ? 'error' : 'warn',
      what: `${server} is ${states.join(', ')} for ${names(ofOne)}, ${ofOne.length === 1 || seenBy(ofOne).length === 1 ? 'says' : 'say'} ${seers(ofOne)}`,
      evidence: grouped(ofOne, ({ by }) => by.controller).flatMap(([, seen]) =>
        seen.slice(0, 1).map(({ by }) => evidenceOf(by, seen, 'UP')),
      ),
      next: nextFor(server, states, isDown),
    };
  });
}

/** Servers that are not up where the backend is; the others are told by their backend. */
function downServers(by: Stand, controllers: readonly string[]): (Down & { server: string })[] {
  const { servers, backends } = by.view;
  const lost = new Set(backends.filter(({ status }) => status !== 'UP').map(({ proxy }) => proxy));
  return [...new Set(servers.map(({ proxy }) => proxy))]
    .filter((proxy) => !lost.has(proxy))
    .flatMap((proxy) => {
      const own = servers.filter((one) => one.proxy === proxy);
      const pairs = pairNames(controllers, [...new Set(own.map(({ server }) => server))]);
      const ours = new Map([...pairs].map(([name, theirs]) => [theirs, name]));
      return own
        .filter((one) => !isUp(one))
        .map(({ server, status }) => ({ by, proxy, status, server: ours.get(server) ?? server }));
    });
}

/** On its way, or out of service on purpose: a warning. Anything else that is not up is down. */
const severityOf = (status: string): 'warn' | 'error' =>
  /^(?:(?:UP|DOWN) \d+\/\d+|MAINT|DRAIN|NOLB)/.test(status) ? 'warn' : 'error';

function nextFor(server: string, states: readonly string[], isDown: boolean): string {
  if (isDown) return `look at the service on ${server}, and at the network to it: its check fails`;
  if (states.every((status) => /^(?:UP|DOWN) /.test(status))) return 'look again: its check has just changed its mind';
  return `somebody took it out: \`ostler runs\` shows whether a run has ${server} in hand; else enable it again with \`enable server\` over the socket`;
}

const seenBy = (down: readonly Down[]): string[] => [...new Set(down.map(({ by }) => by.controller))];
const seers = (down: readonly Down[]): string => seenBy(down).join(' and ');
const names = (down: readonly { proxy: string }[]): string => listed([...new Set(down.map(({ proxy }) => proxy))]);

const evidenceOf = (
  { controller, view }: Stand,
  down: readonly Pick<Down, 'proxy' | 'status'>[],
  threshold: string,
): Evidence => ({
  value: listed(down.map(({ proxy, status }) => `${proxy} ${status}`)),
  threshold,
  command: onHost(`echo "show stat" | socat stdio unix-connect:${view.socket}`, controller),
});

function grouped<One>(all: readonly One[], keyOf: (one: One) => string): [string, One[]][] {
  const groups = new Map<string, One[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups];
}
