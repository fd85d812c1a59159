import type { Survey } from '../../domain/controllers.js';
import { allLeft } from '../../domain/failover.js';
import { nooutLeft } from '../ceph/left.js';
import { invalidRequest, planRefused } from '../failures.js';
import type { ControllerSite } from './site.js';
import { NOBODY_LISTENS } from './steps.js';

/**
 * What operations, or people, have left on the controllers, and of noout in Ceph: one line for each, as a run that took it would have noted it.
 * Changes nothing.
 * @throws {ApplicationFailure} InvalidRequest for another cloud; PlanRefused when a controller, or Ceph, does not say what is there
 */
export async function findLeft(site: ControllerSite, cloud: string, signal: AbortSignal): Promise<string[]> {
  if (cloud !== site.inventory.cloud)
    throw invalidRequest(`this worker looks after the cloud ${site.inventory.cloud}, not ${cloud}`);
  const survey = await site.survey(signal, 'haproxy');
  const why = whyNotWhole(survey);
  if (why) throw planRefused(why);
  return [...allLeft(survey), ...(await nooutLeft(site, signal))];
}

/** Why a survey cannot tell everything that is left on the controllers; undefined when it can. */
function whyNotWhole(survey: Survey): string | undefined {
  for (const { controller, cluster, haproxy } of survey) {
    if (cluster.state === 'unread') return cluster.why;
    if (haproxy.state === 'silent' && !NOBODY_LISTENS.test(haproxy.why))
      return `HAProxy on ${controller} does not answer: ${haproxy.why}`;
  }
  return survey.length > 0 && !survey.some(({ attributes }) => attributes)
    ? 'no controller says which marks the nodes carry'
    : undefined;
}
