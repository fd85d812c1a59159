import type { ClusterDialect } from '../../domain/cluster.js';
import { pacemakerReads } from '../../domain/pacemaker-commands.js';
import { redact } from '../redact.js';
import { shellCommand } from '../ssh/quote.js';

/** What one command printed, and how it ended. */
export interface Printed {
  text: string;
  exitCode: number;
}

/** What a controller printed about its cluster. */
export type Read =
  | { state: ClusterDialect; status: Printed; constraints: Printed; properties: Printed }
  /** sudo lets us read nothing. */
  | { state: 'refused' };

/** A controller that answered something else. */
export class UnreadableCluster extends Error {
  override name = 'UnreadableCluster';
}

const REFUSED = '-- refused --';
const END = '-- end --';

const read = (name: keyof typeof pacemakerReads): string => `ask ${name} ${shellCommand(pacemakerReads[name])}`;

/**
 * The script of one read of a controller: the cluster's state in the first dialect that the host understands, the constraints and the
 * properties. One round trip, and it changes nothing. A command that does not know its options says so at once, so dialects are tried
 * in turn; one that hangs ends the row, for the others would hang, too. Each has its limit twice: inside sudo, where it ends the tool, and
 * outside, where it ends a sudo that hangs.
 */
export const readScript = (): string => `LC_ALL=C; export LC_ALL
timeout -k 2 10 sudo -n -l ${shellCommand(pacemakerReads.xml)} >/dev/null </dev/null || { echo '${REFUSED}'; exit 0; }
ask() {
  name=$1; shift
  said=$(timeout -k 2 13 sudo -n "$@" </dev/null); code=$?
  printf '%s\\n' "-- $name --" "$said" "-- exit $code --"
}
answered() {
  case $code in 124|137) return 0 ;; esac
  case $said in *"$1"*) return 0 ;; esac
  return 1
}
${read('xml')}
answered '<pacemaker-result' || { ${read('old-xml')}; answered '<crm_mon' || ${read('text')}; }
${read('constraints')}
${read('properties')}
echo '${END}'`;

const SECTION = /^-- ([a-z-]+) --\n([\s\S]*?)\n-- exit (\d+) --$/gm;

/**
 * Reads what {@link readScript} printed.
 * @throws {UnreadableCluster} when it is cut short
 */
export function parseRead(stdout: string): Read {
  const text = stdout.trimEnd();
  if (text.endsWith(REFUSED)) return { state: 'refused' };
  const sections = new Map(
    [...text.matchAll(SECTION)].map(([, name = '', said = '', code]) => [name, { text: said, exitCode: Number(code) }]),
  );
  const state = (['text', 'old-xml', 'xml'] as const).find((dialect) => sections.has(dialect));
  const [constraints, properties] = [sections.get('constraints'), sections.get('properties')];
  if (!text.endsWith(END) || !state || !constraints || !properties)
    throw new UnreadableCluster(`the answer was cut short: ${redact(text).slice(-200).trim()}`);
  return { state, status: sections.get(state) as Printed, constraints, properties };
}
