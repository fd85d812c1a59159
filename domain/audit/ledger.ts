import { type AuditEvent, type EventFinding, TURNS, type Turn } from './event.js';
import { type Finding, type FindingSeverity, findingKey, isWorse, SEVERITIES, worstOfEach } from './finding.js';
import { omittedAnywhere } from './fit.js';
import { type Ack, type AuditMark, type Counts, REACHABLE, type Undelivered } from './report.js';

/** What an audit tells the ledger of one finding. */
export type RecordedFinding = Pick<Finding, 'check' | 'node' | 'about' | 'severity' | 'what' | 'next'>;

/** What one audit has asked and found. */
export interface AuditRecord {
  cloud: string;
  /** `<workflow id>@<8 characters of its first run id>`. */
  run: string;
  /** When it ended, ISO 8601. */
  at: string;
  /** It asked everything that there is to ask, and is part of the trend. */
  isWhole: boolean;
  nodeChecks: string[];
  cloudChecks: string[];
  /** The nodes that the node checks were asked of; all that there are without it. */
  nodes?: string[];
  findings: RecordedFinding[];
  /** Findings that were left out because there were too many. */
  omitted: number;
  /** How many of these are of one check of one node, by the key of the two; missing where none are. */
  crowded?: Record<string, number>;
  samples: number;
  channels: string[];
}

/** What the ledger answers: what a report says of findings beyond what the audit has seen itself. */
export interface RecordAnswer {
  /** By finding key; one that is not in it is new. */
  since: Record<string, string>;
  acks: Record<string, Ack>;
  trend: AuditMark[];
  undelivered: Undelivered[];
}

/** One letter for each of the last audits that could tell: `e`, `u` or `w` where it was seen, `-` where not. */
type Trail = string;

interface Tracked extends Pick<Finding, 'check' | 'node' | 'about' | 'severity' | 'what'> {
  since: string;
  trail: Trail;
  /** When it was gone; missing while it lasts. */
  gone?: string;
  /** As how bad people know it; missing when they know nothing of it. */
  told?: FindingSeverity;
  ack?: Ack & { severity: FindingSeverity };
}

/** One change of a finding, as history has it. */
export interface Change extends Pick<Finding, 'check' | 'node' | 'about' | 'what'> {
  key: string;
  run: string;
  at: string;
  from: FindingSeverity | 'ok';
  to: FindingSeverity | 'ok';
}

/** What a channel has to be told. */
export interface Outgoing {
  /** On its way: its id stays the same until the channel has taken it. */
  sending?: AuditEvent;
  /** Since when it is, ISO 8601: it is given up some time after that, in whichever run of the workflow that is. */
  sendingSince?: string;
  /** What has happened since. */
  waiting?: AuditEvent;
  /** Why, and when, the last one was given up. */
  failed?: Omit<Undelivered, 'channel'>;
}

/** What a cloud's ledger knows, and carries from one run of its workflow to the next. */
export interface LedgerState {
  findings: Record<string, Tracked>;
  /** Oldest first. */
  changes: Change[];
  /** Audits of everything, oldest first. */
  audits: AuditMark[];
  /** The last runs that were recorded: a record that comes twice changes nothing. */
  recorded: string[];
  outgoing: Record<string, Outgoing>;
}

export const emptyLedger = (): LedgerState => ({ findings: {}, changes: [], audits: [], recorded: [], outgoing: {} });

/** So many audits back a finding is judged by: at the usual 5 minutes, an hour less ten minutes. */
const TRAIL = 10;

/** It came or went so often within its trail: it flaps, and people hear of it once and of its end when it has been quiet for all of the trail. */
const FLAPS = 4;

/** What is kept must fit into one payload of 256 KB when the workflow continues as new (design, rule 10), some 250 bytes each. */
const MOST = { findings: 350, changes: 250, audits: 100, recorded: 20, told: 40 } as const;

/** Characters of a finding's sentence that are kept. */
const LONGEST = 100;

const LETTERS: Record<FindingSeverity, string> = { error: 'e', unknown: 'u', warn: 'w' };

/**
 * Takes one audit in: what is new, worse, better or gone, since when, and what people must be told. What an audit has not asked, or could
 * not ask, stays as it was: a node that is out of reach is not well.
 *
 * What is decided here is in the histories of every ledger that lives: once shipped, a change of whom an audit has told needs a patch marker in
 * the workflow (design, rule 11).
 * @param eventId names what people are told, if anything; the same for each channel
 */
export function recordAudit(state: LedgerState, record: AuditRecord, eventId: string): RecordAnswer {
  const audit = { ...record, findings: worstOfEach(record.findings) };
  if (!state.recorded.includes(audit.run)) {
    state.recorded = [...state.recorded, audit.run].slice(-MOST.recorded);
    if (audit.isWhole) forgetUnasked(state, audit);
    const keys = new Set(audit.findings.map(findingKey));
    const couldTell = eyesOf(state, audit);
    const kept = worstKeys(state, audit);
    state.findings = Object.fromEntries(Object.entries(state.findings).filter(([key]) => kept.has(key)));
    for (const finding of audit.findings) if (kept.has(findingKey(finding))) seen(state, finding, audit);
    for (const [key, tracked] of Object.entries(state.findings)) {
      if (!keys.has(key) && couldTell(tracked)) notSeen(tracked, key, state, audit);
    }
    tell(state, decide(state, audit, eventId), audit.channels);
    if (audit.isWhole) {
      const mark = { run: audit.run, at: audit.at, counts: countsOf(state, audit) };
      state.audits = [...state.audits, mark].slice(-MOST.audits);
    }
    keepSmall(state);
  }
  return answerOf(state, audit);
}

/** A check that an audit of everything does not ask was switched off, or is no more: what it found would stay for ever, and nobody can tell its end. */
function forgetUnasked(state: LedgerState, { nodeChecks, cloudChecks }: AuditRecord): void {
  const asked = new Set([...nodeChecks, ...cloudChecks]);
  state.findings = Object.fromEntries(Object.entries(state.findings).filter(([, { check }]) => asked.has(check)));
}

function seen(state: LedgerState, finding: RecordedFinding, { run, at }: AuditRecord): void {
  const { severity } = finding;
  const what = finding.what.slice(0, LONGEST);
  const key = findingKey(finding);
  const before = state.findings[key];
  const was = before === undefined || before.gone !== undefined ? 'ok' : before.severity;
  const { gone: _, ack, ...rest } = before ?? { trail: '' };
  state.findings[key] = {
    ...rest,
    ...subject(finding),
    severity,
    what,
    since: was === 'ok' || before === undefined ? at : before.since,
    trail: `${rest.trail}${LETTERS[severity]}`.slice(-TRAIL),
    ...(ack && !isWorse(severity, ack.severity) && ack.until > at && { ack }),
  };
  if (was !== severity) state.changes.push({ key, ...subject(finding), what, run, at, from: was, to: severity });
}

function notSeen(tracked: Tracked, key: string, state: LedgerState, { run, at }: AuditRecord): void {
  tracked.trail = `${tracked.trail}-`.slice(-TRAIL);
  if (tracked.gone !== undefined) return;
  tracked.gone = at;
  state.changes.push({ key, ...subject(tracked), what: tracked.what, run, at, from: tracked.severity, to: 'ok' });
}

const subject = ({ check, node, about }: Pick<Finding, 'check' | 'node' | 'about'>) => ({
  check,
  ...(node !== undefined && { node }),
  ...(about !== undefined && { about }),
});

/**
 * Tells whether an audit would have seen a finding that is still there. What the checks of a cloud say of a node that is out of reach is what
 * others know of it, so they cannot tell that it is well either; an audit of these checks alone does not ask whether it is in reach.
 */
function eyesOf({ findings }: LedgerState, audit: AuditRecord): (tracked: Tracked) => boolean {
  const nodes = audit.nodes && new Set(audit.nodes);
  const asksWhether = (node = ''): boolean => audit.nodeChecks.includes(REACHABLE) && (!nodes || nodes.has(node));
  const before = Object.values(findings).filter(({ gone, node }) => gone === undefined && !asksWhether(node));
  const silent = new Set(
    [...audit.findings, ...before].filter(({ check }) => check === REACHABLE).map(({ node }) => node),
  );
  const unknowns = audit.findings.filter(({ severity }) => severity === 'unknown');
  const { crowded = {} } = audit;
  const isCutAnywhere = omittedAnywhere(audit) > 0;
  return ({ check, node, about }) => {
    const isOfNode = audit.nodeChecks.includes(check);
    if (!isOfNode && !audit.cloudChecks.includes(check)) return false;
    if (isOfNode && nodes && !nodes.has(node ?? '')) return false;
    if (check !== REACHABLE && silent.has(node)) return false;
    // Others were found and left out: it may be among them.
    if (isCutAnywhere || Object.hasOwn(crowded, findingKey({ check, node }))) return false;
    // Of a node, what could not be read of one thing is often why nothing is said of another.
    return !unknowns.some(
      (one) =>
        one.check === check &&
        (one.node === undefined || one.node === node) &&
        (isOfNode || one.about === undefined || one.about === about),
    );
  };
}

/** What people must be told after an audit; undefined when nothing. */
function decide(state: LedgerState, audit: AuditRecord, id: string): AuditEvent | undefined {
  const told = { opened: [], worsened: [], eased: [], resolved: [] } as Record<Turn, EventFinding[]>;
  const advice = new Map(audit.findings.map((finding) => [findingKey(finding), finding.next]));
  for (const [key, tracked] of Object.entries(state.findings)) {
    const now = tellable(tracked, audit.samples);
    if (now === tracked.told || (tracked.ack && now !== undefined)) continue;
    const turn = turnOf(tracked.told, now);
    const next = advice.get(key);
    told[turn].push({
      key,
      ...subject(tracked),
      severity: now ?? tracked.told ?? tracked.severity,
      ...(now !== undefined && tracked.told !== undefined && { was: tracked.told }),
      what: tracked.what,
      ...(next !== undefined && { next }),
      since: tracked.since,
    });
    if (now === undefined) delete tracked.told;
    else tracked.told = now;
  }
  if (Object.values(told).every((list) => list.length === 0)) return undefined;
  return capped({
    id,
    cloud: audit.cloud,
    at: audit.at,
    run: audit.run,
    ...told,
    omitted: 0,
    counts: countsOf(state, audit),
  });
}

function turnOf(before: FindingSeverity | undefined, now: FindingSeverity | undefined): Turn {
  if (now === undefined) return 'resolved';
  if (before === undefined) return 'opened';
  return isWorse(now, before) ? 'worsened' : 'eased';
}

/**
 * As how bad people should know a finding after its last audits: what it has been, at least, in so many of them in a row; what they know
 * already while it comes and goes.
 */
function tellable({ trail, told }: Pick<Tracked, 'trail' | 'told'>, samples: number): FindingSeverity | undefined {
  const last = trail.slice(-samples);
  const severities = SEVERITIES.filter((severity) => trail.includes(LETTERS[severity]));
  if (flaps(trail)) return told ?? severities[0];
  if (last.length < samples) return told;
  if (!/[euw]/.test(last)) return undefined;
  if (last.includes('-')) return told;
  const [worst] = SEVERITIES.filter((severity) => last.includes(LETTERS[severity])) as [FindingSeverity];
  const mildest = SEVERITIES.findLast((severity) => last.includes(LETTERS[severity])) as FindingSeverity;
  if (told === undefined || isWorse(mildest, told)) return mildest;
  return isWorse(told, worst) ? worst : told;
}

const flaps = (trail: Trail): boolean => (trail.match(/-(?=[euw])|[euw](?=-)/g) ?? []).length >= FLAPS;

function countsOf(state: LedgerState, { findings }: AuditRecord): Counts {
  const counts: Counts = { error: 0, unknown: 0, warn: 0, acked: 0 };
  for (const finding of findings) counts[state.findings[findingKey(finding)]?.ack ? 'acked' : finding.severity]++;
  return counts;
}

function answerOf(state: LedgerState, audit: AuditRecord): RecordAnswer {
  const known = audit.findings.flatMap((finding) => {
    const key = findingKey(finding);
    const tracked = state.findings[key];
    return tracked ? [{ key, tracked }] : [];
  });
  return {
    since: Object.fromEntries(
      known.filter(({ tracked }) => tracked.since !== audit.at).map(({ key, tracked }) => [key, tracked.since]),
    ),
    acks: Object.fromEntries(known.flatMap(({ key, tracked: { ack } }) => (ack ? [[key, withoutSeverity(ack)]] : []))),
    trend: state.audits,
    undelivered: Object.entries(state.outgoing).flatMap(([channel, { failed }]) =>
      failed ? [{ channel, ...failed }] : [],
    ),
  };
}

const withoutSeverity = ({ actor, reason, until }: Ack): Ack => ({ actor, reason, until });

/**
 * The findings that there is room for: those that are there before those that are gone, the worse ones first, and of equals those that are known.
 * What there is no room for is not tracked at all, instead of being new with every audit.
 */
function worstKeys(state: LedgerState, audit: AuditRecord): Set<string> {
  const found = audit.findings.map((finding): [string, number] => {
    const key = findingKey(finding);
    return [key, SEVERITIES.indexOf(finding.severity) + (state.findings[key] ? 0 : 0.5)];
  });
  const before = Object.entries(state.findings).map(([key, tracked]): [string, number] => [key, rank(tracked)]);
  const ranks = new Map([...before, ...found]);
  return new Set(
    [...ranks]
      .sort(([, a], [, b]) => a - b)
      .slice(0, MOST.findings)
      .map(([key]) => key),
  );
}

/** What of a ledger is no longer needed goes. */
function keepSmall(state: LedgerState): void {
  const kept = Object.entries(state.findings)
    .filter(([, { gone, told, trail }]) => gone === undefined || told !== undefined || /[euw]/.test(trail))
    .sort(([, a], [, b]) => rank(a) - rank(b));
  state.findings = Object.fromEntries(kept);
  state.changes = state.changes.slice(-MOST.changes);
}

const rank = ({ gone, severity, told }: Tracked): number =>
  (gone === undefined ? 0 : told === undefined ? 6 : 3) + SEVERITIES.indexOf(severity);

/** What was told to be known until a time. */
export interface AckRequest extends Ack {
  key: string;
}

/** Whether there is such a finding now. */
export const hasFinding = ({ findings }: LedgerState, key: string): boolean =>
  Object.hasOwn(findings, key) && findings[key]?.gone === undefined;

/** Somebody knows of a finding: nobody is told of it until then, unless it gets worse. Does nothing where there is no such finding. */
export function acknowledge(state: LedgerState, { key, actor, reason, until }: AckRequest): void {
  const tracked = state.findings[key];
  if (hasFinding(state, key) && tracked) tracked.ack = { actor, reason, until, severity: tracked.severity };
}

/** Has every channel told of an event, together with what it has not been told yet. */
function tell(state: LedgerState, event: AuditEvent | undefined, channels: readonly string[]): void {
  for (const channel of Object.keys(state.outgoing)) if (!channels.includes(channel)) delete state.outgoing[channel];
  if (event === undefined) return;
  for (const channel of channels) {
    state.outgoing[channel] ??= {};
    const owed = state.outgoing[channel];
    const waiting = owed.waiting ? mergedEvents(owed.waiting, event) : event;
    if (waiting) owed.waiting = waiting;
    else delete owed.waiting;
  }
}

/** Two events as one, for a channel that has been told of neither; undefined when the second takes back all of the first. */
export function mergedEvents(first: AuditEvent, second: AuditEvent): AuditEvent | undefined {
  const turns = new Map<string, { turn: Turn; finding: EventFinding }>();
  for (const event of [first, second]) {
    for (const turn of TURNS) {
      for (const finding of event[turn]) {
        const before = turns.get(finding.key);
        if (before?.turn === 'opened' && turn === 'resolved') turns.delete(finding.key);
        else if (before?.turn === 'opened') turns.set(finding.key, { turn: 'opened', finding });
        else turns.set(finding.key, { turn, finding });
      }
    }
  }
  if (turns.size === 0) return undefined;
  const of = (wanted: Turn) => [...turns.values()].filter(({ turn }) => turn === wanted).map(({ finding }) => finding);
  return capped({
    ...second,
    opened: of('opened'),
    worsened: of('worsened'),
    eased: of('eased'),
    resolved: of('resolved'),
    omitted: first.omitted + second.omitted,
  });
}

/** An event that a person can read and a payload can hold: the first of each kind, and how many more there are. */
function capped(event: AuditEvent): AuditEvent {
  let omitted = event.omitted;
  const few = (findings: EventFinding[]): EventFinding[] => {
    omitted += Math.max(0, findings.length - MOST.told);
    return findings.slice(0, MOST.told);
  };
  return {
    ...event,
    opened: few(event.opened),
    worsened: few(event.worsened),
    eased: few(event.eased),
    resolved: few(event.resolved),
    omitted,
  };
}
