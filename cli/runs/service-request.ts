import { listed } from '../../domain/names.js';
import type { ServiceOperation } from '../../domain/service-parts.js';
import { ALL_MODULES, servicesCalled } from '../../domain/services.js';
import type { OstlerContext } from '../context.js';
import type { ActorFlags } from '../flags.js';
import { count } from '../render/text.js';
import { type LaunchFlags, launch, whoAsks } from './launch.js';
import { type RolloutFlags, rolloutRequest } from './request.js';

/** Whether a target has services on hosts of several roles, each of which is a run of its own. A selection says which role is meant. */
export const standsForSeveral = (target: string, on: string | undefined): boolean =>
  target === ALL_MODULES ||
  (on === undefined && new Set(servicesCalled(target).flatMap(({ roles }) => roles)).size > 1);

/** Plans, shows, asks, starts and watches an operation on services. @param each as one run for each module and role */
export async function launchServices(
  context: OstlerContext,
  flags: RolloutFlags & LaunchFlags & ActorFlags,
  { operation, target, each }: { operation: ServiceOperation; target: string; each: boolean },
): Promise<void> {
  const who = await whoAsks(context, flags);
  const { cloud } = who;
  const deed = `${operation.charAt(0).toUpperCase()}${operation.slice(1)} ${target}`;
  await launch(context, flags, {
    cloud,
    question: `${deed} of ${cloud}?`,
    request: () => ({
      ...rolloutRequest(target, flags, { ...who, now: context.now() }),
      operation,
      ...(each && { each: true as const }),
    }),
    agreement: ({ nodes }) =>
      each
        ? `${deed} of ${cloud}, in ${count(nodes.length, 'run')}?`
        : `${deed} on ${count(nodes.length, 'host')} of ${cloud}?`,
    typed: ({ units }) =>
      units?.outages && { why: `${listed(units.outages)} will run on no controller.`, word: target },
  });
}
