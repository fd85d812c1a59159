import type { InventoryProblem } from '../problems.js';
import type { Settings } from './ansible-tree.js';
import type { Login } from './hosts.js';
import { parseJump } from './jump.js';
import { wordsOf } from './words.js';
import { isMap, VAULTED } from './yaml-text.js';

/** How Ansible reaches a host, as far as Ostler can do the same. */
export interface Reach {
  address?: string;
  ssh: Login;
  /** What Ansible connects by: SSH, nothing as it runs on the host itself, or something else. */
  by: 'ssh' | 'local' | 'other';
  omissions: InventoryProblem[];
}

/** Ansible's variables for one thing; of several that are set, the last counts. */
const VARIABLES = {
  address: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  identityFile: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  connection: ['ansible_connection'],
} as const;

const PASSWORDS = ['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'];
const ARGUMENTS = ['ansible_ssh_common_args', 'ansible_ssh_extra_args'];
const SSH = ['ssh', 'smart', 'paramiko', 'paramiko_ssh'];

/** Reads a host's variables. What is encrypted, an expression of Jinja, or no plain value is left out, and said. */
export function reachOf(settings: Settings): Reach {
  const omissions: InventoryProblem[] = [];
  const omit = (name: string, reason: string): void => {
    const setting = settings.get(name);
    if (setting === undefined) return;
    const { value: _, ...place } = setting;
    omissions.push({ ...place, reason: `not taken over: ${reason}` });
  };
  const plain = (name: string): string | undefined => {
    const { text, reason } = read(settings.get(name)?.value);
    if (reason !== undefined) omit(name, reason);
    return text;
  };
  const last = (names: readonly string[]): string | undefined =>
    names.map(plain).findLast((value) => value !== undefined);

  for (const name of PASSWORDS) omit(name, 'Ostler logs in with a key file or an agent');
  const address = last(VARIABLES.address);
  const port = last(VARIABLES.port);
  const user = last(VARIABLES.user);
  const identityFile = last(VARIABLES.identityFile);
  const connection = last(VARIABLES.connection)?.split('.').at(-1) ?? 'ssh';
  const ssh: Login = {
    ...(user !== undefined && { user }),
    ...(port !== undefined && Number(port) !== 22 && { port: Number(port) }),
    ...(identityFile !== undefined && { identityFile }),
  };
  for (const name of ARGUMENTS) {
    const jump = jumpIn(plain(name) ?? '') ?? 'none';
    if (jump === 'none') continue;
    const proxyJump = parseJump(jump);
    if (proxyJump) ssh.proxyJump = proxyJump;
    else omit(name, 'it is a way through more or other than one bastion; write proxyJump yourself');
  }
  return {
    ...(address !== undefined && { address }),
    ssh,
    by: connection === 'local' ? 'local' : SSH.includes(connection) ? 'ssh' : 'other',
    omissions,
  };
}

/** A value as text, or why it cannot be used; neither for one that is not set. */
function read(value: unknown): { text?: string; reason?: string } {
  if (value === undefined || value === null) return {};
  if (value === VAULTED || (isMap(value) && '__ansible_vault' in value)) return { reason: ENCRYPTED };
  if (typeof value !== 'string' && typeof value !== 'number') return { reason: 'it is no text' };
  const text = String(value);
  if (text.startsWith('$ANSIBLE_VAULT')) return { reason: ENCRYPTED };
  return /\{[{%#]/.test(text) ? { reason: 'it is an expression of Jinja' } : { text };
}

const ENCRYPTED = 'it is encrypted by the vault';

/** The value of ProxyJump or ProxyCommand in options of ssh. */
function jumpIn(text: string): string | undefined {
  const words = wordsOf(text, { comments: false }) ?? [];
  for (const [index, word] of words.entries()) {
    const [, flag, value] = /^-([Jo])(.*)$/s.exec(word) ?? [];
    if (flag === undefined) continue;
    const argument = value || (words[index + 1] ?? '');
    if (flag === 'J') return argument;
    const option = /^Proxy(?:Jump|Command)[\s=]+(.*)$/is.exec(argument)?.[1];
    if (option !== undefined) return option;
  }
  return undefined;
}
