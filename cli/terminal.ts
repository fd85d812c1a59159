import type { Io } from './context.js';
import { CliError, EXIT, UsageError } from './exit.js';

/** Asks on the terminal of `process`; the prompts are loaded when the first question is asked. */
export function terminalOf({ stdin, stdout, stderr, env }: NodeJS.Process): Io {
  const isTerminal = Boolean(stdin.isTTY && stderr.isTTY);
  const refuse = (question: string, instead: string): never => {
    throw new UsageError(`there is no terminal to ask "${question}"`, instead);
  };
  return {
    stdout: (text) => void stdout.write(text),
    stderr: (text) => void stderr.write(text),
    isTerminal,
    isLive: Boolean(stderr.isTTY) && env.TERM !== 'dumb',
    isColour: Boolean(stdout.isTTY && stderr.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb',
    get columns() {
      return stderr.columns ?? stdout.columns ?? 80;
    },
    async confirm(question) {
      if (!isTerminal) return refuse(question, 'add --yes to answer with yes');
      const { confirm } = await import('@clack/prompts');
      return answered(await confirm({ message: question, initialValue: false, output: stderr }));
    },
    async ask(question) {
      if (!isTerminal) return refuse(question, 'give the answer as a flag; see --help');
      const { text } = await import('@clack/prompts');
      const validate = (line: string | undefined) => (line?.trim() ? undefined : 'Please write something');
      return answered(await text({ message: question, validate, output: stderr })).trim();
    },
  };
}

/** Takes an answer apart from clack's sign for Ctrl-C. */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (typeof answer === 'symbol') throw new CliError(EXIT.interrupted, 'interrupted; nothing was started');
  return answer as Exclude<T, symbol>;
}
