import { REMOTE_READ } from '../systemd/probe.js';

/** An account of the database admin, as it is used. */
export interface MongoLogin {
  user: string;
  password: string;
}

/** What an operator would run on a mongo node to see who listens. */
export const LISTENS_COMMAND = "ss -ltn 'sport = :27017'";

/** Starting a shell, which takes seconds on a busy node, and its answer; twice, for both generations of shells. */
export const STATUS_MS = 60_000;

const NOT_LISTENING = '-- not listening --';
const NO_SHELL = '-- no shell --';
const MARK = '-- ostler ';
const END = ' --';

/**
 * The script of one read of a mongo node. It asks the mongod on the node itself, where it listens; which address that is depends on the
 * deployment. The statements come on stdin and go to the shell's stdin, so no password is in any list of processes; the shells keep no
 * history and no log, for they have no home. Where today's shell does not get on with an old server, the legacy shell is tried.
 */
export const statusScript = (): string => `LC_ALL=C; export LC_ALL
set -f
statements=$(cat)
host=
for one in $(${REMOTE_READ} ss -ltn | awk '$4 ~ /:27017$/ { sub(/:27017$/, "", $4); print $4 }'); do
  case $one in
    '*'|0.0.0.0|127.0.0.1|::|'[::]') host=127.0.0.1 ;;
    *) host=\${host:-$one} ;;
  esac
done
[ -n "$host" ] || { echo '${NOT_LISTENING}'; exit 0; }
shell=none
for one in mongosh mongo; do
  command -v "$one" >/dev/null || continue
  shell=$one
  said=$(printf '%s\\n' "$statements" | HOME=/dev/null timeout -k 2 20 "$one" --quiet --norc "$host:27017/admin" 2>&1)
  printf '%s\\n' "$said"
  case $said in *'${MARK}{'*) exit 0 ;; esac
done
[ $shell != none ] || echo '${NO_SHELL}'`;

/** Asks for the state of the replica set. */
export const STATUS = 'answer = {status: rs.status()};';

/** For how long one that has stepped down does not stand for election again, in seconds (domain reference, C10). */
const FROZEN_S = 120;

/**
 * Has the primary step down from the one election that it won at that moment: where it is not primary by that, nothing happens. The server itself
 * refuses while no secondary has caught up within ten seconds. Old servers answer nothing, and close the connection.
 * @param electedMs milliseconds since 1970
 */
export const stepDown = (electedMs: number): string =>
  `var me = rs.status().members.filter(function (one) { return one.self; })[0]; if (me && me.stateStr === 'PRIMARY' && me.electionDate && me.electionDate.getTime() === ${electedMs}) answer = {reply: db.getSiblingDB('admin').runCommand({replSetStepDown: ${FROZEN_S}})}; else answer = {isOver: true};`;

/**
 * What the shell is told: to log in, do what is asked, and print the answer between marks, as JSON; or why it cannot. One line, in the language of
 * all shells from 2.6 on, which print prompts and results of their own around it.
 * @param deed statements that set `answer`
 */
export function statements(login: MongoLogin | undefined, deed: string = STATUS): string {
  const authenticates = login
    ? `if (!db.getSiblingDB('admin').auth(${literal(login.user)}, ${literal(login.password)})) throw {code: 18, message: 'Authentication failed.'}; `
    : '';
  return `(function () { var answer; try { ${authenticates}${deed} } catch (error) { answer = {code: error.code, error: String(error.message || error)}; } print('${MARK}' + (typeof EJSON === 'undefined' ? JSON.stringify(answer) : EJSON.stringify(answer)) + '${END}'); })()`;
}

/** A string of JavaScript in printable ASCII, whatever it holds. */
export const literal = (text: string): string =>
  JSON.stringify(text).replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** What a mongo node printed, before it is understood. */
export type Printed =
  | { state: 'not-listening' }
  | { state: 'no-shell' }
  | { state: 'answered'; json: string }
  /** A shell that did not do what it was told, and its last words. */
  | { state: 'failed'; text: string };

export function parsePrinted(stdout: string): Printed {
  const from = stdout.indexOf(`${MARK}{`);
  const to = stdout.lastIndexOf(`}${END}`);
  if (from >= 0 && to > from) return { state: 'answered', json: stdout.slice(from + MARK.length, to + 1) };
  const text = stdout.trimEnd();
  if (text.endsWith(NOT_LISTENING)) return { state: 'not-listening' };
  return text.endsWith(NO_SHELL) ? { state: 'no-shell' } : { state: 'failed', text };
}
