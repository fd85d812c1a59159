import { HostSilent } from '../hosts.js';
import { shellWord } from '../ssh/quote.js';
import type { Asked, Read, Said } from './node/node-check.js';

/**
 * How long, in seconds, the reads of a node may take. What is going on then is late: that it has heard nothing may be for want of time.
 */
const SECONDS = 10;

/**
 * What reads may use:
 *
 * - `at_most SECONDS COMMAND...` runs a command under the limit of its own and of all reads together;
 * - `as_root COMMAND...` runs one that the sudo rules allow;
 * - `has COMMAND` asks whether there is such a program;
 * - `$own`, the node's own address.
 *
 * Time is read from /proc/uptime, which no correction of the clock moves and for which no process is started.
 */
const prelude = (nonce: string, address: string): string => `LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin; export PATH
umask 077
own=${shellWord(address)}
uptime() { read -r up rest </proc/uptime; up=\${up%.*}; }
uptime; ends=$((up + ${SECONDS}))
at_most() {
  most=$1; shift; uptime
  [ "$most" -le $((ends - up)) ] || most=$((ends - up))
  [ "$most" -gt 0 ] || return 124
  timeout -k 1 "$most" "$@"
}
as_root() { at_most 7 sudo -n "$@"; }
has() { command -v "$1" >/dev/null 2>&1; }
part() {
  uptime; said=; code=0
  [ $up -ge $ends ] || { said=$("$1" 2>&1 </dev/null); code=$?; uptime; }
  [ $up -lt $ends ] || code="$code late"
  printf '%s\\n' "-- ${nonce} $1 --" "$said" "-- ${nonce} exit $code --"
}`;

/**
 * The script of all reads of one node: one round trip, whole in the exec request. It changes nothing and writes no file. Each read
 * is a function whose output is printed between two lines that nothing else can print.
 * @param nonce letters and digits that nobody could know before: what tells those lines from the words of hosts
 */
export function nodeScript(reads: readonly Read[], asked: Asked, nonce: string): string {
  const there = reads.flatMap(({ name, lines, mayWait }) => {
    const body = lines(asked);
    return body === undefined ? [] : [{ name, body, mayWait }];
  });
  const functions = there.map(({ name, body }) => `${name}() {\n${body}\n}`);
  const parts = there.filter(({ mayWait }) => !mayWait).map(({ name }) => `part ${name}`);
  const beside = there.filter(({ mayWait }) => mayWait).map(({ name }) => `part ${name}`);
  return [
    prelude(nonce, asked.settings.address),
    ...functions,
    `in_turn() {\n${[':', ...parts].join('\n')}\n}`,
    atOnce('in_turn', beside),
    `echo '-- ${nonce} end --'`,
  ].join('\n');
}

/**
 * Runs commands at the same time, and prints what each printed in one piece, without a file to keep it in: `cat` takes from its pipe what its
 * neighbour has printed meanwhile, when those before have come to their end.
 */
const atOnce = (first: string, others: readonly string[]): string =>
  others.reduce((before, other) => `${other} | { ${before}; cat; }`, first);

/**
 * What each read printed, by its name. Anything around, such as a greeting of a login shell, is passed over.
 * @throws {HostSilent} when it is cut short
 */
export function parseNodeAnswer(stdout: string, nonce: string): Map<string, Said> {
  if (!stdout.includes(`-- ${nonce} end --`)) throw new HostSilent('the script did not come to its end');
  const said = new Map<string, Said>();
  const parts = stdout.split(`-- ${nonce} `);
  for (const [index, part] of parts.entries()) {
    const [begin, name] = /^([a-z_]+) --\n/.exec(part) ?? [];
    const [, code, late] = /^exit (\d+)( late)? --\n/.exec(parts[index + 1] ?? '') ?? [];
    if (begin === undefined || name === undefined || code === undefined) continue;
    said.set(name, { text: part.slice(begin.length, -1), exitCode: Number(code), isLate: late !== undefined });
  }
  return said;
}
