import type { Check } from '../../domain/audit/check.js';
import { type Finding, worstOfEach } from '../../domain/audit/finding.js';
import { judgeApi } from '../../domain/audit/judge-apis.js';
import { type ApiModule, apis } from '../../domain/audit/openstack-apis.js';
import { openStackChecks } from '../../domain/audit/openstack-checks.js';
import type { OpenStackAuditSettings } from '../../domain/audit/openstack-settings.schema.js';
import { type Unasked, unasked } from '../../domain/audit/unasked.js';
import { openStackCredentials } from '../../inventory/openstack.js';
import { OpenStackFailure } from '../openstack/http.js';
import { createKeystone } from '../openstack/keystone.js';
import { createAskControllers, isOutage } from '../openstack/probe-apis.js';
import { createRest } from '../openstack/rest.js';
import { within } from '../openstack/within.js';
import type { CloudChecks } from './cloud-checks.js';
import { type AskedCloud, questionApi, questions } from './openstack-questions.js';

/**
 * The checks that ask the APIs of a cloud, with one token for all of them. Where the inventory has no credentials they are off, and
 * nothing is unknown.
 * @param settings `audit.openstack` of ostler.yaml
 * @param requestLimitMs limit for one request with its retries
 */
export const createOpenStackChecks = (settings: OpenStackAuditSettings, requestLimitMs?: number): CloudChecks => ({
  system: 'openstack',
  checks: openStackChecks,
  isAt: ({ openstack }) => openstack !== undefined,
  async find({ inventory }, wanted, limits, signal) {
    const readCredentials = openStackCredentials(inventory);
    if (readCredentials === undefined) return [];
    const cloud: AskedCloud = {
      rest: createRest(createKeystone(readCredentials, requestLimitMs)),
      askControllers: createAskControllers(inventory, settings, requestLimitMs),
      nodes: inventory.nodes,
      settings,
      limits,
    };
    const asked = openStackChecks.filter(({ id }) => wanted.includes(id));
    const found = await within(Promise.all(asked.map((check) => findingsOf(cloud, check))), signal);
    // Rows that are alike, such as several without a host, are one finding.
    return worstOfEach(found.flat());
  },
});

async function findingsOf(cloud: AskedCloud, check: Check): Promise<Finding[]> {
  // Checks of this file are about one API each.
  const module = check.module as ApiModule;
  const question = questions[check.id];
  try {
    const isThere = await cloud.rest.offers(module);
    if (!isThere && cloud.settings.required.includes(module)) return [absent(check, module, question === undefined)];
    // Keystone has given a token, whether it lists itself or not.
    if (!isThere) return [];
    return question ? await question(cloud, check) : await questionApi(cloud, module);
  } catch (error) {
    if (!(error instanceof OpenStackFailure)) throw error;
    if (check.id !== 'api-keystone') return [unasked(check, reasonOf(module, error))];
    const endpoint = { why: error.message, isCertain: isOutage(error) };
    return judgeApi('keystone', { endpoint, controllers: await cloud.askControllers('keystone') });
  }
}

const reasonOf = (module: ApiModule, { message }: OpenStackFailure): Unasked => ({
  why: message,
  command: apis[module].command,
  next: 'mend what the reason says, then audit again',
});

const absent = ({ id }: Check, module: ApiModule, isApi: boolean): Finding => {
  const { name, types } = apis[module];
  return {
    check: id,
    severity: isApi ? 'error' : 'unknown',
    what: `Keystone's catalogue has no ${name} (${types.join(', ')}), which audit.openstack.required names`,
    evidence: [{ value: 'not in the catalogue', command: 'openstack catalog list' }],
    next: `see why the catalogue has lost ${name}, or take ${module} from audit.openstack.required`,
  };
};
