import pLimit from 'p-limit';
import { type CatalogueEntry, candidateUnits, catalogue } from '../../domain/catalogue.js';
import type { UnitFacts } from '../../domain/intent.js';
import type { HostCondition } from '../../domain/plan.js';
import type { SiteInventory } from '../../inventory/load.js';
import { HostSilent, nextStep, type RunOnHost, whyNot } from '../hosts.js';
import { redact } from '../redact.js';
import { type Probe, parseProbe, probeScript } from './probe.js';

/** Hosts read at the same time: enough to hide round trips, few enough for one worker's descriptors and CPU. */
const PARALLEL_READS = 64;

/** The read of one host: what it said, or why it said nothing and what to do about that. */
export type Observation = { probe: Probe } | { unreachable: string; next: string };

/** By what names a host knows a unit and what that needs. */
export interface UnitNames {
  unit: string;
  needs: string[];
}

export const namesOf = (unit: UnitFacts, needs: readonly UnitFacts[]): UnitNames => ({
  unit: unit.unit,
  needs: needs.map((need) => need.unit),
});

export interface Observer {
  /**
   * Reads one host.
   * @param options `stayWith` is the unit that was found before, where it must stay the same one
   * @throws {SshFailure} {@link HostSilent}
   */
  probe(
    node: string,
    entry: CatalogueEntry,
    options?: { intent?: string; stayWith?: string | undefined; signal?: AbortSignal },
  ): Promise<Probe>;
  /** Reads many hosts; one that does not answer is an observation too. */
  sweep(
    nodes: readonly string[],
    entry: CatalogueEntry,
    options?: { signal?: AbortSignal },
  ): Promise<Map<string, Observation>>;
  /** The names that the last read of a host found, where this process has read it. */
  namesOn(node: string, entry: CatalogueEntry): UnitNames | undefined;
}

/** Reads hosts through `run`, knowing which unit names an entry can have on which node. */
export function createObserver(inventory: SiteInventory, run: RunOnHost): Observer {
  const hints = new Map(inventory.nodes.map((node) => [node.name, node.distribution]));
  const names = new Map<string, UnitNames>();
  const siteHint = inventory.distribution === 'auto' ? undefined : inventory.distribution;

  const candidatesOn = (node: string, entry: CatalogueEntry): string[][] =>
    [entry, ...entry.needs.map((id) => catalogue.get(id) as CatalogueEntry)].map((one) =>
      candidateUnits(one, inventory.units[one.id] ?? [], hints.get(node) ?? siteHint),
    );

  const probe: Observer['probe'] = async (node, entry, { intent, stayWith, signal } = {}) => {
    const candidates = candidatesOn(node, entry);
    const { stdout, stderr, exitCode, truncated } = await run(node, probeScript(candidates, intent), {
      limitMs: 30_000,
      ...(signal && { signal }),
    });
    if (exitCode !== 0)
      throw new HostSilent(
        `${node}: systemd did not answer (exit ${exitCode}): ${redact((stderr || stdout).trim()).slice(0, 200)}`,
      );
    if (truncated) throw new HostSilent(`${node}: the answer of systemctl show was cut short`);
    const found = parseProbe(stdout, candidates, { intent, stayWith });
    if (found.unit) names.set(`${entry.id} ${node}`, namesOf(found.unit, found.needs));
    else names.delete(`${entry.id} ${node}`);
    return found;
  };

  return {
    probe,
    namesOn: (node, entry) => names.get(`${entry.id} ${node}`),
    async sweep(nodes, entry, { signal } = {}) {
      const limit = pLimit(PARALLEL_READS);
      const read = async (node: string): Promise<[string, Observation]> => {
        try {
          return [node, { probe: await probe(node, entry, signal && { signal }) }];
        } catch (error) {
          if (signal?.aborted) throw error;
          return [node, { unreachable: whyNot(error), next: nextStep(error, 'gives it its turn') }];
        }
      };
      return new Map(await Promise.all(nodes.map((node) => limit(read, node))));
    },
  };
}

/** What planning and budgets make of an observation. */
export function conditionOf(seen: Observation): HostCondition {
  if ('unreachable' in seen) return 'unreachable';
  const { unit } = seen.probe;
  if (!unit) return 'not-installed';
  if (unit.load === 'masked') return 'masked';
  return isUp(unit) ? 'active' : 'down';
}

/** In service: active, or reloading. */
export const isUp = (unit: UnitFacts): boolean => unit.active === 'active' || unit.active === 'reloading';
