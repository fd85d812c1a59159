import { redact } from '../redact.js';
import { type ShellSession, SshFailure, type SshTarget, type SshTransport } from '../ssh/types.js';
import { inTurn } from './turns.js';

/** How long an array may take from the end of the login to its prompt, and for each command. */
const ANSWER_MS = 15_000;

/** How long a whole session may take once it is there: the next one of ours waits for its end. */
const SESSION_MS = 60_000;

/** The prompt of a group, at the beginning of a line. An event may follow it on the same line. */
const PROMPT = /(?:^|[\r\n])([A-Za-z0-9][\w.-]{0,62})> /;

/** How an array refuses: in the midst of its answer, since it has no exit codes. */
const REFUSAL = /(?:^|[\r\n])\s*((?:% ?Error|Error:)[^\r\n]*)/;

/** A refusal whose line is complete, for one that no prompt follows. */
const REFUSAL_LINE = new RegExp(`${REFUSAL.source}[\\r\\n]`);

/** What stops a long answer until a key is pressed, with formatted output. */
const PAGER = /(?:press any key|-- ?more ?--)[^\r\n]*$/i;

/**
 * Long lines stay whole, events stay out of answers, and long answers come at once. Confirmations stay on: a session that only reads has none to
 * give.
 */
const SETTINGS = [
  'stty columns 255',
  'cli-settings events off',
  'cli-settings formatoutput off',
  'cli-settings paging off',
];

const MOST_SAID = 200;

/** An array that answers, but not with what was asked. */
export class ArrayFailure extends Error {
  override name = 'ArrayFailure';

  constructor(
    /** There is no such object; it will not do it; what it says is no answer; it says nothing any more, and the session is of no use. */
    readonly kind: 'missing' | 'refused' | 'unreadable' | 'silent',
    message: string,
    /** What an operator should do next. */
    readonly hint: string,
  ) {
    super(message);
  }
}

/** An array to log in to. */
export interface ArrayTarget {
  target: SshTarget;
  /** Name of the group, where it is known: another one is not the array that is meant. */
  group?: string | undefined;
}

/** One management session on an array. */
export interface ArraySession {
  /** From the first packet to the prompt. */
  loginMs: number;
  /**
   * The lines that a command prints.
   * @throws {ArrayFailure} of kind `missing` or `refused` for what the array says in its answer
   * @throws {SshFailure} when no answer comes, as `ShellSession.read` does
   */
  ask(command: string): Promise<string[]>;
}

/**
 * Does something in one management session of an array, and logs out whatever happens: a session that is left behind is one less for Cinder.
 * There is at most one of this process on an array at a time.
 * @throws {ArrayFailure} when the array refuses the session or another group answers
 * @throws {SshFailure} when it cannot be logged in to
 */
export const withArraySession = <T>(
  ssh: SshTransport,
  array: ArrayTarget,
  signal: AbortSignal,
  use: (session: ArraySession) => Promise<T>,
): Promise<T> =>
  inTurn(`${array.target.address}:${array.target.port}`, signal, async () => {
    const { target, group } = array;
    const began = performance.now();
    const limitMs = target.connectTimeoutMs + ANSWER_MS;
    const shell = await ssh.shell(target, { limitMs, signal });
    try {
      const line = new CommandLine(shell, target.name, performance.now() + SESSION_MS);
      await line.arrive(group);
      const loginMs = performance.now() - began;
      for (const setting of SETTINGS) await line.set(setting);
      return await use({ loginMs, ask: (command) => line.ask(command) });
    } finally {
      await shell.close('logout\r');
    }
  });

/** The command line of an array, one command at a time. */
class CommandLine {
  readonly #shell: ShellSession;
  readonly #array: string;
  readonly #deadline: number;
  #prompt = PROMPT;

  constructor(shell: ShellSession, array: string, deadline: number) {
    this.#shell = shell;
    this.#array = array;
    this.#deadline = deadline;
  }

  /** Waits for the first prompt, which says whose command line it is. */
  async arrive(group: string | undefined): Promise<void> {
    const greeting = await this.#hear(new RegExp(`${PROMPT.source}|${REFUSAL_LINE.source}`));
    const refusal = REFUSAL_LINE.exec(greeting)?.[1];
    if (refusal !== undefined) {
      throw new ArrayFailure(
        'refused',
        `the array ${this.#array} lets nobody in: ${said(refusal)}`,
        `see who is logged in to ${this.#array}; a cinder-backup that was left running is the first to stop`,
      );
    }
    const name = PROMPT.exec(greeting)?.[1] ?? '';
    if (group !== undefined && name !== group) {
      throw new ArrayFailure(
        'unreadable',
        `${this.#array} is the group ${name}, and not ${group}`,
        'correct its address, or audit.eqlx.group in ostler.yaml',
      );
    }
    this.#prompt = new RegExp(`(?:^|[\\r\\n])${name.replaceAll('.', '\\.')}> `);
  }

  /** A setting that this account may not change, or this firmware does not have, costs comfort and nothing else. */
  async set(setting: string): Promise<void> {
    await this.ask(setting).catch((error: unknown) => {
      if (!(error instanceof ArrayFailure) || error.kind === 'silent') throw error;
    });
  }

  async ask(command: string): Promise<string[]> {
    // Events, and prompts that were printed again after them, belong to no answer.
    await this.#shell.read(/^[\s\S]*$/, ANSWER_MS);
    this.#shell.type(`${command}\r`);
    const lines = (await this.#answer()).split(/[\r\n]+/);
    const echo = lines.findIndex((line) => line.trimEnd().endsWith(command));
    const answer = lines.slice(echo + 1, -1).filter((line) => line.trim() !== '');
    const missing = answer.find((line) => /does not exist\.\s*$/.test(line));
    const refusal = missing ?? REFUSAL.exec(answer.join('\n'))?.[1];
    if (refusal === undefined) return answer;
    throw new ArrayFailure(
      missing === undefined ? 'refused' : 'missing',
      `the array ${this.#array} answers \`${command}\` with: ${said(refusal)}`,
      `log in to ${this.#array} and try \`${command}\``,
    );
  }

  /** Everything up to the next prompt. A page that waits for a key gets one. */
  async #answer(): Promise<string> {
    let answer = '';
    for (;;) {
      answer += await this.#hear(new RegExp(`${this.#prompt.source}|${PAGER.source}`, 'i'));
      if (!PAGER.test(answer)) return answer;
      answer = answer.replace(PAGER, '');
      this.#shell.type(' ');
    }
  }

  /** A failure of the shell tells also what the array said last: whoever reads it has nothing else to go by. */
  async #hear(end: RegExp): Promise<string> {
    const leftMs = Math.max(1, this.#deadline - performance.now());
    try {
      return await this.#shell.read(end, Math.min(ANSWER_MS, leftMs));
    } catch (error) {
      if (!(error instanceof SshFailure) || error.kind === 'cancelled') throw error;
      const last = said(this.#shell.unread.slice(-MOST_SAID));
      const what = error.kind === 'timed-out' ? 'shows no prompt' : 'ended the session';
      throw new ArrayFailure(
        'silent',
        `the array ${this.#array} ${what}${last === '' ? ', and said nothing' : `; it last said: ${last}`}`,
        `log in to ${this.#array} and see what it says`,
      );
    }
  }
}

const said = (text: string): string => redact(text).replace(/\s+/g, ' ').trim().slice(0, MOST_SAID);
