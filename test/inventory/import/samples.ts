import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Imported, ImportedHost } from '../../../inventory/import/hosts.js';
import { describeProblem } from '../../../inventory/problems.js';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** Absolute path of a file in test/fixtures. */
export const fixture = (name: string): string => join(fixtures, name);

/** One line for each host, in the order of the source. */
export const lines = ({ hosts }: Pick<Imported, 'hosts'>): string[] =>
  hosts.map(({ name, address, roles, ssh }) => {
    const { user = '-', port = 22, identityFile = '-', proxyJump: jump } = ssh;
    const way = jump
      ? ` via ${[jump.user, jump.address, jump.port].filter((part) => part !== undefined).join(' ')}`
      : '';
    return `${name} ${address} ${roles.join(',')} ${user} ${port} ${identityFile}${way}`;
  });

/** What was left out, one line each, with paths from test/fixtures. */
export const omitted = ({ omissions }: Pick<Imported, 'omissions'>): string[] =>
  omissions.map((omission) => describeProblem(omission).replace(`${fixtures}/`, ''));

/** A host that Ostler could look after. */
export const host = (name: string, more: Partial<ImportedHost> = {}): ImportedHost => ({
  name,
  address: name,
  roles: ['compute'],
  origin: 'the group compute',
  at: { file: 'hosts' },
  ssh: {},
  ...more,
});
