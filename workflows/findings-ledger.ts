import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { SiteActivities } from '../activities/index.js';
import { partOf, withoutPart } from '../domain/audit/event.js';
import { acknowledge, emptyLedger, hasFinding, type LedgerState, recordAudit } from '../domain/audit/ledger.js';
import {
  type AckRequest,
  type AuditRecord,
  ledgerQueries,
  ledgerUpdates,
  type RecordAnswer,
} from './messages/ledger.js';
import { siteQueue } from './messages/names.js';
import { describeError } from './rollout/engine-activities.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('AUTO_UPGRADE'), findingsLedger);

/** Findings shown in the Temporal UI: its panel is for a glance. */
const MOST_SHOWN = 20;

/** A channel that takes nothing for so long is given up, and the next report says so; what changes afterwards is told all the same. */
const GIVEN_UP_MS = 24 * 3_600_000;

/** How long one attempt to tell a channel may take. */
const ATTEMPT_MS = 120_000;

/** How long a ledger that is to continue as new waits for those who are being told. The next run tells the others under the same id. */
const PATIENCE = '20s';

/** Characters of who knows of a finding, and why. */
const MOST_REASON = 500;

/** Argument of the workflow; `carried` is there only when it continues as new. */
interface LedgerArgs {
  cloud: string;
  carried?: LedgerState;
}

/**
 * What is known of one cloud's findings: since when each is there, who knows of it, what has changed, and what people have been told. Each
 * audit tells it what was found; it lives on. Who is told of what is decided here, once, so that it stands in history; a channel gets it at
 * least once, and always under the same id.
 *
 * Audits never wait for a channel: while one is away, or has its quiet hours, what happens adds up to one thing to tell it.
 */
export async function findingsLedger({ cloud, carried }: LedgerArgs): Promise<void> {
  const state = carried ?? emptyLedger();
  const teller = tellerOf(cloud, state);

  setHandler(
    defineUpdate<RecordAnswer, [AuditRecord]>(ledgerUpdates.record),
    (record) => {
      const answer = recordAudit(state, record, uuid4());
      setCurrentDetails(detailsOf(state));
      return answer;
    },
    { validator: (record) => refuse(whyNotRecord(record, cloud)) },
  );
  setHandler(
    defineUpdate<string, [AckRequest]>(ledgerUpdates.acknowledge),
    (request) => {
      acknowledge(state, request);
      setCurrentDetails(detailsOf(state));
      return `${request.key} is acknowledged until ${request.until}`;
    },
    { validator: (request) => refuse(whyNotAck(request, state)) },
  );
  setHandler(defineQuery<LedgerState>(ledgerQueries.state), () => state);

  // What people are owed must not be forgotten: a ledger that is cancelled goes on.
  await CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(() => teller.hasWork() || workflowInfo().continueAsNewSuggested);
      teller.begin();
      if (!workflowInfo().continueAsNewSuggested) continue;
      // A channel that is away for a day must not let history grow for as long.
      if (teller.isTelling()) await condition(() => !teller.isTelling(), PATIENCE);
      await condition(allHandlersFinished);
      await continueAsNew<typeof findingsLedger>({ cloud, carried: state });
    }
  });
}

/** Tells each channel what it is owed, one thing at a time and each channel by itself. */
function tellerOf(cloud: string, { outgoing }: LedgerState) {
  const served = new Set<string>();
  let onTheirWay = 0;
  const taskQueue = siteQueue(cloud);
  const { channelsAt } = proxyActivities<SiteActivities>({
    taskQueue,
    startToCloseTimeout: '30s',
    retry: { initialInterval: '1s', maximumInterval: '1m' },
    summary: 'whose quiet hours are over?',
  });
  const { tell } = proxyActivities<SiteActivities>({
    taskQueue,
    startToCloseTimeout: ATTEMPT_MS,
    retry: { initialInterval: '2s', maximumInterval: '10m' },
  });

  /** Puts what a channel wants to hear at this hour on its way, or waits for another hour, or for more to tell. */
  async function choose(channel: string): Promise<void> {
    const at = new Date().toISOString();
    const settings = (await channelsAt({ at })).find(({ name }) => name === channel);
    const owed = outgoing[channel];
    if (!owed?.waiting) return;
    const wanted = settings && partOf(owed.waiting, settings.severities);
    if (!wanted) {
      delete owed.waiting;
      return;
    }
    const isQuiet = settings.quietUntil !== undefined;
    const now = isQuiet ? partOf(wanted, settings.except) : wanted;
    const later = now ? withoutPart(wanted, now) : wanted;
    if (now) {
      owed.sending = now;
      owed.sendingSince = at;
    }
    // What is told apart is another event.
    if (later) owed.waiting = now ? { ...later, id: uuid4() } : later;
    else delete owed.waiting;
    if (!now) await condition(() => outgoing[channel]?.waiting !== later, (settings.quietUntil ?? 0) - Date.now());
  }

  async function serve(channel: string): Promise<void> {
    for (;;) {
      const owed = outgoing[channel];
      if (owed?.sending) {
        onTheirWay++;
        const began = owed.sendingSince === undefined ? Date.now() : Date.parse(owed.sendingSince);
        const options = {
          summary: `tell ${channel}`,
          // Once more at least, where another run of the workflow has used the time up.
          scheduleToCloseTimeout: Math.max(ATTEMPT_MS, began + GIVEN_UP_MS - Date.now()),
        };
        const why = await whyNotTold(tell.executeWithOptions(options, [{ channel, event: owed.sending }]));
        onTheirWay--;
        delete owed.sending;
        delete owed.sendingSince;
        if (why === undefined) delete owed.failed;
        else owed.failed = { why, at: new Date().toISOString() };
      } else if (owed?.waiting) await choose(channel);
      else return;
    }
  }

  const owing = (): string[] =>
    Object.entries(outgoing).flatMap(([channel, { waiting, sending }]) =>
      (waiting || sending) && !served.has(channel) ? [channel] : [],
    );
  return {
    hasWork: () => owing().length > 0,
    isTelling: () => onTheirWay > 0,
    begin(): void {
      for (const channel of owing()) {
        served.add(channel);
        void serve(channel).finally(() => served.delete(channel));
      }
    },
  };
}

async function whyNotTold(telling: Promise<unknown>): Promise<string | undefined> {
  try {
    await telling;
    return undefined;
  } catch (error) {
    if (error instanceof ActivityFailure) return describeError(error);
    throw error;
  }
}

function refuse(why: string | undefined): void {
  if (why !== undefined) throw ApplicationFailure.nonRetryable(why, 'ControlRefused');
}

const wordsOf = (finding: Partial<AuditRecord['findings'][number]> | null): unknown[] => [
  finding?.check,
  finding?.severity,
  finding?.what,
];

/** What came over the wire and is no record must not fail a workflow that everybody needs. */
function whyNotRecord(record: Partial<AuditRecord> | undefined, cloud: string): string | undefined {
  const { nodeChecks, cloudChecks, findings, channels, run, at, samples, omitted } = record ?? {};
  const lists = [nodeChecks, cloudChecks, findings, channels];
  const texts = [run, at, ...(Array.isArray(findings) ? findings.flatMap(wordsOf) : [])];
  if (
    !lists.every(Array.isArray) ||
    !texts.every((one) => typeof one === 'string') ||
    ![samples, omitted].every((one) => typeof one === 'number')
  )
    return 'this is not what an audit found';
  return record?.cloud === cloud ? undefined : `this is the ledger of ${cloud}`;
}

function whyNotAck(request: Partial<AckRequest> | undefined, state: LedgerState): string | undefined {
  const { key, actor, reason, until } = request ?? {};
  if (!actor?.trim() || !reason?.trim()) return 'an actor and a reason are needed';
  // It stays with the finding, from one run of the workflow to the next.
  if (actor.length + reason.length > MOST_REASON) return `a reason has at most ${MOST_REASON} characters`;
  if (!until || !(Date.parse(until) > Date.now())) return `until ${until} is not a time to come`;
  return key !== undefined && hasFinding(state, key)
    ? undefined
    : `there is no finding ${key} now; \`ostler audit last\` lists those that there are`;
}

/** What the Temporal UI shows, as Markdown. */
function detailsOf({ findings, audits, outgoing }: LedgerState): string {
  const open = Object.values(findings).filter(({ gone }) => gone === undefined);
  const lines = open
    .slice(0, MOST_SHOWN)
    .map(
      ({ severity, what, since, ack }) =>
        `- **${severity}** ${what} (since ${since}${ack ? `, ${ack.actor} knows` : ''})`,
    );
  const failed = Object.entries(outgoing).flatMap(([channel, { failed: last }]) =>
    last ? [`- **${channel}** was not told: ${last.why}`] : [],
  );
  const last = audits.at(-1);
  return [
    `${open.length} findings${last ? `, as of ${last.at} (${last.run})` : ''}`,
    '',
    ...lines,
    ...(open.length > lines.length ? [`- and ${open.length - lines.length} more`] : []),
    ...failed,
  ].join('\n');
}
