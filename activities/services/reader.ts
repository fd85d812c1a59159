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
  /** Controllers on which Pacemaker may run anything, and why nobody says what. */
  silent: ReadonlyMap<string, string>;
}

/** Where no controller is asked about. */
export const noCluster = (controllers: readonly string[]): Clustered => ({ controllers, silent: new Map() });

export interface ReaderDeps {
  inventory: SiteInventory;
  run: RunOnHost;
  askCluster: AskCluster;
}

/** Reads services of hosts: one exec a host, whatever is asked about it. */
export interface ServiceReader {
  /**
   * Reads one service, in the unit in which it was found before.
   * @throws {SshFailure} {@link HostSilent}
   */
  readOne(
    node: string,
    entry: CatalogueEntry,
    options: { intent?: string; signal: AbortSignal },
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
  /** The units in which services were last found. */
  const found = new Map<string, string>();
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

  /** @param stays it must be the unit that was found before, as long as that is there */
  function chosen(
    read: UnitsRead,
    [node, id]: readonly [node: string, id: string],
    names: readonly string[],
    { stays }: { stays: boolean },
  ): UnitReading | undefined {
    const key = `${id} ${node}`;
    const unit = inUse(
      names.flatMap((name) => read.units.get(name) ?? []),
      stays ? found.get(key) : undefined,
    );
    if (unit) found.set(key, unit.unit);
    else found.delete(key);
    return unit;
  }

  return {
    async readOne(node, entry, { intent, signal }) {
      const names = candidatesOn(node, entry);
      const said = await read(node, { units: names, ...(intent && { intent }) }, signal);
      return {
        unit: chosen(said, [node, entry.id], names, { stays: true }),
        bootId: said.bootId,
        ...(said.intent && { intent: said.intent }),
      };
    },

    async readAll(nodes, entriesOf, { containers = false, signal }) {
      const limit = pLimit(PARALLEL_READS);
      const readNode = async (node: string): Promise<[string, HostReading]> => {
        const named = entriesOf(node).map((entry) => [entry.id, candidatesOn(node, entry)] as const);
        const units = [...new Set(named.flatMap(([, names]) => names))];
        try {
          const said = await read(node, { units, containers }, signal);
          return [
            node,
            {
              bootId: said.bootId,
              units: new Map(named.map(([id, names]) => [id, chosen(said, [node, id], names, { stays: false })])),
              read: said,
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
      const silent = await silentOn(answers, vantage, signal);
      return { controllers, ...(vantage && { vantage }), silent };
    },
  };

  /**
   * The controllers of which no view tells what Pacemaker runs there, though it may. Where there is no view at all, a Pacemaker on one of them
   * keeps us off all: one that is stopped knows what it will start, and systemd must not have started it before.
   */
  async function silentOn(
    answers: readonly ControllerAnswer[],
    vantage: Vantage | undefined,
    signal: AbortSignal,
  ): Promise<Map<string, string>> {
    const open = answers.filter(({ controller }) => !isMember(controller, vantage));
    const asked = await Promise.all(open.map(async (answer) => ({ ...(await clusterOn(answer, signal)), ...answer })));
    const silent = new Map(
      asked.flatMap(({ controller, may }) => (may === undefined ? [] : [[controller, may] as const])),
    );
    const there = asked.find(({ isThere }) => isThere)?.may;
    if (vantage || there === undefined) return silent;
    return new Map(answers.map(({ controller }) => [controller, silent.get(controller) ?? there]));
  }

  /** Why Pacemaker may run something on a controller that no view tells of; nothing where it is not there, or out of use. */
  async function clusterOn(answer: ControllerAnswer, signal: AbortSignal): Promise<{ may?: string; isThere?: true }> {
    const { controller } = answer;
    if (answer.state === 'read') {
      const members = answer.view.nodes.map(({ name }) => name).join(', ');
      return { may: `none of its members (${members}) can be told to be ${controller}: name it alike in ostler.yaml` };
    }
    try {
      const names = candidatesOn(controller, pacemaker);
      const said = await read(controller, { units: names }, signal);
      const unit = chosen(said, [controller, pacemaker.id], names, { stays: false });
      return unit && (unit.active !== 'inactive' || isEnabled(unit)) ? { may: answer.why, isThere: true } : {};
    } catch (error) {
      if (signal.aborted) throw error;
      return { may: whyNot(error) };
    }
  }
}

const isMember = (node: string, vantage: Vantage | undefined): boolean =>
  vantage?.view.nodes.some(({ name }) => vantage.nameOf(name) === node) ?? false;

const pacemaker = catalogue.get('pacemaker') as CatalogueEntry;

/** What of a host's services systemd runs and what Pacemaker, by catalogue id. */
export function servicesOn(
  node: string,
  entries: readonly CatalogueEntry[],
  seen: HostReading | undefined,
  { vantage, silent }: Clustered,
): Map<string, ServiceReading> {
  const why = silent.get(node);
  return new Map(
    entries.map((entry): [string, ServiceReading] => {
      if (seen === undefined || 'unreachable' in seen)
        return [entry.id, { state: 'unreachable', why: seen?.unreachable ?? 'it was not read' }];
      const resource = vantage && isMember(node, vantage) ? resourceFor(vantage.view, entry) : undefined;
      if (resource !== undefined) return [entry.id, { state: 'clustered', resource }];
      // Any unit may be a resource; of Pacemaker's own it is known that none is.
      if (why !== undefined && entry.module !== pacemaker.module)
        return [entry.id, { state: 'unreachable', why: `Pacemaker does not say whether it runs it: ${why}` }];
      const unit = seen.units.get(entry.id);
      return [entry.id, { state: 'read', ...(unit && { unit }) }];
    }),
  );
}
