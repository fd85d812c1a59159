import type { UnitVerb } from '../../domain/unit-change.js';
import type { OstlerContext } from '../context.js';
import { launchServices, standsForSeveral } from '../runs/service-request.js';
import type { ServiceFlags } from './service-flags.js';

/** `ostler service start|stop|enable|disable`: plan, show, ask, start, watch. */
export const changing = (verb: UnitVerb) =>
  async function changeService(this: OstlerContext, flags: ServiceFlags, target: string): Promise<void> {
    const each = standsForSeveral(target, flags.on);
    await launchServices(this, flags, { operation: verb, target, each });
  };
