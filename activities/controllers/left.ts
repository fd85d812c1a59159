import type { Survey } from '../../domain/controllers.js';
import { allLeft } from '../../domain/failover.js';
import type { Left } from '../../domain/left.js';
import { nooutLeft } from '../ceph/left.js';
import { invalidRequest } from '../failures.js';
import type { ControllerSite } from './site.js';
import { NOBODY_LISTENS } from './steps.js';

/**
 * What operations, or people, have left on the controllers, and of noout in Ceph. Changes nothing.
 * @throws {ApplicationFailure} InvalidRequest for another cloud
 */
export async function findLeft(site: ControllerSite, cloud: string, signal: AbortSignal): Promise<Left> {
  if (cloud !== site.inventory.cloud)
    throw invalidRequest(`this worker looks after the cloud ${site.inventory.cloud}, not ${cloud}`);
  const [survey, ceph] = await Promise.all([site.survey(signal, 'haproxy'), nooutLeft(site, signal)]);
  const why = whyNotWhole(survey);
  const silent: Left['silent'] = [
    ...(why === undefined ? [] : [{ who: 'the controllers' as const, why }]),
    ...('why' in ceph ? [{ who: 'Ceph' as const, why: ceph.why }] : []),
  ];
  return { found: [...(why === undefined ? allLeft(survey) : []), ...('found' in ceph ? ceph.found : [])], silent };
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
