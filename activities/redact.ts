/**
 * `password=x`, `token: "x"`, `Authorization: Bearer x`, `://user:pass@` and the like in the output of hosts (design, rule 8).
 * One transport_url of oslo.messaging lists several brokers with a password each: `rabbit://nova:a@h1,nova:b@h2/`.
 * Every repetition is bounded: a host may print a megabyte of anything.
 */
const NAME = /[\w-]{0,40}(?:pass(?:word|wd|phrase)?|secret|token|(?:api|access|private)[_-]?key)/.source;
const VALUE = /"[^"\n]{0,500}"?|'[^'\n]{0,500}'?|[^\s"',;&]{1,500}/.source;
const SECRETS: readonly [RegExp, string][] = [
  [new RegExp(`\\b(${NAME}["']?\\s{0,9}[=:]\\s{0,9})(?:${VALUE})`, 'gi'), '$1[redacted]'],
  [/\b(authorization["']?\s{0,9}[=:]\s{0,9}["']?(?:basic|bearer|token)\s{1,9})[^\s"',;]{1,2000}/gi, '$1[redacted]'],
  [/((?:\/\/|,)[^\s:/@,]{0,100}:)[^\s@/]{1,200}@/g, '$1[redacted]@'],
];

/** The text with everything that looks like a credential replaced. */
export const redact = (text: string): string =>
  SECRETS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
