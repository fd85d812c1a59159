import { type CatalogueEntry, catalogue, modules, turnsOf } from './catalogue.js';
import type { Role } from './inventory.js';
import { ALL_CONTROLLERS, type RolloutRequest } from './plan.js';
import { namesOne, servicesCalled } from './services.js';
import type { UnitVerb } from './unit-change.js';

/** One run of several that an operation on many services is made of: the hosts of one role, and what of them it is about. */
export interface Part {
  /** A module, or of a restart that is not on controllers one service. */
  target: string;
  role: Role;
}

/** What a part is called, as if it were a host: `glance.controller`. No target has a dot, and no role. */
export const partName = ({ target, role }: Part): string => `${target}.${role}`;

export function partCalled(name: string): Part {
  const dot = name.lastIndexOf('.');
  return { target: name.slice(0, dot), role: name.slice(dot + 1) as Role };
}

/** The operations that many services may be asked for in one. */
export type ServiceOperation = UnitVerb | 'restart';

/** Everything that `name` stands for, in the order in which it is changed, and that may be (domain reference, B9: stop is the exact reverse). */
export function partsOf(operation: ServiceOperation, name: string, roles: readonly Role[]): Part[] {
  const called = servicesCalled(name);
  const backwards = operation === 'stop' || operation === 'disable';
  const places = called.flatMap((entry) => entry.roles.map((role) => ({ entry, role })));
  const parts = new Map<string, Part>();
  for (const { entry, role } of backwards ? places.reverse() : places) {
    if (!roles.includes(role) || (operation === 'restart' && !isRestarted(entry))) continue;
    const isAlone = operation === 'restart' && (role !== 'controller' || entry.turns !== undefined);
    const part = { target: isAlone ? entry.id : entry.module, role };
    // A service by its own name is meant alone, whatever module it is of.
    if (!modules.has(name) && called.length === 1) part.target = entry.id;
    if (!parts.has(partName(part))) parts.set(partName(part), part);
  }
  return [...parts.values()];
}

/** Those of other parts that bring a part with them, on the hosts where they run. */
export const bringersOf = ({ target, role }: Part, others: readonly Part[]): Part[] =>
  role === 'controller'
    ? []
    : others.filter((other) => other.role === role && (catalogue.get(other.target)?.brings ?? []).includes(target));

const isRestarted = ({ never, onDemand }: CatalogueEntry): boolean => never === undefined && !onDemand;

/** A part that stands still for a person would keep the others from anybody's eyes: it ends instead, and the whole asks. */
const PART_PATIENCE_MS = 1_000;

/** The request of one part: the first failure ends it, and whoever asked for the whole is asked what becomes of it. */
export function partRequest(
  { each: _each, expect: _expect, agreed: _agreed, ...whole }: RolloutRequest,
  part: Part,
): RolloutRequest {
  const { target, role } = part;
  const own: RolloutRequest = { ...whole, target, role, maxFailures: 0, onFailure: 'abort', promote: false };
  const turns = turnsOf(target);
  // A module of one service has the name of that; whoever asked for all has not meant it by that.
  if ((whole.operation !== 'restart' || turns) && !namesOne(whole.target) && whole.target !== target)
    own.unnamed = true;
  if (whole.operation === 'restart' && role === 'controller' && !turns) {
    const { batch: _batch, spread: _spread, maxUnavailable: _maxUnavailable, ...request } = own;
    // One that cannot be put back is for a person, for as long as the whole waits.
    return { ...request, target: ALL_CONTROLLERS, controller: { module: target } };
  }
  if (turns) {
    // They are one at a time, whatever was said about the others.
    const { batch: _batch, ...request } = own;
    return turns.putsBack ? request : { ...request, pauseDeadlineMs: PART_PATIENCE_MS };
  }
  return { ...own, pauseDeadlineMs: PART_PATIENCE_MS };
}
