import { type ControllerSite, sudoCommands } from './commands.js';
import type { Distribution, Role } from './inventory.js';

export interface SudoersRequest {
  role: Role;
  /** The account Ostler logs in with. */
  user: string;
  /** A site's own unit names by catalogue id (`units:` of ostler.yaml). */
  units?: Record<string, string[]>;
  /** Only that distribution's unit names. */
  distribution?: Distribution;
  /** The controllers and what is theirs; without it they may only be looked at. */
  site?: ControllerSite;
}

const POSIX_USER = /^[a-z_][a-z0-9_-]{0,31}$/;

/** EL7 and older ship `Defaults requiretty`, which would refuse every command that comes without a terminal. */
const noTty = (program: string): string => `Defaults!${program} !requiretty`;

/**
 * The sudoers fragment for the hosts of a role: one literal command line for each read that needs root there and for each unit that the
 * catalogue may restart, of which only the intent varies (design, rule 9).
 *
 * @returns the file's text, or undefined when nothing is done as root on hosts of this role
 * @throws RangeError for a user name that is none
 */
export function renderSudoers({ role, user, units = {}, distribution, site }: SudoersRequest): string | undefined {
  if (!POSIX_USER.test(user)) throw new RangeError(`not a user name: ${JSON.stringify(user)}`);
  const commands = sudoCommands(role, units, distribution, site);
  if (commands.length === 0) return undefined;
  const programs = new Set(commands.map((command) => command.split(' ', 1)[0] as string));
  const rules = commands.map((command) => rule(user, command));
  return [...header(role, user), ...[...programs].map(noTty), '', ...rules, ''].join('\n');
}

const rule = (user: string, command: string): string => `${user} ALL=(root) NOPASSWD: ${escapeCommand(command)}`;

/**
 * sudoers(5), "Command_Spec": `,` `:` `=` and `\` must be escaped in arguments. A backslash must be so twice, once for the file
 * and once for the pattern matching that follows. Brackets stay as they are: they are the intent's pattern.
 */
const escapeCommand = (command: string): string => command.replaceAll('\\', '\\\\\\\\').replace(/[,:=]/g, '\\$&');

const header = (role: Role, user: string): string[] => [
  `# What Ostler may do as root on hosts with the role ${role}, when it logs in as ${user}.`,
  '# Written by `ostler sudoers`: make changes there, then install the new file on every such host:',
  '#',
  `#   ostler sudoers --role ${role} --user ${user} > ostler-${role}`,
  `#   visudo -c -f ostler-${role}`,
  `#   install -o root -g root -m 0440 ostler-${role} /etc/sudoers.d/ostler-${role}`,
  '#',
  ...ACTS,
  '',
];

const ACTS = [
  '# Each line is one exact command. The sixteen bracketed digits are the name of one act, and PID 1 refuses the same',
  '# name twice, so a repeated or late command does nothing.',
];
