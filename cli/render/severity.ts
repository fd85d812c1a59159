import pc from 'picocolors';
import type { Severity } from '../../domain/severity.js';

/** `ok`, `warn` or `error` in its colour. */
export function severityWord(severity: Severity, colour: boolean): string {
  const { green, yellow, red } = pc.createColors(colour);
  return { ok: green, warn: yellow, error: red }[severity](severity);
}
