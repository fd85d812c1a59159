import type { ControllerSite } from '../../../activities/controllers/site.js';
import type { RunOnHost } from '../../../activities/hosts.js';
import type { RunResult } from '../../../activities/ssh/types.js';
import type { Observer } from '../../../activities/systemd/observe.js';
import type { Survey } from '../../../domain/controllers.js';
import type { SiteInventory } from '../../../inventory/load.js';
import { controllerNodes } from '../../domain/controller-samples.js';
import { anInventory } from '../../domain/samples.js';

/** What a command on a host came to, when it printed this. */
export const printed = (stdout: string, exitCode = 0): RunResult => ({
  exitCode,
  stdout,
  stderr: '',
  truncated: false,
});

const nobody = () => Promise.reject(new Error('nobody may be asked here'));

/** A site whose surveys are these, one after the other and the last for ever, and whose hosts answer by `run`. */
export function fakeSite({
  surveys,
  run = nobody,
  powerStatus,
  observer = { probe: nobody, sweep: nobody, namesOn: () => undefined },
}: {
  surveys: readonly Survey[];
  run?: RunOnHost;
  powerStatus?: string[];
  observer?: Observer;
}): ControllerSite & { taken: number } {
  const inventory = anInventory(controllerNodes);
  if (powerStatus) inventory.cluster.powerStatus = powerStatus;
  const site = {
    taken: 0,
    inventory: {
      ...inventory,
      node: (name: string) => controllerNodes.find((one) => one.name === name),
    } as SiteInventory,
    controllers: controllerNodes,
    namesOf: (node: string) => [node],
    listed: inventory.cluster.backends,
    run,
    observer,
    askCluster: nobody,
    keeper: {
      acquire: () => Promise.resolve({ granted: true as const }),
      renew: () => Promise.resolve(true),
      release: () => Promise.resolve(),
      ownerRuns: () => Promise.resolve(true),
    },
    survey: () => Promise.resolve(surveys[Math.min(site.taken++, surveys.length - 1)] ?? []),
  };
  return site;
}
