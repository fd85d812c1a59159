import { entries } from './catalogue-entries.js';
import type { Distribution, Role } from './inventory.js';

/** Raised whenever an entry changes what a plan would do; part of every plan hash. */
export const CATALOGUE_VERSION = 5;

/** One managed thing and what is known about it. Adding a service is adding an entry (`catalogue-entries.ts`). */
export interface CatalogueEntry {
  /** What an operator types. */
  id: string;
  /** The module of the cloud it belongs to, as in the domain reference. */
  module: string;
  /** Roles of the hosts that it runs on. */
  roles: readonly [Role, ...Role[]];
  /** Unit names by distribution, best known first; none where a distribution does not have it. A node's own is the one in use there. */
  units: Record<Distribution, readonly string[]>;
  /** The resource by which Pacemaker runs it on controllers, where it does: then systemd must not. */
  resource?: string;
  /** Catalogue ids that must be active on the same host, where installed, before this one is touched. */
  needs: readonly string[];
  /** Catalogue ids that are restarted after it on the same host, where they run: they do not find it again by themselves. */
  brings?: readonly string[];
  /** The binary under which the service reports to the Nova API, where it does. */
  computeService?: string;
  /** Members of it need each other: it is restarted on one controller at a time, and on the next when all are back. */
  inTurn?: true;
  /** Its hosts take their turns one at a time, by a procedure of its own. */
  turns?: OwnTurns;
  /** No host of its roles does without it. */
  everywhere?: true;
  /** It runs only while there is work for it, and is no trouble when it does not. */
  onDemand?: true;
  /** Why Ostler does not restart it, and what does. */
  never?: string;
  /** How long a restart may take before the outcome is called unknown (still starting), in milliseconds. */
  startDeadlineMs: number;
  /** How long after its restart a unit may take to be proven well, soak included, in milliseconds. */
  verifyDeadlineMs: number;
}

/** How the hosts of an entry take their turns when it is restarted. */
export interface OwnTurns {
  /** The system whose procedure it is: it says who may go, and when all is back. */
  by: 'ceph' | 'mongodb';
  /** What holds while a host has its turn, and what the next one waits for, for people. */
  between: string;
  /** It takes something for a host that has to be put back, whatever happens: who cannot is asked. */
  putsBack?: true;
}

/** Every catalogue entry by id, in the order in which they start (domain reference, B9). */
export const catalogue: ReadonlyMap<string, CatalogueEntry> = new Map(entries.map((entry) => [entry.id, entry]));

/** How the hosts of a target take their turns, where that is a procedure of its own. */
export const turnsOf = (target: string): OwnTurns | undefined => catalogue.get(target)?.turns;

/** A resource with and without what says that it is a clone: `clone_p_mysql` and `p_mysql`. */
export const resourceNames = (resource: string): string[] => [
  ...new Set([resource, resource.replace(CLONE_PREFIX, '')]),
];

const CLONE_PREFIX = /^(?:clone|master)_/;

/** The catalogue id of what is banned from a controller under that name; undefined where no entry is. */
export const serviceOf = (resource: string): string | undefined =>
  entries.find((entry) => entry.resource === resource)?.id;

/**
 * The names a site may type where a distribution's own unit name, or a resource of Pacemaker, stands for a catalogue id
 * (`openstack-nova-compute`, `clone_p_mysql`). A web server stands for what is reached through it first, which is the last to start.
 */
export const aliases: ReadonlyMap<string, string> = new Map(
  entries.flatMap((entry) =>
    [
      ...Object.values(entry.units)
        .flat()
        .flatMap((unit) => [unit, unit.replace(/\.service$/, '')]),
      ...(entry.resource ? resourceNames(entry.resource) : []),
    ]
      .filter((name) => !catalogue.has(name))
      .map((name) => [name, entry.id] as const),
  ),
);

/** The modules of the catalogue, each with its entries in the order in which they start. */
export const modules: ReadonlyMap<string, readonly CatalogueEntry[]> = new Map(
  [...new Set(entries.map(({ module }) => module))].map((module) => [
    module,
    entries.filter((entry) => entry.module === module),
  ]),
);

/** The entries that a name stands for on hosts of a role: a module's, or the one of that id or unit name; none where it is unknown. */
export const entriesCalled = (name: string, role: Role): CatalogueEntry[] =>
  (modules.get(name) ?? [catalogue.get(aliases.get(name) ?? name)])
    .filter((entry) => entry !== undefined)
    .filter(({ roles }) => roles.includes(role));

const byUnit = new Map<string, Set<CatalogueEntry>>();
for (const entry of entries)
  for (const unit of Object.values(entry.units).flat()) byUnit.set(unit, (byUnit.get(unit) ?? new Set()).add(entry));

/** What else may live in the same unit, and goes down with it: a web server carries several services. */
export const sharersOf = (entry: CatalogueEntry, unit: string): string[] =>
  [...(byUnit.get(unit) ?? [])].filter((other) => other !== entry).map(({ id }) => id);

/** Several entries may live in it, so that it runs says nothing of any one of them. */
export const isShared = (unit: string): boolean => (byUnit.get(unit)?.size ?? 0) > 1;

/**
 * The unit names an entry may have on a node, in the order in which they are tried.
 * @param own the site's own names for this entry (`units:` of ostler.yaml)
 * @param hint the node's or the site's distribution; without one every distribution's names are tried
 */
export function candidateUnits(entry: CatalogueEntry, own: readonly string[], hint?: Distribution): string[] {
  const known = hint ? entry.units[hint] : [...entry.units.rdo, ...entry.units.debian, ...entry.units.kolla];
  return [...new Set([...own, ...known])];
}

/** What is restarted after an entry on the same host. */
export const broughtBy = ({ brings = [] }: CatalogueEntry): CatalogueEntry[] =>
  brings.flatMap((id) => catalogue.get(id) ?? []);
