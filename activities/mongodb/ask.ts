import type { MongoView } from '../../domain/mongodb.js';
import { type RunOnHost, whyNot } from '../hosts.js';
import { redact } from '../redact.js';
import { SshFailure } from '../ssh/types.js';
import { parseReplicaSet } from './replica-set.js';
import { parseShellJson } from './shell-json.js';
import {
  literal,
  type MongoLogin,
  parsePrinted,
  STATUS,
  STATUS_MS,
  statements,
  statusScript,
  stepDown,
} from './status-script.js';

/** What a mongo node answers. */
export type MongoAnswer =
  | { state: 'read'; view: MongoView }
  | { state: 'not-replicated' }
  | { state: 'not-initiated' }
  | { state: 'not-listening' }
  /** The database lets this account know nothing. It is the same on every member, but an arbiter, which knows no accounts. */
  | { state: 'denied'; why: string }
  | { state: 'unread'; why: string; next: string };

/** Codes of MongoDB's errors; those of 2.6 come without one. */
const CODES: readonly { code: number; words: RegExp; state: 'denied' | 'not-replicated' | 'not-initiated' }[] = [
  { code: 13, words: /unauthorized|not authorized|requires authentication/i, state: 'denied' },
  { code: 18, words: /authentication failed|auth(?:entication)? fail/i, state: 'denied' },
  { code: 76, words: /not running with --replSet/i, state: 'not-replicated' },
  { code: 94, words: /no replset config has been received|EMPTYCONFIG/i, state: 'not-initiated' },
];

const MOST_SAID = 200;

/** What a shell on a mongo node has printed, or why it has not. */
type Told = Exclude<MongoAnswer, { state: 'read' | 'not-replicated' | 'not-initiated' | 'denied' }>;

/**
 * Asks the mongod of one node for the state of its replica set. It changes nothing.
 * @param login an account of the database admin; without one the state is asked for as nobody
 */
export async function askMongo(
  run: RunOnHost,
  node: string,
  login: MongoLogin | undefined,
  signal: AbortSignal,
): Promise<MongoAnswer> {
  const told = await tellShell({ run, node, login, deed: STATUS }, signal);
  return told.state === 'told' ? answerOf(node, told) : told;
}

/** How a step down ended: `over` where the member is not the primary by that election; whoever sent it looks what has become of it. */
export type SteppedDown = { state: 'sent' } | { state: 'over' } | { state: 'refused'; why: string };

/**
 * Has the mongod of one node step down from one election, so at most once for each.
 * @param electedMs when it was elected, in milliseconds since 1970
 */
export async function tellToStepDown(
  run: RunOnHost,
  node: string,
  { login, electedMs }: { login: MongoLogin | undefined; electedMs: number },
  signal: AbortSignal,
): Promise<SteppedDown> {
  const told = await tellShell({ run, node, login, deed: stepDown(electedMs) }, signal);
  // Old servers close the connection, and a shell that dies of it has nothing to say.
  if (told.state !== 'told') return { state: 'sent' };
  const { isOver, reply, error, code: thrown } = documentOf(told.json) ?? {};
  if (isOver) return { state: 'over' };
  const said = reply?.errmsg ?? error;
  const code = reply?.code ?? thrown;
  const denial = CODES.find((one) => one.state === 'denied' && (one.code === code || one.words.test(said ?? '')));
  // A shell throws without a code when its connection is closed, in other words in each generation; what a server of 2.6 replies has none either.
  const isCutOff = code === undefined ? reply === undefined : CUT_OFF.includes(code);
  if (said === undefined || (!denial && isCutOff)) return { state: 'sent' };
  const why = `MongoDB on ${node} answers: ${told.hide(said).slice(0, MOST_SAID)}`;
  return {
    state: 'refused',
    why: denial?.code === 13 ? `${why}; the account of audit.mongodb needs the action replSetStateChange` : why,
  };
}

/** Codes of a connection that was closed: HostUnreachable, NetworkTimeout, SocketException. */
const CUT_OFF: readonly number[] = [6, 89, 9001];

async function tellShell(
  { run, node, login, deed }: { run: RunOnHost; node: string; login: MongoLogin | undefined; deed: string },
  signal: AbortSignal,
): Promise<Told | { state: 'told'; json: string; hide: (text: string) => string; next: string }> {
  const next = `log in to ${node} and ask \`rs.status()\` with mongosh or mongo`;
  // A shell that repeats what it did not understand has the password as it was written for it.
  const secrets = login ? [login.password, literal(login.password).slice(1, -1)] : [];
  const hide = (text: string): string =>
    redact(secrets.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text))
      .replace(/\s+/g, ' ')
      .trim();
  try {
    const { stdout, stderr } = await run(node, statusScript(), {
      limitMs: STATUS_MS,
      signal,
      stdin: `${statements(login, deed)}\n`,
    });
    const printed = parsePrinted(stdout);
    switch (printed.state) {
      case 'not-listening':
        return printed;
      case 'no-shell':
        return { state: 'unread', why: `${node} has neither mongosh nor mongo`, next: `install mongosh on ${node}` };
      case 'failed': {
        const said = hide(printed.text || stderr).slice(-MOST_SAID) || 'it says nothing';
        return { state: 'unread', why: `the shell of MongoDB on ${node} did not answer: ${said}`, next };
      }
      case 'answered':
        return { state: 'told', json: printed.json, hide, next };
    }
  } catch (error) {
    signal.throwIfAborted();
    return { state: 'unread', why: whyNot(error), next: error instanceof SshFailure ? error.hint : next };
  }
}

interface Document {
  status?: { errmsg?: string; code?: number };
  reply?: { ok?: unknown; errmsg?: string; code?: number };
  isOver?: boolean;
  error?: string;
  code?: number;
}

function answerOf(
  node: string,
  { json, hide, next }: { json: string; hide: (text: string) => string; next: string },
): MongoAnswer {
  const document = documentOf(json);
  if (document === undefined) return { state: 'unread', why: `MongoDB on ${node} answers no JSON`, next };
  const view = parseReplicaSet(document.status);
  if (view) return { state: 'read', view };
  // Old servers answer with a document where others fail.
  const error = document.error ?? document.status?.errmsg ?? 'this is no state of a replica set';
  const code = document.code ?? document.status?.code;
  const state = CODES.find((one) => one.code === code || one.words.test(error))?.state;
  const why = `MongoDB on ${node} answers: ${hide(error).slice(0, MOST_SAID)}`;
  if (state === 'denied') return { state, why };
  return state ? { state } : { state: 'unread', why, next };
}

function documentOf(json: string): Document | undefined {
  try {
    return parseShellJson(json) as Document;
  } catch {
    return undefined;
  }
}
