import {
  cephCapacityCheck,
  cephCheck,
  cephChecks,
  cephFlagsCheck,
  cephMonsCheck,
  cephOsdsCheck,
} from '../../domain/audit/ceph-checks.js';
import { limitsOf, type SiteLimits } from '../../domain/audit/check.js';
import { cephReads } from '../../domain/audit/cluster-commands.js';
import type { Finding } from '../../domain/audit/finding.js';
import { judgeCeph, judgeCephFlags } from '../../domain/audit/judge-ceph.js';
import { type CapacityLimits, judgeCephCapacity } from '../../domain/audit/judge-ceph-capacity.js';
import { type CephPlace, judgeCephMons, judgeCephOsds } from '../../domain/audit/judge-ceph-daemons.js';
import { type Answered, onHost } from '../../domain/audit/service-answer.js';
import { parseOsdFlags, parseOsdTree, parseOsdUse, parsePoolUse } from '../ceph/osds.js';
import { parseQuorumStatus } from '../ceph/quorum-status.js';
import { parseCephStatus } from '../ceph/status.js';
import type { Printed } from '../controllers/survey-script.js';
import { answerOf, askAsRoot, askService, type ServiceQuestion } from './ask-service.js';
import type { CloudChecks, CloudSite } from './cloud-checks.js';
import { controllersOf } from './on-every-controller.js';

type Read = keyof typeof cephReads;

/** What is read for a check beside the status, which says whether Ceph answers at all. */
const NEEDS: Readonly<Record<string, readonly Read[]>> = {
  [cephOsdsCheck.id]: ['osd-tree'],
  [cephMonsCheck.id]: ['quorum'],
  [cephCapacityCheck.id]: ['osd-df', 'df'],
  [cephFlagsCheck.id]: ['osd-dump'],
};

/** Where no controller has the command, so many hosts of OSDs are tried. */
const MOST_OSD_HOSTS = 3;

/** The client is installed with much else, and has no cluster to talk to. */
const NO_CLUSTER = /conf_read_file|did not load config file/;

/** There is a cluster, and root on this node is not its administrator. */
const NO_KEY = /keyring|permission denied/i;

/** Ceph, asked once: by the first controller that gets an answer, else by a host of OSDs. */
export const cephCloudChecks: CloudChecks = {
  system: 'ceph',
  checks: cephChecks,
  async find(site, wanted, limits, signal) {
    const controllers = controllersOf(site);
    const hosts = site.inventory.nodes
      .filter(({ roles }) => roles.includes('ceph-osd') && !roles.includes('controller'))
      .map(({ name }) => name);
    const tried: Answered<Answer>[] = [];
    for (const node of controllers) {
      const answer = await askFrom(site, node, 'ceph-mon', wanted, signal);
      if (answer.state === 'read') return judged(site, node, answer.view, wanted, limits);
      tried.push(answer);
    }
    if (tried.every(({ state }) => state === 'absent' || state === 'unreached'))
      for (const node of hosts.slice(0, MOST_OSD_HOSTS)) {
        const answer = await askFrom(site, node, 'ceph-osd', wanted, signal);
        if (answer.state === 'read') return judged(site, node, answer.view, wanted, limits);
        tried.push(answer);
      }
    const isExpected = site.inventory.nodes.some(({ roles }) => roles.includes('ceph-osd'));
    return unknown(tried, isExpected, wanted);
  },
};

/** What one node that Ceph answers printed. */
type Answer = ReadonlyMap<string, Printed>;

const questionOf = (entry: string, wanted: readonly string[]): ServiceQuestion => {
  const others = [...new Set(wanted.flatMap((id) => NEEDS[id] ?? []))];
  return {
    name: 'Ceph',
    programs: ['/usr/bin/ceph'],
    entry,
    asks: [
      `  ${askAsRoot('status', cephReads.status)}`,
      // Whoever gets no answer to the first gets none to the others, and each takes its time.
      '  if [ "$code" = 0 ]; then :',
      ...others.map((name) => `    ${askAsRoot(name, cephReads[name])}`),
      '  fi',
    ].join('\n'),
    limitMs: (others.length + 1) * 30_000 + 10_000,
  };
};

async function askFrom(
  site: CloudSite,
  node: string,
  entry: string,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<Answered<Answer>> {
  const printout = await askService(site, node, questionOf(entry, wanted), signal);
  if (printout.state !== 'printed') return { ...printout, controller: node };
  const status = printout.printed.get('status');
  const reading = answerOf(status, parseCephStatus, { inventory: site.inventory, node });
  if (reading.state === 'read') return { controller: node, state: 'read', view: printout.printed };
  if (NO_CLUSTER.test(status?.stderr ?? ''))
    return { controller: node, state: 'absent', why: 'it has no /etc/ceph/ceph.conf' };
  if (reading.state === 'silent' && NO_KEY.test(reading.why)) {
    const next = `give ${node} the keyring of client.admin in /etc/ceph, or leave Ceph to a controller that has it`;
    return { controller: node, state: 'unasked', why: reading.why, next };
  }
  return { controller: node, ...reading };
}

/** The findings of every check that is wanted, each by what was read for it. */
function judged(
  site: CloudSite,
  asked: string,
  printed: Answer,
  wanted: readonly string[],
  limits: SiteLimits,
): Finding[] {
  const place: CephPlace = {
    asked,
    nodes: site.inventory.nodes.map(({ name }) => name),
  };
  const read = <View>(name: Read, parse: (text: string) => View) =>
    answerOf(printed.get(name), parse, { inventory: site.inventory, node: asked });
  const judge = <View>(
    check: string,
    name: Read,
    parse: (text: string) => View,
    findings: (view: View) => Finding[],
  ): Finding[] => {
    if (!wanted.includes(check)) return [];
    const answer = read(name, parse);
    return answer.state === 'read' ? findings(answer.view) : [notRead(check, name, asked, answer)];
  };
  return [
    ...judge(cephCheck.id, 'status', parseCephStatus, (status) => judgeCeph(status, asked, wanted)),
    ...judge(cephOsdsCheck.id, 'osd-tree', parseOsdTree, (osds) => judgeCephOsds(osds, place)),
    ...judge(cephMonsCheck.id, 'quorum', parseQuorumStatus, (mons) =>
      judgeCephMons(mons, place, limitsOf(cephMonsCheck, limits) as { warn: number }),
    ),
    ...judge(cephCapacityCheck.id, 'status', parseCephStatus, ({ raw }) => {
      const [osds, pools] = [read('osd-df', parseOsdUse), read('df', parsePoolUse)];
      const failed = [...notOld('osd-df', asked, osds), ...notOld('df', asked, pools)];
      const usage = {
        ...(raw && { raw }),
        ...(osds.state === 'read' && { osds: osds.view }),
        ...(pools.state === 'read' && { pools: pools.view }),
      };
      return [...judgeCephCapacity(usage, asked, limitsOf(cephCapacityCheck, limits) as CapacityLimits), ...failed];
    }),
    ...judge(cephFlagsCheck.id, 'osd-dump', parseOsdFlags, (flags) => judgeCephFlags(flags, asked)),
  ];
}

type NotRead = Exclude<ReturnType<typeof answerOf<unknown>>, { state: 'read' }>;

/** A question that Ceph's version does not know is no trouble. What could not be read has the name that its finding would have. */
const notOld = (name: Read, asked: string, answer: ReturnType<typeof answerOf<unknown>>): Finding[] =>
  answer.state === 'read' || /no valid command|unrecognized command/i.test(answer.why)
    ? []
    : [{ ...notRead(cephCapacityCheck.id, name, asked, answer), about: name === 'df' ? 'pools' : 'osds' }];

const commandOf = (name: Read): string =>
  cephReads[name]
    .slice(4)
    .join(' ')
    .replace(/^\/usr\/bin\//, '');

/** What each read tells. */
const WORDS: Readonly<Record<Read, string>> = {
  status: 'how it is',
  quorum: 'which monitors are in quorum',
  'osd-tree': 'where its OSDs are',
  'osd-dump': 'which flags are set',
  'osd-df': 'how full its OSDs are',
  df: 'how full its pools are',
};

/** It is about the whole check: nothing that was found before is mended by it. */
const notRead = (check: string, name: Read, asked: string, answer: NotRead): Finding => ({
  check,
  severity: 'unknown',
  what: `Ceph does not tell ${asked} ${WORDS[name]}`,
  evidence: [{ value: answer.why, command: onHost(commandOf(name), asked) }],
  next:
    answer.state === 'unasked'
      ? answer.next
      : name === 'osd-df'
        ? 'the manager of Ceph is to answer this: `ceph mgr stat` says whether one is active'
        : `run it by hand on ${asked}`,
});

/** Nobody got an answer. Where nobody has the command, and no node of the inventory is for Ceph, there is none. */
function unknown(tried: readonly Answered<unknown>[], isExpected: boolean, wanted: readonly string[]): Finding[] {
  const why = tried.filter(
    ({ state }) => state === 'unasked' || state === 'silent' || (isExpected && state === 'absent'),
  );
  const isAllUnreached = tried.length > 0 && tried.every(({ state }) => state === 'unreached');
  const told = why.length > 0 || isAllUnreached ? tried : [];
  if (told.length === 0) return [];
  const isSilent = tried.some(({ state }) => state === 'silent');
  const unasked = tried.find((one) => one.state === 'unasked');
  return wanted.map((check) => ({
    check,
    severity: 'unknown',
    what: isSilent ? 'Ceph answers nobody who was asked' : 'Ceph could not be asked from any node',
    evidence: told.map((one) => ({
      value: `${one.controller}: ${'why' in one && one.why ? one.why : 'no ceph command there'}`,
      command: onHost(commandOf('status'), one.controller),
    })),
    next: isSilent
      ? 'without a quorum of monitors Ceph answers nobody: `ceph daemon mon.NAME mon_status` on each of their hosts says what each waits for'
      : (unasked?.next ??
        'Ostler asks Ceph by the command ceph as root on a controller or a host of OSDs: install it there, with ceph.conf and the keyring of its administrator'),
  }));
}
