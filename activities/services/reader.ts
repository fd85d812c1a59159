import pLimit from 'p-limit';
import { type CatalogueEntry, candidateUnits, catalogue } from '../../domain/catalogue.js';
import type { ControllerAnswer } from '../../domain/cluster.js';
import { bestOf, type Vantage, vantagesOf } from '../../domain/cluster-vantage.js';
import type { IntentFacts } from '../../domain/intent.js';
import { resourceFor } from '../../domain/pacemaker-resources.js';
import { isEnabled, type UnitReading } from '../../domain/unit-change.js';
import type { ServiceReading } from '../../domain/unit-judgement.js';
import type { SiteInventory } from '../../inventory/load.js';
import { HostSilent, type RunOnHost, whyNot } from '../hosts.js';
import type { AskCluster } from '../pacemaker/ask.js';
import { redact } from '../redact.js';
import { inUse } from '../systemd/probe.js';
import { parseUnits, type UnitsRead, unitsScript } from './read-script.js';

/** Hosts read at the same time: enough to hide round trips, few enough for one worker's descriptors and CPU. */
const PARALLEL_READS = 64;

/** One host's services, by catalogue id; or why it said nothing. */
export type HostReading =
  | { bootId: string; units: Map<string, UnitReading | undefined>; read: UnitsRead }
  | { unreachable: string };

/** What Pacemaker runs, as far as it says so: by the best view of it that a controller has. */
export interface Clustered {
  /** The controllers that were asked. */
  controllers: readonly string[];
  vantage?: Vantage;
  /** Why nobody says what Pacemaker runs, though it is there. */
  silent?: string;
}

export interface ReaderDeps {
  inventory: SiteInventory;
  run: RunOnHost;
  askCluster: AskCluster;
}

/** Reads services of hosts: one exec a host, whatever is asked about it. */
export interface ServiceReader {
  /** @throws {SshFailure} {@link HostSilent} */
  readOne(
    node: string,
    entry: CatalogueEntry,
    options: { intent?: string; stayWith?: string | undefined; signal: AbortSignal },
  ): Promise<{ unit: UnitReading | undefined; bootId: string; intent?: IntentFacts }>;
  /** Reads many hosts; one that does not answer is a reading too. */
  readAll(
    nodes: readonly string[],
    entriesOf: (node: string) => readonly CatalogueEntry[],
    options: { containers?: boolean; signal: AbortSignal },
  ): Promise<Map<string, HostReading>>;
  /** Asks Pacemaker what it runs, where it runs at all. */
  readCluster(controllers: readonly string[], signal: AbortSignal): Promise<Clustered>;
}

export function createServiceReader({ inventory, run, askCluster }: ReaderDeps): ServiceReader {
  const hints = new Map(inventory.nodes.map((node) => [node.name, node.distribution]));
  const siteHint = inventory.distribution === 'auto' ? undefined : inventory.distribution;
  const candidatesOn = (node: string, entry: CatalogueEntry): string[] =>
    candidateUnits(entry, inventory.units[entry.id] ?? [], hints.get(node) ?? siteHint);

  async function read(
    node: string,
    asked: { units: readonly string[]; intent?: string; containers?: boolean },
    signal: AbortSignal,
  ): Promise<UnitsRead> {
    const { stdout, stderr, exitCode, truncated } = await run(node, unitsScript(asked), { limitMs: 60_000, signal });
    if (exitCode !== 0)
      throw new HostSilent(
        `${node}: systemd did not answer (exit ${exitCode}): ${redact((stderr || stdout).trim()).slice(0, 200)}`,
      );
    if (truncated) throw new HostSilent(`${node}: the answer of systemctl show was cut short`);
    return parseUnits(stdout, asked);
  }

  const chosen = (found: UnitsRead, names: readonly string[], stayWith?: string): UnitReading | undefined =>
    inUse(
      names.flatMap((name) => found.units.get(name) ?? []),
      stayWith,
    );

  return {
    async readOne(node, entry, { intent, stayWith, signal }) {
      const names = candidatesOn(node, entry);
      const found = await read(node, { units: names, ...(intent && { intent }) }, signal);
      return {
        unit: chosen(found, names, stayWith),
        bootId: found.bootId,
        ...(found.intent && { intent: found.intent }),
      };
    },

    async readAll(nodes, entriesOf, { containers = false, signal }) {
      const limit = pLimit(PARALLEL_READS);
      const readNode = async (node: string): Promise<[string, HostReading]> => {
        const named = entriesOf(node).map((entry) => [entry.id, candidatesOn(node, entry)] as const);
        const units = [...new Set(named.flatMap(([, names]) => names))];
        try {
          const found = await read(node, { units, containers }, signal);
          return [
            node,
            {
              bootId: found.bootId,
              units: new Map(named.map(([id, names]) => [id, chosen(found, names)])),
              read: found,
            },
          ];
        } catch (error) {
          if (signal.aborted) throw error;
          return [node, { unreachable: whyNot(error) }];
        }
      };
      return new Map(await Promise.all(nodes.map((node) => limit(readNode, node))));
    },

    async readCluster(controllers, signal) {
      const answers = await Promise.all(controllers.map((one) => askCluster(one, signal)));
      const vantage = bestOf(vantagesOf(answers));
      const silent = vantage === undefined ? await whySilent(answers, signal) : undefined;
      return { controllers, ...(vantage && { vantage }), ...(silent !== undefined && { silent }) };
    },
  };

  /**
   * Why nobody says what Pacemaker runs, undefined where there is none that could. One that is stopped knows what it will start, and
   * systemd must not have started it before.
   */
  async function whySilent(answers: readonly ControllerAnswer[], signal: AbortSignal): Promise<string | undefined> {
    for (const answer of answers) {
      if (answer.state === 'read') continue;
      try {
        const names = candidatesOn(answer.controller, pacemaker);
        const unit = chosen(await read(answer.controller, { units: names }, signal), names);
        if (unit && (unit.active !== 'inactive' || isEnabled(unit))) return answer.why;
      } catch (error) {
        if (signal.aborted) throw error;
      }
    }
    return undefined;
  }
}

const pacemaker = catalogue.get('pacemaker') as CatalogueEntry;

/** What of a host's services systemd runs and what Pacemaker, by catalogue id. */
export function servicesOn(
  node: string,
  entries: readonly CatalogueEntry[],
  seen: HostReading | undefined,
  { controllers, vantage, silent }: Clustered,
): Map<string, ServiceReading> {
  const isMember = vantage?.view.nodes.some(({ name }) => vantage.nameOf(name) === node) ?? false;
  const isSilent = silent !== undefined && controllers.includes(node);
  return new Map(
    entries.map((entry): [string, ServiceReading] => {
      if (seen === undefined || 'unreachable' in seen)
        return [entry.id, { state: 'unreachable', why: seen?.unreachable ?? 'it was not read' }];
      const resource = isMember && vantage ? resourceFor(vantage.view, entry) : undefined;
      if (resource !== undefined) return [entry.id, { state: 'clustered', resource }];
      // Any unit may be a resource; of Pacemaker's own it is known that none is.
      if (isSilent && entry.module !== pacemaker.module)
        return [entry.id, { state: 'unreachable', why: `Pacemaker does not say whether it runs it: ${silent}` }];
      const unit = seen.units.get(entry.id);
      return [entry.id, { state: 'read', ...(unit && { unit }) }];
    }),
  );
}
