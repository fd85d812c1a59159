import { until } from '../wait.js';

/** Who everybody in the lab's cloud is. The password is a word that a leak of it can be found by. */
export const admin = { username: 'admin', password: 'only-in-the-lab', project: 'admin', region: 'RegionOne' } as const;

/** Services of the lab's cloud, with where they answer on the controller: as Keystone's catalogue has them. */
export const endpoints = {
  identity: ':5000/v3',
  placement: ':8778',
  compute: ':8774/v2.1',
  image: ':9292',
  volumev3: ':8776/v3/$(tenant_id)s',
  network: ':9696',
  orchestration: ':8004/v1/$(tenant_id)s',
} as const;

export type ServiceType = keyof typeof endpoints;

/** A row of GET /os-services. */
export interface NovaService {
  binary: string;
  host: string;
  status: 'enabled' | 'disabled';
  state: 'up' | 'down';
  updated_at: string | null;
  disabled_reason: string | null;
}

export interface ApiRequest {
  /** GET, or POST with a body, unless it says otherwise. */
  method?: string;
  /** Sent as JSON, or a text as it is. */
  body?: object | string;
  /** `compute 2.37`: the version of the API, where it is not the oldest. */
  version?: string;
}

/** The harness's own view of a cloud, beside the one under test. */
export interface OpenStackApi {
  /**
   * One request to a service, as its administrator.
   * @returns the answer's JSON, undefined where there is none; rejects with what the service said when it refuses
   */
  ask(service: ServiceType, path: string, request?: ApiRequest): Promise<unknown>;
  services(binary: string): Promise<NovaService[]>;
  /** What an operator does with `openstack compute service set --disable --disable-reason`. */
  disable(host: string, reason: string): Promise<void>;
  /** Waits until the services of `binary` have reported to Nova and are up on exactly these hosts. */
  untilUp(binary: string, hosts: readonly string[]): Promise<void>;
}

/** Some seconds after its start an API answers on an idle machine; a busy one takes many times that. */
export const startLimitMs = 300_000;
const requestLimitMs = 60_000;

/** Waits until Keystone gives a token and Nova answers it; `address` is the controller's. */
export async function openStackApi(address: string): Promise<OpenStackApi> {
  const { token, projectId } = await until('Keystone to give a token', startLimitMs, () => issueToken(address));
  const ask: OpenStackApi['ask'] = async (service, path, { body, method = body ? 'POST' : 'GET', version } = {}) => {
    const endpoint = `http://${address}${endpoints[service].replace('$(tenant_id)s', projectId)}`;
    const response = await fetch(`${endpoint}${path}`, {
      method,
      signal: AbortSignal.timeout(requestLimitMs),
      headers: {
        'x-auth-token': token,
        'content-type': typeof body === 'string' ? 'application/octet-stream' : 'application/json',
        ...(version && { 'openstack-api-version': version }),
      },
      ...(body && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${service} answered ${response.status} to ${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const services = async (binary: string): Promise<NovaService[]> =>
    ((await ask('compute', `/os-services?binary=${binary}`)) as { services: NovaService[] }).services;
  await until('Nova to answer', startLimitMs, () => services('nova-conductor'));
  return {
    ask,
    services,
    async disable(host, reason) {
      // Nova finds a new host for this once its scheduler has looked for hosts.
      const body = { host, binary: 'nova-compute', disabled_reason: reason };
      const path = '/os-services/disable-log-reason';
      await until(`Nova to disable ${host}`, 60_000, () => ask('compute', path, { method: 'PUT', body }));
    },
    async untilUp(binary, hosts) {
      await until(`${binary} to be up on ${hosts.join(', ')}`, startLimitMs, async () => {
        const up = (await services(binary))
          .filter(({ state, updated_at }) => state === 'up' && updated_at)
          .map(({ host }) => host);
        return up.sort().join() === [...hosts].sort().join();
      });
    },
  };
}

async function issueToken(address: string): Promise<{ token: string; projectId: string } | undefined> {
  const { username, password, project } = admin;
  const domain = { name: 'Default' };
  const identity = { methods: ['password'], password: { user: { name: username, password, domain } } };
  const response = await fetch(`http://${address}:5000/v3/auth/tokens`, {
    method: 'POST',
    signal: AbortSignal.timeout(requestLimitMs),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project: { name: project, domain } } } }),
  });
  const token = response.headers.get('x-subject-token');
  if (!token) return undefined;
  const { token: issued } = (await response.json()) as { token: { project: { id: string } } };
  return { token, projectId: issued.project.id };
}
