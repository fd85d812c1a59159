/** RFC 1123 host name, at most 253 characters, labels of letters, digits and inner hyphens. Never starts with `-`. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** systemd.unit(5): the characters a unit name may hold, of the types Ostler acts on; never a leading `-`. */
const UNIT_NAME = /^[A-Za-z0-9_:.][A-Za-z0-9_:.@\\-]{0,240}\.(?:service|target|socket)$/;

/** Names of clouds, failure domains and labels: a word that is safe in workflow ids, queue names and tables. */
const WORD = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** An intent (design, rule 1): the name of one restart, and the only part of a sudo command line that varies. */
const INTENT = /^[0-9a-f]{16}$/;

/** True for a host name after RFC 1123. */
export const isHostName = (text: string): boolean => HOST_NAME.test(text);

/** True for a systemd unit name with its type suffix, such as `nova-compute.service`. */
export const isUnitName = (text: string): boolean => UNIT_NAME.test(text);

/** True for a cloud, failure domain or label word. */
export const isWord = (text: string): boolean => WORD.test(text);

/** True for 16 lower-case hexadecimal digits. */
export const isIntent = (text: string): boolean => INTENT.test(text);

const collator = new Intl.Collator('en', { numeric: true });

/**
 * Natural order: `compute-2` before `compute-10`. The locale is fixed, so that every worker sorts alike, and only equal texts
 * are equal: `rack-1` and `rack-01`, which are the same number, have an order too.
 */
export const naturalOrder = (a: string, b: string): number => collator.compare(a, b) || (a === b ? 0 : a < b ? -1 : 1);

/** `a, b, c and 4 more` when there are more than `most`. */
export function listed(names: readonly string[], most = 8): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
