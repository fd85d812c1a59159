import { extname } from 'node:path';
import { isWord } from '../../domain/names.js';
import { InventoryError, type InventoryProblem } from '../problems.js';
import { didYouMean } from '../suggest.js';
import { parseIni } from './ansible-ini.js';
import { reachOf } from './ansible-login.js';
import { type PlacedHost, placedHosts, type Settings, type Tree, type VarsBeside } from './ansible-tree.js';
import { setAll, treeOf } from './ansible-yaml.js';
import type { Imported, ImportedHost } from './hosts.js';
import { type RoleRule, roleOfGroup, sortedRoles } from './roles.js';
import { isMap, readYaml } from './yaml-text.js';

const SAVE_LIST = 'save what `ansible-inventory -i FILE --list` prints as a .json file, and name that';

/**
 * Reads an Ansible inventory: INI, YAML, or what `ansible-inventory --list` prints.
 * @param file only named in messages, but for its ending, by which the form is told as Ansible does
 * @throws {InventoryError} with everything that cannot be read, and for a dynamic inventory
 */
export function parseAnsible(text: string, file: string): Tree {
  const refuse = (reason: string): never => {
    throw new InventoryError([{ file, path: '', reason }]);
  };
  if (text.startsWith('#!') || text.includes('\0')) return refuse(`is a program, which is not run; ${SAVE_LIST}`);
  const ending = extname(file).toLowerCase();
  if (ending === '.toml') return refuse(`is TOML, which is not read; ${SAVE_LIST}`);
  if (text.trim() === '') return refuse('is empty');
  const isJson = text.trimStart().startsWith('{');
  const isYaml = ['.yml', '.yaml', '.json'].includes(ending) || isJson;
  if (!isYaml && (ending !== '' || !looksLikeYaml(text))) return parseIni(text, file);
  const document = readYaml(text, file);
  if (!isMap(document)) return refuse('must be a map of groups');
  if ('plugin' in document) return refuse(`is the configuration of an inventory plugin; ${SAVE_LIST}`);
  return treeOf(document, file, isJson);
}

/** Whether the first line with content is `---` or begins with a key, as in no INI. */
function looksLikeYaml(text: string): boolean {
  const first = text.split('\n').find((line) => !/^\s*(?:#.*)?$/.test(line)) ?? '';
  return /^(?:---|["'\w.-]+:(?:\s|$))/.test(first);
}

/**
 * Reads a file of variables.
 * @returns undefined for one that is encrypted as a whole
 * @throws {InventoryError} when it is no map
 */
export function parseVars(text: string, file: string): Settings | undefined {
  if (text.startsWith('$ANSIBLE_VAULT')) return undefined;
  const settings: Settings = new Map();
  const document = readYaml(text, file) ?? {};
  if (!isMap(document)) throw new InventoryError([{ file, path: '', reason: 'must be a map of variables' }]);
  setAll(settings, document, file);
  return settings;
}

/**
 * The hosts of an Ansible inventory that have a role, by their groups, and how they are reached.
 * @param beside the variables of `group_vars/` and `host_vars/`
 * @param rules the roles of groups whose names do not say it
 * @throws {InventoryError} for a rule about a group that is not there
 */
export function hostsOfAnsible(tree: Tree, beside: VarsBeside, file: string, rules: readonly RoleRule[]): Imported {
  const unknown = rules.filter(({ of }) => !tree.groups.has(of));
  if (unknown.length > 0)
    throw new InventoryError(
      unknown.map(({ of }) => ({
        file,
        path: '',
        reason: `has no group ${JSON.stringify(of)}${didYouMean(of, tree.groups.keys()) ?? ''}`,
      })),
    );

  const rolesOf = groupRoles(tree, rules);
  const hosts: ImportedHost[] = [];
  const omissions: InventoryProblem[] = [];
  for (const host of placedHosts(tree, beside, file)) {
    const telling = ['all', ...host.groups].filter((group) => rolesOf(group).length > 0);
    if (telling.length === 0) {
      omissions.push({ file, path: host.name, reason: withoutRole(host) });
      continue;
    }
    const reach = reachOf(host.settings);
    omissions.push(...reach.omissions);
    if (reach.by === 'other') {
      omissions.push({ file, path: host.name, reason: 'left out: Ansible does not reach it by SSH' });
      continue;
    }
    const remark = remarkOn(host, reach);
    hosts.push({
      name: host.name,
      address: reach.address ?? host.name,
      roles: sortedRoles(telling.flatMap(rolesOf)),
      origin: `${telling.length === 1 ? 'the group' : 'the groups'} ${telling.sort().join(', ')}`,
      at: { file },
      ssh: reach.ssh,
      ...(remark !== undefined && { remark }),
    });
  }
  return { hosts, omissions };
}

/** The groups that an operator fills in; all others of Kolla's inventory name what could run there, deployed or not. */
const KOLLA = ['control', 'compute'];

/** The roles that a group says its hosts have. */
function groupRoles({ groups }: Tree, rules: readonly RoleRule[]): (group: string) => ImportedHost['roles'] {
  const isKolla = groups.has('baremetal') && groups.has('control');
  return (group) => {
    const said = rules.filter(({ of }) => of === group).map(({ role }) => role);
    const named = isKolla && !KOLLA.includes(group) ? undefined : roleOfGroup(group);
    return said.length > 0 || named === undefined ? said : [named];
  };
}

function withoutRole({ direct }: PlacedHost): string {
  const groups = direct.filter(isWord).sort();
  const group = groups.find((name) => name !== 'ungrouped');
  const hint = group === undefined ? '' : `; --role ${group}=ROLE gives it one`;
  return `left out: no group of it is known as a role of Ostler (${groups.join(', ')})${hint}`;
}

function remarkOn({ settings, name }: PlacedHost, { by, address }: ReturnType<typeof reachOf>): string | undefined {
  if (by === 'local') return 'Ansible reaches it without SSH: write its real name and address';
  if (address === undefined && (settings.has('ansible_host') || settings.has('ansible_ssh_host')))
    return 'its address could not be taken over: write it';
  return /^[\d.]+$/.test(name) ? 'named by its address: write the name that Nova has for it' : undefined;
}
