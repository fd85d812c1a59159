import {
  type ApplicationText,
  type ArgumentParseError,
  ArgumentScannerError,
  formatMessageForArgumentScannerError,
  text_en,
} from '@stricli/core';
import { CliError, UsageError } from './exit.js';
import { explain } from './explain.js';
import { errorText } from './render/error.js';

/**
 * What stricli prints when a command line is wrong or a command fails: our two lines, whatever the error.
 * @param failed is told of each error, for `--json`
 * @param debug adds stack traces
 */
export function errorTexts(failed: (failure: CliError) => void, debug: boolean): ApplicationText {
  const stopped = (error: unknown, colour: boolean): string => {
    const failure = explain(error);
    failed(failure);
    return errorText(failure, { colour, debug });
  };
  return {
    ...text_en,
    noCommandRegisteredForInput: ({ input, corrections, ansiColor }) => {
      const tryNext = corrections.length > 0 ? `did you mean ${corrections.join(' or ')}?` : 'see `ostler --help`';
      return stopped(new UsageError(`there is no command "${input}"`, tryNext), ansiColor);
    },
    exceptionWhileParsingArguments: (error, colour) => stopped(misuse(error), colour),
    exceptionWhileLoadingCommandFunction: stopped,
    exceptionWhileLoadingCommandContext: stopped,
    exceptionWhileRunningCommand: stopped,
    commandErrorResult: stopped,
  };
}

/** A wrong command line. A parser that knows what to try next says so itself, by throwing a {@link CliError}. */
function misuse(error: unknown): CliError {
  if (!(error instanceof ArgumentScannerError)) return explain(error);
  let known: CliError | undefined;
  const unreadable = ({ externalFlagNameOrPlaceholder: name, input, exception }: ArgumentParseError): string => {
    if (exception instanceof CliError) known = exception;
    const where = name === name.toUpperCase() ? name : `--${name}`;
    return `${where} "${input}": ${exception instanceof Error ? exception.message : String(exception)}`;
  };
  const what = formatMessageForArgumentScannerError(error, { ArgumentParseError: unreadable });
  return known ?? new UsageError(what, 'see --help');
}
