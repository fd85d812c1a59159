import type { ServiceAnswer } from '../domain/audit/service-answer.js';
import { candidateUnits, catalogue } from '../domain/catalogue.js';
import type { SiteInventory } from '../inventory/load.js';
import { sshTarget } from '../inventory/targets.js';
import { SUDO_REFUSED } from './controllers/survey.js';
import { asking, type Printed, parseServices, UnreadableServices } from './controllers/survey-script.js';
import { type RunOnHost, whyNot } from './hosts.js';
import { shellCommand, shellWord } from './ssh/quote.js';
import { SshFailure } from './ssh/types.js';

/** How one service is asked on a node. */
export interface ServiceQuestion {
  /** `Galera`. */
  name: string;
  /** Where the service is asked by tools of the host itself, one of these is there. */
  programs: readonly string[];
  /** Its id in the catalogue: a node that has its unit, and none of the programs, runs it elsewhere than on the host itself. */
  entry: string;
  /** What the script asks, where it is there: {@link asking}. */
  asks: string;
  limitMs: number;
}

/** What a node printed, or why it did not. */
export type Printout =
  | { state: 'printed'; printed: ReadonlyMap<string, Printed> }
  | Extract<ServiceAnswer<never>, { state: 'absent' | 'unasked' | 'unreached' }>;

/** Megabytes of JSON are no rarity for a storage of a thousand disks. */
const MOST_PRINTED_BYTES = 16 * 1024 * 1024;

/** `ask NAME COMMAND`, as root. */
export const askAsRoot = (name: string, argv: readonly string[]): string =>
  `ask ${shellWord(name)} sudo -n ${shellCommand(argv)}`;

/**
 * Asks a node for a service, in one round trip.
 * @throws only the reason of `signal`
 */
export async function askService(
  { inventory, run }: { inventory: SiteInventory; run: RunOnHost },
  node: string,
  { name, programs, entry, asks, limitMs }: ServiceQuestion,
  signal: AbortSignal,
): Promise<Printout> {
  const isHere = programs.map((program) => `[ -x ${program} ]`).join(' || ');
  const script = asking(`if ${isHere}; then
${asks}
else
  ask units ${unitsRead(inventory, node, entry)}
fi`);
  try {
    const { stdout } = await run(node, script, { limitMs, signal, maxOutputBytes: MOST_PRINTED_BYTES });
    const { printed } = parseServices(stdout);
    const units = printed.get('units');
    return units ? withoutProgram(name, units.stdout) : { state: 'printed', printed };
  } catch (error) {
    if (signal.aborted) throw error;
    return notAsked(error, node);
  }
}

/** The command that tells which units of a catalogue entry a node has. */
export function unitsRead(inventory: SiteInventory, node: string, id: string): string {
  const entry = catalogue.get(id);
  const hint =
    inventory.node(node).distribution ?? (inventory.distribution === 'auto' ? undefined : inventory.distribution);
  const units = entry ? candidateUnits(entry, inventory.units[id] ?? [], hint) : [];
  return `timeout -k 2 10 systemctl show -p Id,LoadState -- ${units.map(shellWord).join(' ')}`;
}

/** A node has none of the programs of a service: it is not there, or it runs as a unit that Ostler cannot ask. */
export function withoutProgram(name: string, shown: string): Extract<Printout, { state: 'absent' | 'unasked' }> {
  const block = shown.split(/\n\n+/).find((text) => /^LoadState=loaded$/m.test(text));
  const [, unit] = /^Id=(.+)$/m.exec(block ?? '') ?? [];
  if (unit === undefined) return { state: 'absent' };
  return {
    state: 'unasked',
    why: `it runs there as ${unit}, and its tools are not on the host itself`,
    next: `look at ${name} inside its container by hand; Ostler asks it only where its tools are on the host`,
  };
}

/** Why a node printed nothing that can be read. One that answers SSH, and not this, is not for the check `reachable`. */
export function notAsked(error: unknown, node: string): Extract<Printout, { state: 'unasked' | 'unreached' }> {
  const why = whyNot(error);
  const isReached =
    error instanceof UnreadableServices ||
    (error instanceof SshFailure && (error.kind === 'timed-out' || error.kind === 'unknown-outcome'));
  if (!isReached) return { state: 'unreached', why };
  return { state: 'unasked', why, next: `audit again; if it stays so, log in to ${node} and look what hangs there` };
}

/**
 * What one command of a printout says: what it printed, or why that is no answer.
 * @param parse throws for what is no answer
 */
export function answerOf<View>(
  printed: Printed | undefined,
  parse: (text: string) => View,
  { inventory, node }: { inventory: SiteInventory; node: string },
): Extract<ServiceAnswer<View>, { state: 'read' | 'silent' | 'unasked' }> {
  if (!printed) return { state: 'unasked', why: 'it was not asked', next: `log in to ${node} and look` };
  const { stdout, stderr, exitCode } = printed;
  const said = stderr.replace(/\s+/g, ' ');
  if (exitCode !== 0 && SUDO_REFUSED.test(stderr)) {
    const { user } = sshTarget(inventory, node);
    return {
      state: 'unasked',
      why: `sudo does not let ${user} read it (${said})`,
      next: `install what \`ostler sudoers\` prints for the roles of ${node}, with --user ${user}`,
    };
  }
  // POSIX sh, 2.8.2: the command is not there, or cannot be run.
  if (exitCode === 127 || exitCode === 126)
    return { state: 'unasked', why: said || `exit ${exitCode}`, next: `install the tool that is missing on ${node}` };
  // GNU timeout(1): 124 when the command was told to end, 137 when it had to be killed.
  if (exitCode === 124 || exitCode === 137) return { state: 'silent', why: 'no answer in time' };
  if (exitCode !== 0) return { state: 'silent', why: said || `exit ${exitCode}` };
  try {
    return { state: 'read', view: parse(stdout) };
  } catch (error) {
    return {
      state: 'unasked',
      why: whyNot(error).replace(/\s+/g, ' ').slice(0, 300),
      next: `ask it by hand on ${node}: what it says is not what Ostler knows`,
    };
  }
}
