import { z } from 'zod';
import type { ApiAnswers, ControllerAnswer } from '../../domain/audit/judge-apis.js';
import type { ApiModule } from '../../domain/audit/openstack-apis.js';
import type { OpenStackAuditSettings } from '../../domain/audit/openstack-settings.schema.js';
import type { SiteInventory } from '../../inventory/load.js';
import { createHttp, OpenStackFailure } from './http.js';
import { type Rest, UnexpectedStatus } from './rest.js';

const listOf = (key: string) => z.object({ [key]: z.array(z.unknown()) });

/** A small question to each API that its database must answer, below its endpoint. */
const QUESTIONS: Record<ApiModule, { path: string; what: string; schema: z.ZodType }> = {
  keystone: { path: '/v3/auth/projects', what: 'its list of projects', schema: listOf('projects') },
  glance: { path: '/v2/images?limit=1', what: 'its list of images', schema: listOf('images') },
  placement: {
    path: '/resource_providers?name=ostler',
    what: 'its list of resource providers',
    schema: listOf('resource_providers'),
  },
  nova: { path: '/servers?limit=1', what: 'its list of servers', schema: listOf('servers') },
  cinder: { path: '/volumes?limit=1', what: 'its list of volumes', schema: listOf('volumes') },
  neutron: { path: '/v2.0/networks?limit=1&fields=id', what: 'its list of networks', schema: listOf('networks') },
  heat: { path: '/stacks?limit=1', what: 'its list of stacks', schema: listOf('stacks') },
  ceilometer: { path: '/v2/samples?limit=1', what: 'its list of samples', schema: z.array(z.unknown()) },
};

/** Asks an API through its endpoint. */
export async function askEndpoint(rest: Rest, module: ApiModule): Promise<ApiAnswers['endpoint']> {
  try {
    await rest.read({ module, ...QUESTIONS[module] });
    return 'well';
  } catch (error) {
    if (!(error instanceof OpenStackFailure)) throw error;
    return { why: error.message, isCertain: isOutage(error) };
  }
}

/** Whether users have the same trouble. That we may not ask, or ask the wrong way, is no outage. */
export const isOutage = (error: OpenStackFailure): boolean =>
  error instanceof UnexpectedStatus ? error.status !== 403 : error.passing;

/** A controller that is alive answers at once; what is done with it meanwhile takes longer than an audit waits. */
const LIMIT_MS = 12_000;

/** Two tries more, over 1.5 s, tell a lost packet from a dead API. */
const RETRIES = 2;

/** Asks an API on every controller that the worker can reach without a bastion. */
export type AskControllers = (module: ApiModule) => Promise<ControllerAnswer[]>;

/** No token is sent there: that an API behind HAProxy asks for one is answer enough. */
export function createAskControllers(
  { nodes, ssh }: Pick<SiteInventory, 'nodes' | 'ssh'>,
  { apis: ports }: OpenStackAuditSettings,
  limitMs = LIMIT_MS,
): AskControllers {
  const http = createHttp({ verify: true, limitMs, retries: RETRIES });
  const isNear = ({ ssh: own }: (typeof nodes)[number]): boolean =>
    (own?.proxyJump ?? ssh.proxyJump ?? 'none') === 'none';
  const controllers = nodes.filter((node) => node.roles.includes('controller') && isNear(node));

  return async (module) => {
    const port = ports === 'none' ? 'none' : ports[module];
    if (port === 'none') return [];
    return Promise.all(
      controllers.map(async ({ name: node, address }) => {
        const host = address.includes(':') ? `[${address}]` : address;
        return { node, port, answer: await answerOf(http, `http://${host}:${port}/`) };
      }),
    );
  };
}

async function answerOf(http: ReturnType<typeof createHttp>, url: string): Promise<number | string> {
  try {
    return (await http({ method: 'GET', url })).status;
  } catch (error) {
    if (!(error instanceof OpenStackFailure)) throw error;
    return error.message;
  }
}
