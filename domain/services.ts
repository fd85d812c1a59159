import { aliases, type CatalogueEntry, catalogue, modules } from './catalogue.js';
import type { Role } from './inventory.js';
import type { UnitVerb } from './unit-change.js';

/** What an operator types for every module. */
export const ALL_MODULES = 'all';

/** The services that a name stands for, whatever their roles, in the order of their starts; none where it is unknown. */
export function servicesCalled(name: string): readonly CatalogueEntry[] {
  if (name === ALL_MODULES) return [...catalogue.values()];
  const entry = catalogue.get(aliases.get(name) ?? name);
  return modules.get(name) ?? (entry ? [entry] : []);
}

/** A name that stands for that service alone, and not for a module with others in it. */
export const namesOne = (name: string): boolean => servicesCalled(name).length === 1;

/** What was typed, and whether it stood for more before it was divided. */
export interface Called {
  target: string;
  unnamed?: true;
}

/** The service was asked for by its own name, be that the name of its module, too. */
export const isNamed = ({ target, unnamed }: Called, { id }: Pick<CatalogueEntry, 'id'>): boolean =>
  !unnamed && (namesOne(target) || target === id);

/** What has to be down before a service is stopped on the same host, and so is stopped with it: whatever needs it there. */
export function dependentsOf(entries: readonly CatalogueEntry[], role: Role): CatalogueEntry[] {
  const found = new Set(entries.map(({ id }) => id));
  // In the order of starts what needs another comes after it, so that one pass finds all.
  for (const one of catalogue.values())
    if (one.roles.includes(role) && one.needs.some((need) => found.has(need))) found.add(one.id);
  return [...catalogue.values()].filter(({ id }) => found.has(id) && !entries.some((entry) => entry.id === id));
}

/**
 * The services that a change of what `name` stands for is about on hosts of a role, in the order in which they are changed: that of their starts,
 * and its reverse to stop and to disable (domain reference, B9).
 */
export function servicesFor(verb: UnitVerb, name: string, role: Role): CatalogueEntry[] {
  const named = servicesCalled(name).filter(({ roles }) => roles.includes(role));
  const also = verb === 'stop' ? dependentsOf(named, role) : [];
  const wanted = new Set([...named, ...also]);
  const ordered = [...catalogue.values()].filter((entry) => wanted.has(entry));
  return verb === 'stop' || verb === 'disable' ? ordered.reverse() : ordered;
}

/** What a plan to change services says beside its hosts. */
export interface UnitsForecast {
  /** In the order in which it is done on a host: the service, on how many hosts, and what else goes with it. */
  steps: string[];
  /** What of the target is left out, and why. */
  leftOut: string[];
  /** What Pacemaker runs nowhere afterwards: services, by catalogue id. */
  outages?: string[];
}
