import { setTimeout as sleep } from 'node:timers/promises';
import { clusterFindings } from '../../domain/cluster-findings.js';
import { memberNames } from '../../domain/controller-commands.js';
import { isAtRest } from '../../domain/controller-troubles.js';
import type { Survey } from '../../domain/controllers.js';
import type { Node } from '../../domain/inventory.js';
import type { SiteInventory } from '../../inventory/load.js';
import type { RunOnHost } from '../hosts.js';
import type { Keeper } from '../keeper.js';
import type { AskCluster } from '../pacemaker/ask.js';
import type { Observer } from '../systemd/observe.js';
import { createSurvey, type TakeSurvey } from './survey.js';
import type { Depth } from './survey-script.js';

export interface ControllerDeps {
  inventory: SiteInventory;
  run: RunOnHost;
  keeper: Keeper;
  observer: Observer;
  askCluster: AskCluster;
}

/** The controllers of a site: who they are, and how they are asked. */
export interface ControllerSite extends ControllerDeps {
  controllers: Node[];
  survey: TakeSurvey;
  /** The names under which sudo lets a controller be put into standby. */
  namesOf(node: string): string[];
  /** The backends that sudo lets a server be taken out of. */
  listed: string[];
}

export function createControllerSite(deps: ControllerDeps): ControllerSite {
  const { inventory, run, askCluster } = deps;
  return {
    ...deps,
    controllers: inventory.nodes.filter(({ roles }) => roles.includes('controller')),
    survey: createSurvey({ inventory, run, askCluster }),
    namesOf: (node) => memberNames(inventory.node(node)),
    listed: inventory.cluster.backends,
  };
}

/** A transition ends within the timeouts of what it starts and stops; most do so in a second. */
const AT_REST_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 500;

/** A survey of everything, taken when Pacemaker has nothing to do, or after a minute in which it always had: its gate says so then. */
export async function surveyAtRest({ survey }: Pick<ControllerSite, 'survey'>, signal: AbortSignal): Promise<Survey> {
  const deadline = Date.now() + AT_REST_WITHIN_MS;
  for (;;) {
    const seen = await survey(signal);
    if (isAtRest(seen) || Date.now() > deadline) return seen;
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}

/** A controller that boots sees nobody for a while; a broken network lasts longer, and is for a person. */
const AGREED_WITHIN_MS = 180_000;

/**
 * A survey under which something may be undone, or why it may not: without a quorum, or in a cluster whose halves disagree, a change would be
 * lost or do harm (domain reference, D 5). What passes by itself is waited for.
 */
export async function surveyToUndo(
  { survey }: Pick<ControllerSite, 'survey'>,
  signal: AbortSignal,
  depth: Depth,
): Promise<{ survey: Survey; stop?: string }> {
  const deadline = Date.now() + AGREED_WITHIN_MS;
  for (;;) {
    const seen = await survey(signal, depth);
    const stop = whyNotUndo(seen);
    if (stop === undefined) return { survey: seen };
    if (Date.now() > deadline) return { survey: seen, stop };
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}

function whyNotUndo(survey: Survey): string | undefined {
  const answers = survey.map(({ cluster }) => cluster);
  const found = clusterFindings(answers).find(({ kind }) => kind === 'split' || kind === 'no-quorum');
  if (found) return `${found.what}: ${found.evidence}`;
  if (!answers.some(({ state }) => state === 'read')) return 'no controller says how it sees the cluster';
  return undefined;
}
