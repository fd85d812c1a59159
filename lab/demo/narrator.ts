import pc from 'picocolors';
import type { Stage } from './stage.js';
import { SharedTerminal } from './terminal.js';

/** Whether somebody looks on, and a live picture can be redrawn. */
export const isTerminal = Boolean(process.stdout.isTTY) && process.env.TERM !== 'dumb';
const colours = pc.createColors(isTerminal && !process.env.NO_COLOR);
export const { bold, dim, green, red, yellow } = colours;

export const terminal = new SharedTerminal((text) => void process.stdout.write(text));

export function say(...lines: string[]): void {
  for (const line of lines) terminal.say(line);
}

export const step = (line: string): void => say(`${colours.cyan('●')} ${line}`);

/** The lines of a verdict, each of which begins with ✓ or ✗. */
export function judged(lines: readonly string[]): void {
  for (const line of lines) say(`  ${(line.startsWith('✓') ? green : red)(line.charAt(0))}${line.slice(1)}`);
}

/** A person at the keyboard: what they type is shown, and so is what Ostler says to it. */
export class Operator {
  constructor(
    private readonly stage: Stage,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Runs a command that has the screen until it ends. @returns its exit code */
  onScreen(...args: string[]): Promise<number> {
    say('');
    typed(args);
    terminal.begin(isTerminal);
    const columns = isTerminal ? process.stdout.columns : undefined;
    const { ended } = this.stage.ostler(args, this.env, (text) => terminal.pass(text), columns);
    return ended.finally(() => terminal.end());
  }

  /**
   * Runs a short command while another may have the screen.
   * @throws when it does not end with 0
   */
  async aside(...args: string[]): Promise<void> {
    typed(args);
    let answer = '';
    const { ended } = this.stage.ostler(args, this.env, (text) => {
      answer += text;
    });
    const code = await ended;
    say(...answer.trimEnd().split('\n'), '');
    if (code !== 0) throw new Error(`\`ostler ${args[0]}\` ended with exit code ${code}`);
  }
}

function typed(args: readonly string[]): void {
  const line = `$ ostler ${args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg)).join(' ')}`;
  say(bold(line.replace(' --reason', ' \\\n      --reason')));
}

/** What `act` comes to, unless the command ends before that. */
export const beforeItEnds = <T>(command: Promise<number>, act: Promise<T>): Promise<T> =>
  Promise.race([
    act,
    command.then((code) => {
      throw new Error(`\`ostler\` ended too early, with exit code ${code}`);
    }),
  ]);
