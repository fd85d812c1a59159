import type { MongoView } from '../../domain/audit/judge-mongodb.js';
import { type RunOnHost, whyNot } from '../hosts.js';
import { redact } from '../redact.js';
import { SshFailure } from '../ssh/types.js';
import { parseReplicaSet } from './replica-set.js';
import { parseShellJson } from './shell-json.js';
import { literal, type MongoLogin, parsePrinted, STATUS_MS, statements, statusScript } from './status-script.js';

/** What a mongo node answers. */
export type MongoAnswer =
  | { state: 'read'; view: MongoView }
  | { state: 'not-replicated' }
  | { state: 'not-initiated' }
  | { state: 'not-listening' }
  /** The database lets this account know nothing. It is the same on every member. */
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
      stdin: `${statements(login)}\n`,
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
        return answerOf(node, printed.json, hide, next);
    }
  } catch (error) {
    signal.throwIfAborted();
    return { state: 'unread', why: whyNot(error), next: error instanceof SshFailure ? error.hint : next };
  }
}

interface Document {
  status?: { errmsg?: string; code?: number };
  error?: string;
  code?: number;
}

function answerOf(node: string, json: string, hide: (text: string) => string, next: string): MongoAnswer {
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
