import type { Client } from '@temporalio/client';
import { ALL_CONTROLLERS, type RolloutRequest } from '../../domain/plan.js';
import { isFailure } from '../../domain/progress.js';
import type { OstlerContext } from '../context.js';
import { UsageError } from '../exit.js';
import { count } from '../render/text.js';
import { controllerRequest } from '../runs/controller-request.js';
import { findRun } from '../runs/find.js';
import { launch, whoAsks } from '../runs/launch.js';
import { readReport } from '../runs/report.js';
import { DEFAULT_SOAK_MS, rolloutRequest } from '../runs/request.js';
import type { RestartFlags } from './restart.js';

/** `ostler restart`: plan, show, ask, start, watch. */
export default async function restart(this: OstlerContext, flags: RestartFlags, target: string): Promise<void> {
  if (flags.on !== undefined && flags.failedOf !== undefined)
    throw new UsageError('--on and --failed-of both say which hosts', 'give one of them');
  if (flags.module !== undefined && target !== ALL_CONTROLLERS)
    throw new UsageError('--module is about controllers', `ostler restart ${ALL_CONTROLLERS} --module ${flags.module}`);
  if (flags.module !== undefined) return restartModule.call(this, flags, flags.module);
  const isReboot = target === ALL_CONTROLLERS;
  const { on, failedOf: ofRun, batch, spread, soak, maxFailures, maxUnavailable } = flags;
  if (isReboot && [on, ofRun, batch, spread, soak, maxFailures, maxUnavailable].some((flag) => flag !== undefined))
    throw new UsageError(
      'controllers are rebooted all, one at a time, and the first that fails stops it: of the flags about hosts none means anything here',
      'to take one out of service: ostler failover NODE',
    );
  const who = await whoAsks(this, flags);
  const { cloud } = who;
  const deed = isReboot ? 'Reboot' : `Restart ${target}`;

  await launch(this, flags, {
    cloud,
    question: isReboot ? `Reboot the controllers of ${cloud}?` : `Restart ${target} of ${cloud}?`,
    request: async (client): Promise<RolloutRequest> => {
      const on = flags.failedOf === undefined ? flags.on : await failedOf(client, flags.failedOf, cloud);
      return rolloutRequest(target, { ...flags, ...(on !== undefined && { on }) }, { ...who, now: this.now() });
    },
    agreement: ({ nodes }) => `${deed} on ${count(nodes.length, 'host')} of ${cloud}?`,
    typed: ({ outage }) => (outage === undefined ? undefined : { why: `${outage}.`, word: target }),
  });
}

/** Restarts a module of every controller, or of those that are selected. */
async function restartModule(this: OstlerContext, flags: RestartFlags, module: string): Promise<void> {
  const { failedOf: ofRun, batch, spread, maxFailures, maxUnavailable, promote, until } = flags;
  if ([ofRun, batch, spread, maxFailures, maxUnavailable, promote, until].some((flag) => flag !== undefined))
    throw new UsageError(
      'controllers take their turns one at a time, and the first that fails stops it: of the flags about hosts only --on means anything here',
    );
  const who = await whoAsks(this, flags);
  const { cloud } = who;
  await launch(this, flags, {
    cloud,
    question: `Restart ${module} on the controllers of ${cloud}?`,
    request: () => ({
      ...controllerRequest('restart', ALL_CONTROLLERS, { module }, who),
      ...(flags.on !== undefined && { selection: flags.on }),
      soakMs: flags.soak ?? DEFAULT_SOAK_MS,
      onFailure: flags.onFailure ?? 'pause',
    }),
    agreement: ({ nodes }) => `Restart ${module} on ${count(nodes.length, 'controller')} of ${cloud}?`,
  });
}

/** The failed hosts of another run, as a selection. */
async function failedOf(client: Client, reference: string, cloud: string): Promise<string> {
  const report = await readReport(client, await findRun(client, reference, cloud));
  if (report.cloud !== cloud)
    throw new UsageError(`${report.run} was in ${report.cloud}, not in ${cloud}`, `add --cloud ${report.cloud}`);
  const failed = report.hosts.filter(({ state }) => isFailure(state)).map(({ node }) => node);
  if (failed.length === 0)
    throw new UsageError(`no host failed in ${report.run}, so nothing is selected`, `ostler show ${report.run}`);
  return failed.join(',');
}
