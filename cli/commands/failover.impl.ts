import { formatDuration } from '../../domain/duration.js';
import type { Hold } from '../../domain/failover.js';
import type { OstlerContext } from '../context.js';
import { UsageError } from '../exit.js';
import { controllerRequest } from '../runs/controller-request.js';
import { launch, whoAsks } from '../runs/launch.js';
import type { FailoverFlags } from './failover.js';

/** A hold lasts at most a day, unless somebody says otherwise. */
const HOLD_LIMIT_MS = 24 * 3_600_000;

/** `ostler failover`: plan, show, ask, start, watch. */
export async function failover(this: OstlerContext, flags: FailoverFlags, node: string): Promise<void> {
  const hold = holdOf(flags);
  const { dead, confirmOff, vipsHome, force } = flags;
  if (confirmOff && !dead) throw new UsageError('--confirm-off says that a dead controller has no power', 'add --dead');
  const who = await whoAsks(this, flags);
  const { cloud } = who;
  const request = controllerRequest(
    'failover',
    node,
    {
      ...(hold && { hold }),
      ...(dead && { dead: { confirmed: confirmOff ?? false } }),
      ...(vipsHome && { vipsHome }),
      ...(force && force.length > 0 && { force: [...force] }),
    },
    who,
  );
  await launch(this, flags, {
    cloud,
    question: `Take ${node} of ${cloud} out of service?`,
    request: () => request,
    agreement: () => `Take ${node} of ${cloud} out of service?`,
  });
}

/** @throws {UsageError} when two ways to end a hold are named, or a limit of more than was asked */
function holdOf({ hold, untilReturned, holdLimit, dead }: FailoverFlags): Hold | undefined {
  const limitMs = holdLimit ?? HOLD_LIMIT_MS;
  if (holdLimit !== undefined && hold === undefined && !untilReturned && !dead)
    throw new UsageError('--hold-limit limits a hold, and there is none', 'add --hold TIME or --until-returned');
  if (hold !== undefined && untilReturned)
    throw new UsageError('--hold and --until-returned both say when it comes back', 'give one of them');
  if (hold !== undefined && dead)
    throw new UsageError(
      'nobody knows when a dead controller can come back',
      'leave --hold out: it waits for `ostler return`',
    );
  if (hold !== undefined && hold > limitMs)
    throw new UsageError(
      `a hold of ${formatDuration(hold)} is longer than ${formatDuration(limitMs)}`,
      `if it must be longer, say so: --hold-limit with at least that time`,
    );
  if (hold !== undefined) return { kind: 'for', ms: hold };
  return untilReturned || dead ? { kind: 'until-returned', limitMs } : undefined;
}
