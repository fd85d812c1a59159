import { globMatches, isGlob } from './glob.js';
import type { Node, Role } from './inventory.js';

/**
 * Which hosts: `compute-*,!compute-7` or `domain=rack-a&label.gen=2`. Terms separated by commas add up, `&` narrows
 * a term, and a leading `!` takes hosts away, whatever its place.
 */
export interface Selection {
  include: Condition[][];
  exclude: Condition[][];
}

export type Condition =
  | { kind: 'name'; glob: string }
  | { kind: 'role'; role: string }
  | { kind: 'domain'; domain: string }
  | { kind: 'label'; key: string; value: string };

/** What is wrong with a selection; `known` are the values that would have been right, for a suggestion. */
export class SelectionError extends Error {
  constructor(
    message: string,
    readonly unknown?: { value: string; known: readonly string[] },
  ) {
    super(message);
    this.name = 'SelectionError';
  }
}

const CONDITION = /^(?:(role|domain|label\.([A-Za-z0-9._-]+))=)?([A-Za-z0-9._*?-]+)$/;

/**
 * Parses a selection without looking at any inventory.
 * @throws {SelectionError} for empty text, an empty term or a term outside the grammar
 */
export function parseSelection(text: string): Selection {
  const selection: Selection = { include: [], exclude: [] };
  if (text.trim() === '')
    throw new SelectionError('the selection is empty; name hosts, or leave --on out for every host of the role');
  for (const term of text.split(',').map((part) => part.trim())) {
    const negated = term.startsWith('!');
    const conditions = (negated ? term.slice(1) : term).split('&').map((part) => parseCondition(part.trim(), term));
    selection[negated ? 'exclude' : 'include'].push(conditions);
  }
  return selection;
}

function parseCondition(text: string, term: string): Condition {
  const [, prefix, key, value] = CONDITION.exec(text) ?? [];
  if (value === undefined)
    throw new SelectionError(`"${term}" is not a selection; see \`ostler restart --help\` for the forms it can take`);
  if (prefix === 'role') return { kind: 'role', role: value };
  if (prefix === 'domain') return { kind: 'domain', domain: value };
  return key === undefined ? { kind: 'name', glob: value } : { kind: 'label', key, value };
}

/**
 * The nodes a selection names among those of `role`, or of any role without one, in inventory order. A selection of only exclusions
 * starts from all of these.
 * @throws {SelectionError} for an unknown node, role, domain or label, a host named outright that lacks the role, and
 * a selection that leaves nothing
 */
export function select(selection: Selection, nodes: readonly Node[], role?: Role): Node[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const conditions = [...selection.include, ...selection.exclude].flat();
  for (const condition of conditions) requireKnown(condition, nodes, byName);
  if (role) for (const condition of selection.include.flat()) requireRole(condition, byName, role);

  const ofRole = role ? nodes.filter((node) => node.roles.includes(role)) : nodes;
  const included = selection.include.length === 0 ? () => true : anyOf(selection.include);
  const excluded = anyOf(selection.exclude);
  const chosen = ofRole.filter((node) => included(node) && !excluded(node));
  if (chosen.length === 0)
    throw new SelectionError(
      `no host${role ? ` with the role ${role}` : ''} is left by this selection; an empty selection is never taken for "all"`,
    );
  return chosen;
}

/** One test for many terms. Names written out are looked up: a list of thousands of failed hosts must not take seconds. */
function anyOf(terms: readonly Condition[][]): (node: Node) => boolean {
  const names = new Set(terms.map(plainName));
  const others = terms.filter((term) => plainName(term) === undefined);
  return (node) => names.has(node.name) || others.some((all) => all.every((one) => matches(one, node)));
}

/** The host that a term names outright, when it does nothing else. */
function plainName([only, ...more]: readonly Condition[]): string | undefined {
  return only?.kind === 'name' && more.length === 0 && !isGlob(only.glob) ? only.glob : undefined;
}

function matches(condition: Condition, node: Node): boolean {
  switch (condition.kind) {
    case 'name':
      return globMatches(condition.glob, node.name);
    case 'role':
      return node.roles.some((role) => role === condition.role);
    case 'domain':
      return globMatches(condition.domain, node.failureDomain);
    case 'label':
      // Own labels only: every object has a `constructor`.
      return (
        Object.hasOwn(node.labels, condition.key) && globMatches(condition.value, node.labels[condition.key] as string)
      );
  }
}

function requireKnown(condition: Condition, nodes: readonly Node[], byName: ReadonlyMap<string, Node>): void {
  if (condition.kind === 'name' && byName.has(condition.glob)) return;
  if (nodes.some((node) => matches(condition, node))) return;
  const { what, value, known } = meantBy(condition, nodes);
  throw new SelectionError(`${what} ${value} is not in the inventory`, { value, known: [...new Set(known)] });
}

/** What a condition asks for, and what there is of that kind. */
function meantBy(condition: Condition, nodes: readonly Node[]): { what: string; value: string; known: string[] } {
  switch (condition.kind) {
    case 'name': {
      const what = isGlob(condition.glob) ? 'a node like' : 'the node';
      return { what, value: condition.glob, known: nodes.map(({ name }) => name) };
    }
    case 'role':
      return { what: 'the role', value: condition.role, known: nodes.flatMap(({ roles }) => roles) };
    case 'domain': {
      const known = nodes.map(({ failureDomain }) => failureDomain);
      return { what: 'the failure domain', value: condition.domain, known };
    }
    case 'label': {
      const known = nodes.flatMap(({ labels }) => Object.entries(labels).map(([key, value]) => `${key}=${value}`));
      return { what: 'the label', value: `${condition.key}=${condition.value}`, known };
    }
  }
}

function requireRole(condition: Condition, byName: ReadonlyMap<string, Node>, role: Role): void {
  if (condition.kind !== 'name' || isGlob(condition.glob)) return;
  const node = byName.get(condition.glob);
  if (node && !node.roles.includes(role))
    throw new SelectionError(`${node.name} has the roles ${node.roles.join(', ')}, not ${role}`);
}
