/** `password=x`, `token: x`, `://user:pass@` and the like in the output of hosts (design, rule 8). */
const SECRETS: readonly [RegExp, string][] = [
  [/\b((?:[\w-]*(?:password|passwd|secret|token|api[_-]?key))["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi, '$1[redacted]'],
  [/(:\/\/[^\s:/@]*:)[^\s@/]+@/g, '$1[redacted]@'],
];

/** The text with everything that looks like a credential replaced. */
export const redact = (text: string): string =>
  SECRETS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
