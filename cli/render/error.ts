import pc from 'picocolors';
import type { CliError } from '../exit.js';
import { printable } from './text.js';

/** An error as JSON; see docs/json.md. */
export interface ErrorDocument {
  error: { exitCode: number; what: string; tryNext?: string };
}

/** Two lines: what happened, what to try. With `debug` also the stack of what caused it. */
export function errorText(
  { what, tryNext, cause, stack }: CliError,
  style: { colour: boolean; debug: boolean },
): string {
  const { red, dim } = pc.createColors(style.colour);
  const lines = what.split('\n').map(printable);
  const text = [red(lines.join('\n')), ...(tryNext === undefined ? [] : [dim(`  → ${printable(tryNext)}`)])];
  if (style.debug) text.push((cause instanceof Error ? cause.stack : undefined) ?? stack ?? '');
  return text.join('\n');
}

export const errorDocument = ({ exitCode, what, tryNext }: CliError): ErrorDocument => ({
  error: { exitCode, what, ...(tryNext !== undefined && { tryNext }) },
});
