import type { OstlerContext } from '../context.js';
import { controllerRequest } from '../runs/controller-request.js';
import { launch, whoAsks } from '../runs/launch.js';
import type { VipMoveFlags } from './vip-move.js';

/** `ostler vip move`: plan, show, ask, start, watch. */
export async function vipMove(this: OstlerContext, flags: VipMoveFlags, vip: string): Promise<void> {
  const who = await whoAsks(this, flags);
  const { to } = flags;
  const question = `Move ${vip} of ${who.cloud} to ${to}?`;
  await launch(this, flags, {
    cloud: who.cloud,
    question,
    request: () => controllerRequest('move', vip, { to }, who),
    agreement: () => question,
  });
}
