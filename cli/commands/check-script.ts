import { shellCommand, shellWord } from '../../activities/ssh/quote.js';
import { CEPH } from '../../domain/ceph-commands.js';
import { intentArgvs } from '../../domain/commands.js';
import { PACEMAKER_UNIT } from '../../domain/pacemaker-commands.js';

/** What one host answered. */
export interface HostAnswer {
  /** `systemctl --version`: 219, 252, ...; undefined where there is no systemd. */
  systemd?: number;
  /** The user may read the system's journal. */
  journal: boolean;
  /** By unit name, for every name that was asked about. */
  units: Map<string, UnitAnswer>;
  /** What sudo said to the reads of an audit that it would refuse; missing where none was asked about. */
  audit?: string[];
  /** The same of the commands of Ceph; missing where there is no client of Ceph, too. */
  ceph?: string[];
}

export interface UnitAnswer {
  /** LoadState: loaded, not-found, masked, ... */
  load: string;
  /** ActiveState. */
  active: string;
  /** What sudo said to the commands it would refuse; empty when it permits them all. Asked of loaded units only. */
  refusals: string[];
}

/** A host that answered something else. */
export class CheckAnswerError extends Error {
  override name = 'CheckAnswerError';
}

/** A read of a host is limited there, too: a closed channel ends nothing (design, rule 6). */
const LIMIT = 'timeout -k 2 10';

const END = 'end of check';

/** What a host is asked beside what every host is. */
export interface Questions {
  /** Every unit name that a catalogue entry of its roles can have there. */
  units?: readonly string[];
  /** What is done as root with the controllers' cluster, where it is in one. */
  cluster?: readonly (readonly string[])[];
  /** What is done as root with Ceph, where it has the client for it. */
  ceph?: readonly (readonly string[])[];
  /** What an audit reads as root, where it has the program for it. */
  audit?: readonly (readonly string[])[];
}

/**
 * One script for all questions about a host: it needs no privilege and changes nothing. `sudo -n -l` with a command only asks
 * whether it would be permitted.
 */
export function checkScript({ units = [], cluster = [], ceph = [], audit = [] }: Questions): string {
  const questions = [
    ...units.map((unit) => questionsOf(unit, intentArgvs(unit))),
    ...(cluster.length > 0 ? [questionsOf(PACEMAKER_UNIT, cluster)] : []),
    ...(ceph.length > 0 ? [onlyIf(`[ -x ${CEPH} ] && echo ceph`, ceph)] : []),
    ...(audit.length > 0 ? ['echo audit', ...audit.map(ifItCan)] : []),
  ];
  return `LC_ALL=C; export LC_ALL
echo "systemd $(${LIMIT} systemctl --version 2>/dev/null | sed -n '1s/^systemd \\([0-9]*\\).*/\\1/p')"
[ -n "$(${LIMIT} journalctl -q -n 1 -o cat _PID=1 2>/dev/null)" ] && echo journal
unit() {
  shown=$(${LIMIT} systemctl show -p LoadState -p ActiveState -- "$1" 2>/dev/null)
  echo "unit $1" $shown
  case $shown in *LoadState=loaded*) return 0 ;; *) return 1 ;; esac
}
may() {
  said=$(${LIMIT} sudo -n -l "$@" 2>&1 </dev/null) || printf 'refused %s\\n' "$(printf '%s' "$said" | tail -n 1)."
}
${questions.join('\n')}
echo ${shellWord(END)}`;
}

/**
 * How much one request may hold of what sudo is asked, in bytes: a word of a command line may have 128 KiB on Linux, and a packet of SSH 35,000
 * bytes wherever a server takes no more than it must (RFC 4253, 6.1).
 */
const MOST_ASKED = 20_000;

/** Commands in as many parts as it takes to ask about them. */
export const inParts = (commands: readonly string[][]): string[][][] =>
  parted(commands, (command) => shellCommand(command).length + 10);

/** Units in as many parts as it takes to ask about them; one at least, since it asks about the host, too. */
export function unitParts(units: readonly string[]): string[][] {
  const parts = parted(units, (unit) => questionsOf(unit, intentArgvs(unit)).length);
  return parts.length > 0 ? parts : [[]];
}

function parted<Item>(items: readonly Item[], sizeOf: (item: Item) => number): Item[][] {
  const parts: Item[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (size > room) {
      parts.push([]);
      room = MOST_ASKED;
    }
    parts.at(-1)?.push(item);
    room -= size;
  }
  return parts;
}

/** Adds what a part was answered to what those before it were. */
export function addAnswer(answer: HostAnswer, { units, audit, ceph, ...host }: HostAnswer): void {
  Object.assign(answer, host);
  if (audit) answer.audit = [...(answer.audit ?? []), ...audit];
  if (ceph) answer.ceph = [...(answer.ceph ?? []), ...ceph];
  for (const [unit, one] of units) {
    const known = answer.units.get(unit);
    if (known) known.refusals.push(...one.refusals);
    else answer.units.set(unit, one);
  }
}

const questionsOf = (unit: string, argvs: readonly (readonly string[])[]): string =>
  onlyIf(`unit ${shellWord(unit)}`, argvs);

const onlyIf = (condition: string, argvs: readonly (readonly string[])[]): string =>
  [`if ${condition}; then`, ...argvs.map((argv) => `  may ${shellCommand(argv)}`), 'fi'].join('\n');

/** A read is limited by a program of its own; what matters is the one after that. */
function ifItCan(argv: readonly string[]): string {
  const program = argv.slice(1).find((word) => word.startsWith('/')) ?? '';
  return `[ ! -x ${shellWord(program)} ] || may ${shellCommand(argv)}`;
}

/**
 * Reads what {@link checkScript} printed.
 * @throws {CheckAnswerError} when it is cut short
 */
export function parseCheck(stdout: string): HostAnswer {
  const lines = stdout.trimEnd().split('\n');
  if (lines.pop() !== END) throw new CheckAnswerError(`the check was cut short: ${stdout.slice(-200).trim()}`);
  const answer: HostAnswer = { journal: false, units: new Map() };
  let refusals: string[] | undefined;
  for (const line of lines) {
    const [kind, ...words] = line.split(' ');
    if (kind === 'systemd' && words[0]) answer.systemd = Number(words[0]);
    else if (kind === 'journal') answer.journal = true;
    else if (kind === 'audit' || kind === 'ceph') {
      answer[kind] ??= [];
      refusals = answer[kind];
    } else if (kind === 'unit') {
      const property = (name: string): string =>
        words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
      refusals = [];
      answer.units.set(words[0] ?? '', { load: property('LoadState'), active: property('ActiveState'), refusals });
    } else if (kind === 'refused') refusals?.push(words.join(' ').replace(/\.$/, ''));
  }
  return answer;
}
