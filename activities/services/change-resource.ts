import { setTimeout as sleep } from 'node:timers/promises';
import { log } from '@temporalio/activity';
import type { CatalogueEntry } from '../../domain/catalogue.js';
import { banId, type ControllerChange } from '../../domain/controller-commands.js';
import type { IntentFacts } from '../../domain/intent.js';
import type { ResourceSeen } from '../../domain/pacemaker-resources.js';
import { LOOK_AGAIN } from '../../domain/progress.js';
import {
  isResourceReached,
  type ResourceTicket,
  type ResourceVerb,
  type ResourceVerdict,
  resolveResource,
  resourceSaid,
} from '../../domain/resource-change.js';
import { shutSince } from '../../domain/resource-gates.js';
import type { ActResult, BatchKey } from '../../domain/rollout.js';
import { changeOnce } from '../controllers/change.js';
import { isPassing, whyNot } from '../hosts.js';
import { lostLease } from '../keeper.js';
import { SshFailure } from '../ssh/types.js';
import { kept, pauseMs, UNDER_WAY, UNREACHABLE_AFTER_MS } from '../systemd/restart.js';
import type { ChangeDeps } from './change-unit.js';

/** One resource on one controller, to be stopped or started there at most once for its intent. */
export interface ResourceOrder {
  node: string;
  verb: ResourceVerb;
  ticket: ResourceTicket;
  intent: string;
  lease: BatchKey;
  deadlineMs: number;
}

/** How long the cluster may take to show what a command that has ended did. */
const SEEN_WITHIN_MS = 10_000;

/** Between two looks at the cluster, each of which asks every controller. */
export const CLUSTER_LOOK_MS = 1_000;

/** Why a command was not taken, and whether that may pass. */
interface Refusal {
  said: string;
  isSudo: boolean;
}

/**
 * Brings a stop or a start of one resource on one controller to a known outcome: it is banned there, or the ban is taken away, and Pacemaker has
 * followed. Whoever runs this, however often, has it changed at most once (design, rules 1 and 2): the one controller of the ticket takes the
 * intent once in its boot, and what became of it is read there and in the cluster. It is sent only while the gates of its plan are open (rule 4).
 */
export async function changeResourceOnce(
  { run, reader, keeper }: ChangeDeps,
  entry: CatalogueEntry,
  order: ResourceOrder,
  { maybeSent, signal }: { maybeSent: boolean; signal: AbortSignal },
): Promise<ActResult> {
  const { node, verb, ticket, intent, lease, deadlineMs } = order;
  const startedAt = Date.now();
  const deadline = startedAt + deadlineMs;
  const { resource, member, via } = ticket;
  const change: ControllerChange = { kind: verb === 'stop' ? 'ban' : 'unban', resource, member };
  let sent = maybeSent;
  let refusal: Refusal | undefined;
  let endedAt: number | undefined;
  for (let round = 0; ; round++) {
    try {
      // The intent first: what one that has ended did is seen by whoever looks afterwards.
      const known = await askSender();
      const [seen] = await reader.readResources([{ node, entry }], signal);
      if (seen?.resource !== resource || seen.member !== member)
        return kept(`Pacemaker does not run ${entry.id} on ${node} as ${resource} any more`, sent);
      // Who has lost its power since it sent the command is not needed for what the others see done.
      if ('unheard' in known && !isResourceReached(verb, seen)) throw new SenderSilent(order, known.unheard);
      const facts = 'unheard' in known ? { bootId: ticket.bootId } : known;
      sent ||= facts.intent !== undefined;
      const verdict = resolveResource(verb, ticket, seen, facts);
      if (verdict.kind === 'undone' || verdict.kind === 'failed') endedAt ??= Date.now();
      const isOpen = endedAt !== undefined && Date.now() - endedAt < SEEN_WITHIN_MS;
      const result =
        isOpen && verdict.kind !== 'reached'
          ? undefined
          : settled(verb, verdict, { ticket, seen, intent, refusal, sent });
      if (result) return result;
      if (Date.now() > deadline) return openAtDeadline(verb, verdict, { ticket, seen, intent, refusal, sent });
      if (verdict.kind === 'never-arrived') {
        const until = sent ? deadline : Math.min(deadline, startedAt + UNREACHABLE_AFTER_MS);
        if (refusal && Date.now() > until) return kept(refusal.said, sent);
        const lost = await lostLease(keeper, lease);
        if (lost && sent) return { state: 'unknown', note: { why: `${UNDER_WAY}; ${lost}`, next: LOOK_AGAIN } };
        if (lost) return { state: 'lease-lost', note: { why: lost } };
        const shut = shutSince({ verb, id: entry.id, node, ...(ticket.vips && { vips: ticket.vips }) }, seen);
        if (shut !== undefined) return kept(shut, sent);
        const answer = await sendOnce();
        refusal = answer === 'taken' || answer === 'unheard' ? undefined : answer;
        sent ||= refusal === undefined;
        if (answer === 'taken') continue;
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const until = sent ? deadline : Math.min(deadline, startedAt + UNREACHABLE_AFTER_MS);
      const silence = error instanceof SenderSilent ? error.cause : error;
      if (!isPassing(silence) || Date.now() > until) return unheard(verb, error, sent);
    }
    await sleep(Math.max(CLUSTER_LOOK_MS, pauseMs(round)), undefined, { signal });
  }

  async function askSender(): Promise<{ bootId: string; intent?: IntentFacts } | { unheard: unknown }> {
    try {
      return await reader.readIntent(via, intent, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return { unheard: error };
    }
  }

  /** Sends the change from the controller that the ticket names. What it came to is told by looking. */
  async function sendOnce(): Promise<'taken' | 'unheard' | Refusal> {
    try {
      const changed = await changeOnce(run, via, { intent, change, bootId: ticket.bootId }, signal);
      log.info('resource changed', { node, via, change: change.kind, resource, intent, ...changed });
      if (changed.state === 'ran') return 'taken';
      return { said: `${via}: ${changed.why}`, isSudo: changed.why.startsWith('sudo: ') };
    } catch (error) {
      if (signal.aborted || !(error instanceof SshFailure)) throw error;
      return error.sent ? 'unheard' : { said: error.message, isSudo: false };
    }
  }
}

/** The controller that the command is sent from does not say what it knows of the intent. */
class SenderSilent extends Error {
  override name = 'SenderSilent';

  constructor({ node, ticket: { via, resource } }: ResourceOrder, cause: unknown) {
    super(`${via}, through which ${resource} on ${node} is changed, does not answer: ${whyNot(cause)}`, { cause });
  }
}

/** Nobody said what became of it, or what there is to change, for too long. Whoever has sent nothing is free to be admitted anew, through another controller. */
const unheard = (verb: ResourceVerb, error: unknown, sent: boolean): ActResult =>
  sent
    ? { state: 'unknown', note: { why: `the ${verb} may have been done; ${whyNot(error)}`, next: LOOK_AGAIN } }
    : kept(`${whyNot(error)}; \`ostler retry\` looks at it anew`, false);

interface Seen {
  ticket: ResourceTicket;
  seen: ResourceSeen;
  intent: string;
  refusal: Refusal | undefined;
  sent: boolean;
}

/** What a verdict means for the controller, or undefined while it is still open. */
function settled(
  verb: ResourceVerb,
  verdict: ResourceVerdict,
  { ticket, seen, intent, refusal, sent }: Seen,
): ActResult | undefined {
  const { resource, member, via } = ticket;
  switch (verdict.kind) {
    case 'reached': {
      const byOther = `it was ${verb === 'stop' ? 'stopped' : 'started'} by another hand, not by us`;
      const why = verdict.byUs || sent ? undefined : byOther;
      return { state: 'acted', byUs: true, ...(why !== undefined && { note: { why } }) };
    }
    case 'failed':
      return {
        state: 'failed',
        note: {
          why: `the ${verb} ended with exit ${verdict.exitStatus} on ${via}; ${resourceSaid(seen)}`,
          next: `\`journalctl -u ostler-${intent}\` on ${via} says more; then \`ostler retry\` tries it again`,
        },
      };
    case 'undone': {
      const ban = banId(resource, member);
      const why = verb === 'stop' ? `${ban} was set, and is gone since` : `${ban} was taken away, and is there again`;
      return {
        state: 'failed',
        note: {
          why: `${why}: somebody else is at it, too`,
          next: 'find out who, then `ostler retry` tries it again',
        },
      };
    }
    case 'rebooted':
      // What was sent in another boot is gone with it.
      return kept(
        `${via} has been rebooted since it was to send the ${verb}; \`ostler retry\` looks at it anew`,
        false,
      );
    case 'never-arrived':
      if (!refusal?.isSudo) return undefined;
      if (sent) return kept(refusal.said, sent);
      return {
        state: 'failed',
        note: {
          why: `sudo refused: ${refusal.said}`,
          next: 'install what `ostler sudoers --role controller` prints, then `ostler retry`',
        },
      };
    case 'still-running':
    case 'under-way':
      return undefined;
  }
}

function openAtDeadline(verb: ResourceVerb, verdict: ResourceVerdict, { seen, refusal, sent }: Seen): ActResult {
  const now = resourceSaid(seen);
  if (verdict.kind === 'under-way')
    return seen.hindrance === undefined
      ? {
          state: 'unknown',
          note: { why: `still ${verb === 'stop' ? 'stopping' : 'starting'}: ${now}`, next: LOOK_AGAIN },
        }
      : {
          state: 'failed',
          note: {
            why: `Pacemaker has not ${verb === 'stop' ? 'stopped' : 'started'} it: ${now}`,
            next: 'then `ostler retry` looks again',
          },
        };
  const why =
    verdict.kind === 'still-running'
      ? `the command has not ended: ${now}`
      : `${sent ? UNDER_WAY : `the ${verb} never arrived`}${refusal ? `: ${refusal.said}` : ''}`;
  return { state: 'unknown', note: { why, next: LOOK_AGAIN } };
}
