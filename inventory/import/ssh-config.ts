import { SSHConfig } from 'ssh-config';
import { globMatches, isGlob } from '../../domain/glob.js';
import { InventoryError, type InventoryProblem } from '../problems.js';
import type { Imported, ImportedHost, Jump, Login, Place } from './hosts.js';
import { parseJump } from './jump.js';
import { type RoleRule, roleOfHost, sortedRoles } from './roles.js';

/** One directive of an ssh_config, and for an Include what the named files hold. */
export interface Directive {
  /** In lower case. */
  keyword: string;
  values: string[];
  at: Place;
  included: Directive[];
}

/**
 * Reads the lines of an ssh_config.
 * @throws {InventoryError} with every line that ssh would refuse; the text is never repeated
 */
export function parseSshConfig(text: string, file: string): Directive[] {
  const directives: Directive[] = [];
  const problems: InventoryProblem[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const at = { file, line: index + 1 };
    const directive = directiveOf(line.trim());
    if (directive === 'broken')
      problems.push({ ...at, path: '', reason: 'a keyword without a value, or a quote that is not closed' });
    else if (directive) directives.push({ ...directive, at, included: [] });
  }
  if (problems.length > 0) throw new InventoryError(problems);
  return directives;
}

/** A directive is one line, so that each is parsed by itself: a mistake then has its line. */
function directiveOf(line: string): Pick<Directive, 'keyword' | 'values'> | 'broken' | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  try {
    const [first] = SSHConfig.parse(line);
    if (first?.type !== SSHConfig.DIRECTIVE) return undefined;
    const values = Array.isArray(first.value) ? first.value.map(({ val }) => val) : [first.value];
    return values.every((value) => value !== '') ? { keyword: first.param.toLowerCase(), values } : 'broken';
  } catch {
    return 'broken';
  }
}

/**
 * The hosts that an ssh_config names outright and that have a role, by their names or the rules, and how they are reached.
 * @param rules roles by patterns of host names; where one fits, the name itself says nothing
 * @throws {InventoryError} for a pattern that fits no host
 */
export function hostsOfSshConfig(config: readonly Directive[], file: string, rules: readonly RoleRule[]): Imported {
  const names = namesIn(config);
  const idle = rules.filter(({ of }) => ![...names.keys()].some((name) => globMatches(of, name)));
  if (idle.length > 0)
    throw new InventoryError(
      idle.map(({ of }) => ({ file, path: '', reason: `names no host like ${JSON.stringify(of)}` })),
    );

  const hosts: ImportedHost[] = [];
  const omissions: InventoryProblem[] = unreadMatches(config);
  for (const [name, at] of names) {
    const telling = rules.filter(({ of }) => globMatches(of, name));
    const known = roleOfHost(name);
    const roles = telling.length === 0 && known ? [known] : telling.map(({ role }) => role);
    if (roles.length === 0) {
      omissions.push({
        ...at,
        path: name,
        reason: 'left out: its name says no role; --role PATTERN=ROLE gives it one',
      });
      continue;
    }
    const { address, ssh, unused } = reachOf(name, config);
    omissions.push(...unused.map((reason) => ({ ...at, path: name, reason })));
    const origin = telling.length > 0 ? `--role ${telling.map(({ of }) => of).join(', ')}` : 'their names';
    hosts.push({ name, address, roles: sortedRoles(roles), origin, at, ssh });
  }
  return { hosts, omissions };
}

/** Whether a Host line is about this name: one of its patterns fits, and none with a `!`. */
function isAbout(patterns: readonly string[], name: string): boolean {
  const fits = (pattern: string): boolean => globMatches(pattern, name);
  const refused = patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)));
  return !refused && patterns.some(fits);
}

/** Every name that a Host line has without a pattern, with its first place. What is included in a block is only about that block's hosts. */
function namesIn(config: readonly Directive[], within: (name: string) => boolean = () => true): Map<string, Place> {
  const names = new Map<string, Place>();
  let block = within;
  for (const { keyword, values, at, included } of config) {
    let found: Iterable<[string, Place]> = [];
    if (keyword === 'host') {
      block = (name) => within(name) && isAbout(values, name);
      found = values.filter((name) => !isGlob(name) && !name.startsWith('!') && block(name)).map((name) => [name, at]);
    } else if (keyword === 'match') block = (name) => within(name) && isAll(values);
    else if (keyword === 'include') found = namesIn(included, block);
    for (const [name, place] of found) if (!names.has(name)) names.set(name, place);
  }
  return names;
}

/** Of Match, only `Match all` can be known before ssh runs. */
const isAll = (criteria: readonly string[]): boolean => criteria.length === 1 && /^all$/i.test(criteria[0] ?? '');

const unreadMatches = (config: readonly Directive[]): InventoryProblem[] =>
  config.flatMap(({ keyword, values, at, included }) =>
    keyword === 'match' && !isAll(values)
      ? [{ ...at, path: 'Match', reason: 'not taken over: what holds only under conditions' }]
      : unreadMatches(included),
  );

/** What ssh would use for a name: of each keyword the first value that holds for it. */
function settingsOf(name: string, config: readonly Directive[]): Map<string, string> {
  const settings = new Map<string, string>();
  const read = (directives: readonly Directive[], within: boolean): void => {
    let holds = within;
    for (const { keyword, values, included } of directives) {
      if (keyword === 'host') holds = within && isAbout(values, name);
      else if (keyword === 'match') holds = within && isAll(values);
      else if (keyword === 'include') read(included, holds);
      else {
        // Whichever way through a proxy comes first keeps the other from being used.
        const key = keyword === 'proxycommand' ? 'proxyjump' : keyword;
        if (holds && !settings.has(key)) settings.set(key, values.join(' '));
      }
    }
  };
  read(config, true);
  return settings;
}

/** How a name is reached, and why of what ssh would use something is not taken over. */
interface Reach {
  address: string;
  ssh: Login;
  unused: string[];
}

function reachOf(name: string, config: readonly Directive[]): Reach {
  const settings = settingsOf(name, config);
  const unused: string[] = [];
  const { user, port } = { user: settings.get('user'), port: settings.get('port') };
  const address = filledIn(settings.get('hostname') ?? name, { '%h': name }) ?? name;
  const tokens = {
    '%d': '~',
    '%h': address,
    '%n': name,
    '%p': port ?? '22',
    ...(user !== undefined && { '%r': user }),
  };
  const ssh: Login = {
    ...(user !== undefined && { user }),
    ...(port !== undefined && Number(port) !== 22 && { port: Number(port) }),
  };
  const identityFile = settings.get('identityfile') ?? 'none';
  if (identityFile !== 'none') {
    const path = filledIn(identityFile, tokens);
    if (path === undefined) unused.push('its IdentityFile is not taken over: it has a token that only ssh fills in');
    else ssh.identityFile = path;
  }
  const proxy = settings.get('proxyjump') ?? 'none';
  if (proxy !== 'none') {
    const jump = bastionOf(proxy, config);
    if (jump) ssh.proxyJump = jump;
    else unused.push('its way through more or other than one bastion is not taken over: write proxyJump yourself');
  }
  return { address, ssh, unused };
}

/** The bastion of a ProxyJump, itself perhaps a Host of the file; undefined for a chain of several and for a ProxyCommand. */
function bastionOf(proxy: string, config: readonly Directive[]): Jump | undefined {
  const jump = parseJump(proxy);
  if (jump === undefined) return undefined;
  const { address: alias, ...said } = jump;
  if ((settingsOf(alias, config).get('proxyjump') ?? 'none') !== 'none') return undefined;
  const { address, ssh } = reachOf(alias, config);
  const { proxyJump: _, ...login } = ssh;
  return { address, ...login, ...said };
}

/** Text with its tokens filled in; undefined where one is unknown, or a variable of the environment. */
function filledIn(text: string, tokens: Readonly<Record<string, string>>): string | undefined {
  if (text.includes('${')) return undefined;
  const known: Readonly<Record<string, string>> = { ...tokens, '%%': '%' };
  const found = text.match(/%.?/g) ?? [];
  if (!found.every((token) => Object.hasOwn(known, token))) return undefined;
  return text.replace(/%./g, (token) => known[token] ?? token);
}
