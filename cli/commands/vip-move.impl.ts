import { actorOf, cloudOf, type OstlerContext, reasonOf } from '../context.js';
import { controllerRequest } from '../runs/controller-request.js';
import { LOOKING, launch } from '../runs/launch.js';
import type { VipMoveFlags } from './vip-move.js';

/** `ostler vip move`: plan, show, ask, start, watch. */
export async function vipMove(this: OstlerContext, flags: VipMoveFlags, vip: string): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const reason = flags.dryRun && flags.reason === undefined ? LOOKING : await reasonOf(this, flags);
  const { to } = flags;
  const question = `Move ${vip} of ${cloud} to ${to}?`;
  await launch(this, flags, {
    cloud,
    question,
    request: () => controllerRequest('move', vip, { to }, { cloud, actor: actorOf(this, flags), reason }),
    agreement: () => question,
  });
}
