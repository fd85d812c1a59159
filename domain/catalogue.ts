import type { Distribution, Role } from './inventory.js';

/** Raised whenever an entry changes what a plan would do; part of every plan hash. */
export const CATALOGUE_VERSION = 1;

/** One managed thing and what is known about it. Adding a service is adding an entry here. */
export interface CatalogueEntry {
  /** What an operator types. */
  id: string;
  /** The module of the cloud it belongs to, as in the domain reference. */
  module: string;
  role: Role;
  /** Unit names by distribution, best known first. A node's own is the one in use there. */
  units: Record<Distribution, readonly string[]>;
  /** Catalogue ids that must be active on the same host, where installed, before this one is touched. */
  needs: readonly string[];
  /** The binary under which the service reports to the Nova API, where it does. */
  computeService?: string;
  /** How long a restart may take before the outcome is called unknown (still starting), in milliseconds. */
  startDeadlineMs: number;
  /** How long after its restart a unit may take to be proven well, soak included, in milliseconds. */
  verifyDeadlineMs: number;
}

const kolla = (container: string): string => `kolla-${container}-container.service`;

const entries: readonly CatalogueEntry[] = [
  {
    id: 'libvirtd',
    module: 'nova',
    role: 'compute',
    units: {
      rdo: ['libvirtd.service', 'virtqemud.service'],
      debian: ['libvirtd.service', 'virtqemud.service'],
      kolla: [kolla('nova_libvirt')],
    },
    needs: [],
    startDeadlineMs: 120_000,
    verifyDeadlineMs: 120_000,
  },
  {
    id: 'nova-compute',
    module: 'nova',
    role: 'compute',
    units: {
      rdo: ['openstack-nova-compute.service'],
      debian: ['nova-compute.service'],
      kolla: [kolla('nova_compute')],
    },
    needs: ['libvirtd'],
    computeService: 'nova-compute',
    // systemd's default TimeoutStopSec is 90 s and nova-compute may use all of it to finish what it is doing.
    startDeadlineMs: 180_000,
    // nova calls a service up for service_down_time (60 s by default); twice that is the domain reference's deadline.
    verifyDeadlineMs: 120_000,
  },
];

/** Every catalogue entry by id. */
export const catalogue: ReadonlyMap<string, CatalogueEntry> = new Map(entries.map((entry) => [entry.id, entry]));

/** The names a site may type where a distribution's own unit name stands for a catalogue id (`openstack-nova-compute`). */
export const aliases: ReadonlyMap<string, string> = new Map(
  entries.flatMap((entry) =>
    Object.values(entry.units)
      .flat()
      .flatMap((unit) => [unit, unit.replace(/\.service$/, '')])
      .filter((name) => name !== entry.id)
      .map((name) => [name, entry.id] as const),
  ),
);

/**
 * The unit names an entry may have on a node, in the order in which they are tried.
 * @param own the site's own names for this entry (`units:` of ostler.yaml)
 * @param hint the node's or the site's distribution; without one every distribution's names are tried
 */
export function candidateUnits(entry: CatalogueEntry, own: readonly string[], hint?: Distribution): string[] {
  const known = hint ? entry.units[hint] : [...entry.units.rdo, ...entry.units.debian, ...entry.units.kolla];
  return [...new Set([...own, ...known])];
}
