import { ALL_CONTROLLERS } from '../../domain/plan.js';
import { servicesCalled } from '../../domain/services.js';
import type { OstlerContext } from '../context.js';
import { UsageError } from '../exit.js';
import { launchServices } from '../runs/service-request.js';
import restart from './restart.impl.js';
import type { ServiceFlags } from './service-flags.js';

/**
 * `ostler service restart`: the restart that `ostler restart` has for it. On controllers that is one of all, each out of HAProxy meanwhile; elsewhere
 * it is one of a single service; and what stands for several of these is one run after the other.
 */
export async function restartService(this: OstlerContext, flags: ServiceFlags, target: string): Promise<void> {
  const called = servicesCalled(target);
  const may = called.filter(({ never, onDemand }) => never === undefined && !onDemand);
  if (may.length === 0)
    throw new UsageError(
      `${target} is not restarted: ${called.map(({ id, never }) => `${id}: ${never ?? 'it runs only while there is work for it'}`).join('; ')}`,
    );
  const [only, ...more] = may;
  if (only && more.length === 0 && only.turns) return restart.call(this, flags, only.id);
  if (may.every(({ roles }) => roles.every((role) => role === 'controller')))
    return restart.call(this, { ...flags, module: target }, ALL_CONTROLLERS);
  if (only && more.length === 0 && only.roles.length === 1) return restart.call(this, flags, only.id);
  await launchServices(this, flags, { operation: 'restart', target, each: true });
}
