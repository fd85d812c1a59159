import pLimit from 'p-limit';
import { type CatalogueEntry, candidateUnits, catalogue } from '../../domain/catalogue.js';
import type { ControllerAnswer } from '../../domain/cluster.js';
import { clusterFindings } from '../../domain/cluster-findings.js';
import { bestOf, type Vantage, vantagesOf, vipsOf } from '../../domain/cluster-vantage.js';
import type { IntentFacts } from '../../domain/intent.js';
import { serviceOn } from '../../domain/pacemaker-resources.js';
import type { ClusterCondition, ResourceInCluster } from '../../domain/resource-judgement.js';
import { isEnabled, type UnitReading } from '../../domain/unit-change.js';
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
  /** Controllers that count themselves to a majority. */
  quorate: readonly string[];
  condition: ClusterCondition;
}

/** Where no controller is asked about. */
export const noCluster = (controllers: readonly string[]): Clustered => ({
  controllers,
  silent: new Map(),
  quorate: [],
  condition: { findings: [], vips: [] },
});

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
  /**
   * Asks Pacemaker for services that it runs on controllers, each of which is told in the order of the question; one that it does not run, as
   * nothing.
   * @throws {HostSilent} when no controller says, or only one without quorum
   */
  readResources(
    asked: readonly { node: string; entry: CatalogueEntry }[],
    signal: AbortSignal,
  ): Promise<(ResourceInCluster | undefined)[]>;
  /**
   * Reads what a host knows of an intent.
   * @throws {SshFailure} {@link HostSilent}
   */
  readIntent(node: string, intent: string, signal: AbortSignal): Promise<{ bootId: string; intent?: IntentFacts }>;
}

export function createServiceReader({ inventory, run, askCluster }: ReaderDeps): ServiceReader {
  const hints = new Map(inventory.nodes.map((node) => [node.name, node.distribution]));
  const siteHint = inventory.distribution === 'auto' ? undefined : inventory.distribution;
  const controllers = inventory.nodes.filter(({ roles }) => roles.includes('controller')).map(({ name }) => name);
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
      const quorate = answers.filter((answer) => answer.state === 'read' && answer.view.quorum === true);
      return {
        controllers,
        ...(vantage && { vantage }),
        silent,
        quorate: quorate.map(({ controller }) => controller),
        condition: vantage ? conditionOf(answers, vantage) : noCluster([]).condition,
      };
    },

    async readResources(asked, signal) {
      const answers = await Promise.all(controllers.map((one) => askCluster(one, signal)));
      const vantage = bestOf(vantagesOf(answers));
      if (vantage?.view.quorum !== true)
        throw new HostSilent(
          `no controller with quorum says what Pacemaker runs${answers.map((one) => (one.state === 'read' ? '' : `; ${one.why}`)).join('')}`,
        );
      const cluster = conditionOf(answers, vantage);
      return asked.map(({ node, entry }) => {
        const seen = serviceOn(vantage, node, entry);
        return seen && { ...seen, cluster };
      });
    },

    async readIntent(node, intent, signal) {
      const said = await read(node, { units: [], intent }, signal);
      return { bootId: said.bootId, ...(said.intent && { intent: said.intent }) };
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

const conditionOf = (answers: readonly ControllerAnswer[], vantage: Vantage): ClusterCondition => ({
  findings: clusterFindings(answers),
  vips: vipsOf(vantage),
});

const isMember = (node: string, vantage: Vantage | undefined): boolean =>
  vantage?.view.nodes.some(({ name }) => vantage.nameOf(name) === node) ?? false;

const pacemaker = catalogue.get('pacemaker') as CatalogueEntry;
