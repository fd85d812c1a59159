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
import { answerOf } from '../ask-service.js';
import { askCeph, type CephAnswer } from '../ceph/ask.js';
import { parseOsdMap, parseOsdTree, parseOsdUse, parsePoolUse } from '../ceph/osds.js';
import { parseQuorumStatus } from '../ceph/quorum-status.js';
import { parseCephStatus } from '../ceph/status.js';
import type { CloudChecks, CloudSite } from './cloud-checks.js';

type Read = keyof typeof cephReads;

/** What is read for a check beside the status, which says whether Ceph answers at all. */
const NEEDS: Readonly<Record<string, readonly Read[]>> = {
  [cephOsdsCheck.id]: ['osd-tree'],
  [cephMonsCheck.id]: ['quorum'],
  [cephCapacityCheck.id]: ['osd-df', 'df'],
  [cephFlagsCheck.id]: ['osd-dump'],
};

/** Ceph, asked once: by the first controller that gets an answer, else by a host of OSDs. */
export const cephCloudChecks: CloudChecks = {
  system: 'ceph',
  checks: cephChecks,
  async find(site, wanted, limits, signal) {
    const needs = [...new Set(wanted.flatMap((id) => NEEDS[id] ?? []))];
    const answer = await askCeph(site, Object.fromEntries(needs.map((name) => [name, cephReads[name]])), signal);
    if (answer.asked !== undefined) return judged(site, answer.asked, answer.printed, wanted, limits);
    const isExpected = site.inventory.nodes.some(({ roles }) => roles.includes('ceph-osd'));
    return unknown(answer.tried, isExpected, wanted);
  },
};

/** The findings of every check that is wanted, each by what was read for it. */
function judged(
  site: CloudSite,
  asked: string,
  printed: CephAnswer,
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
    ...judge(cephFlagsCheck.id, 'osd-dump', parseOsdMap, ({ flags }) => judgeCephFlags(flags, asked)),
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
