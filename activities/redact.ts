/**
 * `password=x`, `token: "x"`, `Authorization: Bearer x`, `://user:pass@` and the like in the output of hosts (design, rule 8).
 * What is in doubt is taken for a part of the secret. Every repetition is bounded: a host may print a megabyte of anything.
 */

/** How the names of secrets end. */
const NAME = /(?:pass(?:word|wd|phrase)?|secret|token|(?:api|access|private|secret|encryption)[_-]?key)/.source;

/** A quote, with the backslashes that it has in JSON within JSON. */
const QUOTE = /\\{0,7}["']/.source;

/** From a name, which may end with a quote, to its value. */
const IS = `(?:${QUOTE})?\\s{0,9}[=:]>?\\s{0,9}`;

/** Up to the same quote with as many backslashes; one that was cut off has none. */
const QUOTED = /(?<open>\\{0,7}["'])(?:(?!(?<!\\)\k<open>).){0,10000}(?:\k<open>)?/.source;

/** Up to white space, or a quote or bracket that closes something: one before a letter is a part of the secret. */
const BARE = /(?:[^\s"')\]}>]|["')\]}>]{1,9}(?=\w)){1,10000}/.source;

/**
 * The password of a URL goes up to the last @ before a slash or white space. One transport_url of oslo.messaging lists several
 * brokers with a password each, `rabbit://nova:a@h1,nova:b@h2/`: there it goes up to the last one before the next `,user:`.
 */
const IN_URL = /((?:\/\/|,)[^\s:/@,]{0,100}:)[^\s/]{1,200}?@(?![^\s/@,]{0,200}(?:,[^\s:/@]{0,200})?@)/g;

const SECRETS: readonly [RegExp, string][] = [
  [new RegExp(`(${NAME}${IS})(?!\\[redacted\\])(?:${QUOTED}|${BARE})`, 'gi'), '$1[redacted]'],
  [new RegExp(`(authorization${IS}(?:${QUOTE})?(?:basic|bearer|token)\\s{1,9})${BARE}`, 'gi'), '$1[redacted]'],
  [IN_URL, '$1[redacted]@'],
];

/** The text with everything that looks like a credential replaced; what was replaced before stays as it is. */
export const redact = (text: string): string =>
  SECRETS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
