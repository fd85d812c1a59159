import { stripVTControlCharacters } from 'node:util';
import { controllerReads, haproxyRead, NODE_NAME_READ, stateRead } from '../../domain/controller-commands.js';
import { redact } from '../redact.js';
import { shellCommand, shellWord } from '../ssh/quote.js';

/** What one command printed. */
export interface Printed {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** What a controller printed about its services, by name; what is not installed there is missing. */
export interface Services {
  bootId: string;
  printed: Map<string, Printed>;
  /** Sockets of HAProxy that were asked, in order. */
  sockets: string[];
}

/** How much of what a command complained of is worth telling: it says first what is wrong, and goes on to how it is used. */
const MOST_SAID = 300;

/** A controller that answered something else. */
export class UnreadableServices extends Error {
  override name = 'UnreadableServices';
}

/**
 * How much is asked: Pacemaker alone, HAProxy too, or everything. To see whether a change of the one has come, the others need not be
 * bothered: each look at RabbitMQ alone starts a machine of its own.
 */
export type Depth = 'pacemaker' | 'haproxy' | 'all';

const END = '-- end of services --';

/** Where a socket's answer stands among the others. */
export const haproxyKey = (socket: string): string => `haproxy ${socket}`;

/** How long all reads of one controller may take, in milliseconds: RabbitMQ's twice, and seven more of ten seconds at most. */
export const SERVICES_READ_MS = 130_000;

/**
 * The script of one read of a controller's services: each is asked where it is installed. One round trip, and it changes nothing. What a
 * command says on stderr is told beside what it prints, and each has its limit inside sudo, where it ends the command, and outside, where it
 * ends a sudo that hangs.
 * @param sockets where HAProxy's may be
 * @param names what Pacemaker may call the controller
 */
export function servicesScript(sockets: readonly string[], names: readonly string[], depth: Depth): string {
  const ask = (name: string, argv: readonly string[]): string => `ask ${shellWord(name)} sudo -n ${shellCommand(argv)}`;
  const states = names.map((name) => `${shellWord(name)}) ${ask('fsa', stateRead(name))} ;;`);
  const haproxy = `if [ -x /usr/sbin/haproxy ]; then
  ${sockets.map((socket) => ask(haproxyKey(socket), haproxyRead(socket))).join('\n  ')}
fi`;
  const others = `if [ -x /usr/sbin/mysqld ] || [ -x /usr/sbin/mariadbd ] || [ -x /usr/libexec/mysqld ]; then
  ask galera timeout -k 2 10 mysql -N -B -e "SHOW GLOBAL STATUS LIKE 'wsrep%'"
fi
if [ -x /usr/sbin/rabbitmqctl ]; then
  ${ask('rabbitmq', controllerReads.rabbitmq)}
  case $said in *formatter*) ${ask('rabbitmq', controllerReads['old-rabbitmq'])} ;; esac
fi
if [ -x /usr/bin/ceph-mon ]; then
  ${ask('ceph-mon', controllerReads['ceph-mon'])}
fi`;
  return asking(`if [ -x /usr/sbin/cibadmin ]; then
  ${ask('nodes', controllerReads.nodes)}
  case "$(timeout -k 2 13 sudo -n ${shellCommand(NODE_NAME_READ)} 2>/dev/null </dev/null)" in
  ${states.join('\n  ')}
  esac
fi
${depth === 'pacemaker' ? '' : haproxy}
${depth === 'all' ? others : ''}`);
}

/**
 * A script that {@link parseServices} reads the answers to. In its body `ask NAME COMMAND...` tells what the command printed, what it said on stderr and
 * how it ended; the latter two stay in `$said` and `$code`.
 */
export const asking = (body: string): string => `LC_ALL=C; export LC_ALL
echo "boot $(cat /proc/sys/kernel/random/boot_id)"
ask() {
  name=$1; shift
  printf '%s\\n' "-- $name --"
  { said=$(timeout -k 2 30 "$@" 2>&1 >&3 3>&- </dev/null); code=$?; } 3>&1
  printf '\\n%s\\n%s\\n' "-- said --" "$said"
  printf '%s\\n' "-- exit $code --"
}
${body}
echo '${END}'`;

const SECTION = /^-- ([a-z-]+(?: \/\S+)?) --\n([\s\S]*?)\n-- said --\n([\s\S]*?)\n-- exit (\d+) --$/gm;

/**
 * Reads what a script of {@link asking} printed.
 * @throws {UnreadableServices} when it is cut short
 */
export function parseServices(stdout: string, sockets: readonly string[] = []): Services {
  const text = stdout.trimEnd();
  const [, bootId] = /^boot ([0-9a-f-]{36})$/m.exec(text) ?? [];
  if (!text.endsWith(END) || bootId === undefined)
    throw new UnreadableServices(`the answer was cut short: ${redact(text).slice(-200).trim()}`);
  const printed = new Map(
    [...text.matchAll(SECTION)].map(([, name = '', said = '', stderr = '', code]) => [
      name,
      { stdout: said, stderr: beginningOf(stderr), exitCode: Number(code) },
    ]),
  );
  return { bootId, printed, sockets: [...sockets] };
}

const beginningOf = (stderr: string): string => redact(stripVTControlCharacters(stderr).trim()).slice(0, MOST_SAID);
