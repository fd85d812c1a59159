import { cephReads } from '../../domain/audit/cluster-commands.js';
import type { Answered } from '../../domain/audit/service-answer.js';
import type { CephFacts, CephOsdMap } from '../../domain/ceph.js';
import { answerOf, askAsRoot, askService, type ServiceQuestion } from '../ask-service.js';
import type { CloudSite } from '../audit/cloud-checks.js';
import { controllersOf } from '../audit/on-every-controller.js';
import type { Printed } from '../controllers/survey-script.js';
import { parseOsdMap, parseOsdTree } from './osds.js';
import { parseQuorumStatus } from './quorum-status.js';
import { parseCephStatus } from './status.js';

/** Where no controller has the command, so many hosts of OSDs are tried. */
const MOST_OSD_HOSTS = 3;

/** The client is installed with much else, and has no cluster to talk to. */
const NO_CLUSTER = /conf_read_file|did not load config file/;

/** There is a cluster, and root on this node is not its administrator. */
const NO_KEY = /keyring|permission denied/i;

type AskedSite = Pick<CloudSite, 'inventory' | 'run'>;

/** What a node that Ceph answers printed, by question. */
export type CephAnswer = ReadonlyMap<string, Printed>;

/** What Ceph said and to whom, or why it said nothing to each node that was tried. */
export type CephAnswered =
  | { asked: string; printed: CephAnswer }
  | { asked?: undefined; tried: Answered<CephAnswer>[] };

/** Questions by name, beside the status, which says whether Ceph answers at all. */
export type CephQuestions = Readonly<Record<string, readonly string[]>>;

/** Asks Ceph by the first controller that gets an answer, else by a host of OSDs. */
export async function askCeph(site: AskedSite, questions: CephQuestions, signal: AbortSignal): Promise<CephAnswered> {
  const hosts = site.inventory.nodes
    .filter(({ roles }) => roles.includes('ceph-osd') && !roles.includes('controller'))
    .map(({ name }) => name);
  const tried: Answered<CephAnswer>[] = [];
  for (const node of controllersOf(site)) {
    const answer = await askFrom(site, node, 'ceph-mon', questions, signal);
    if ('asked' in answer) return answer;
    tried.push(answer);
  }
  if (tried.every(({ state }) => state === 'absent' || state === 'unreached'))
    for (const node of hosts.slice(0, MOST_OSD_HOSTS)) {
      const answer = await askFrom(site, node, 'ceph-osd', questions, signal);
      if ('asked' in answer) return answer;
      tried.push(answer);
    }
  return { tried };
}

const questionOf = (entry: string, questions: CephQuestions): ServiceQuestion => {
  const others = Object.entries(questions);
  return {
    name: 'Ceph',
    programs: ['/usr/bin/ceph'],
    entry,
    asks: [
      `  ${askAsRoot('status', cephReads.status)}`,
      // Whoever gets no answer to the first gets none to the others, and each takes its time.
      '  if [ "$code" = 0 ]; then',
      '    ask boot cat /proc/sys/kernel/random/boot_id',
      ...others.map(([name, argv]) => `    ${askAsRoot(name, argv)}`),
      '  fi',
    ].join('\n'),
    limitMs: (others.length + 1) * 30_000 + 10_000,
  };
};

async function askFrom(
  site: AskedSite,
  node: string,
  entry: string,
  questions: CephQuestions,
  signal: AbortSignal,
): Promise<Extract<CephAnswered, { asked: string }> | Answered<CephAnswer>> {
  const printout = await askService(site, node, questionOf(entry, questions), signal);
  if (printout.state !== 'printed') return { ...printout, controller: node };
  const { printed } = printout;
  const status = printed.get('status');
  const reading = answerOf(status, parseCephStatus, { inventory: site.inventory, node });
  if (reading.state === 'read') return { asked: node, printed };
  if (NO_CLUSTER.test(status?.stderr ?? ''))
    return { controller: node, state: 'absent', why: 'it has no /etc/ceph/ceph.conf' };
  if (reading.state === 'silent' && NO_KEY.test(reading.why)) {
    const next = `give ${node} the keyring of client.admin in /etc/ceph, or leave Ceph to a controller that has it`;
    return { controller: node, state: 'unasked', why: reading.why, next };
  }
  return { controller: node, ...reading };
}

/** Everything that an operation goes by, and what else was asked for, or why Ceph does not say. */
export type CephReading =
  | { asked: string; bootId: string; facts: CephFacts; printed: CephAnswer }
  | { asked?: undefined; why: string };

/** Reads all of Ceph that an operation goes by. Changes nothing. */
export async function readCeph(site: AskedSite, signal: AbortSignal, also: CephQuestions = {}): Promise<CephReading> {
  const { quorum, 'osd-tree': tree, 'osd-dump': dump } = cephReads;
  const answer = await askCeph(site, { quorum, 'osd-tree': tree, 'osd-dump': dump, ...also }, signal);
  if (answer.asked === undefined) return { why: whySilent(answer.tried) };
  const { asked, printed } = answer;
  const where = { inventory: site.inventory, node: asked };
  const status = answerOf(printed.get('status'), parseCephStatus, where);
  const mons = answerOf(printed.get('quorum'), parseQuorumStatus, where);
  const osds = answerOf(printed.get('osd-tree'), parseOsdTree, where);
  const map = answerOf(printed.get('osd-dump'), parseOsdMap, where);
  if (status.state !== 'read' || mons.state !== 'read' || osds.state !== 'read' || map.state !== 'read') {
    const unread = [status, mons, osds, map].flatMap((one) => (one.state === 'read' ? [] : [one.why]));
    return { why: `Ceph does not tell ${asked} how it is: ${unread[0]}` };
  }
  const facts = { status: status.view, mons: mons.view, osds: osds.view, map: map.view };
  return { asked, bootId: bootOf(printed), facts, printed };
}

/** Reads the map of the OSDs alone. Changes nothing. */
export async function readOsdMap(
  site: AskedSite,
  signal: AbortSignal,
): Promise<{ asked: string; bootId: string; map: CephOsdMap } | { asked?: undefined; why: string }> {
  const answer = await askCeph(site, { 'osd-dump': cephReads['osd-dump'] }, signal);
  if (answer.asked === undefined) return { why: whySilent(answer.tried) };
  const { asked, printed } = answer;
  const map = answerOf(printed.get('osd-dump'), parseOsdMap, { inventory: site.inventory, node: asked });
  return map.state === 'read'
    ? { asked, bootId: bootOf(printed), map: map.view }
    : { why: `Ceph does not tell ${asked} which flags are set: ${map.why}` };
}

const bootOf = (printed: CephAnswer): string => printed.get('boot')?.stdout.trim() ?? '';

const whySilent = (tried: readonly Answered<unknown>[]): string =>
  tried.length === 0
    ? 'no node has a role from which Ceph can be asked (controller, ceph-osd)'
    : `Ceph could not be asked: ${tried
        .map((one) => `${one.controller}: ${'why' in one && one.why ? one.why : 'no ceph command there'}`)
        .join('; ')}`;
