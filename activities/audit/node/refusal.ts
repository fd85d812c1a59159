import type { Role } from '../../../domain/inventory.js';

/** What sudo says when it does not let the account do something, or not without a terminal. */
const REFUSED =
  /^sudo: (?:a (?:terminal|password) is required|sorry, |.*not allowed)|is not (?:allowed|in the sudoers)/m;

/** Whether a read was refused by sudo, in words; undefined when it was not. */
export function refusal(text: string, roles: readonly Role[]): { what: string; next: string } | undefined {
  if (!REFUSED.test(text)) return undefined;
  return {
    what: 'sudo does not allow it',
    next: `install what ${sudoersOf(roles)} prints`,
  };
}

/** The commands that print the sudo rules of a node with these roles. */
export const sudoersOf = (roles: readonly Role[]): string =>
  roles.map((role) => `\`ostler sudoers --role ${role}\``).join(' and ');
