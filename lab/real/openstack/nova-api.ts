import { until } from '../wait.js';

/** Who everybody in the lab's cloud is. The password is a word that a leak of it can be found by. */
export const admin = { username: 'admin', password: 'only-in-the-lab', project: 'admin', region: 'RegionOne' } as const;

/** A row of GET /os-services. */
export interface NovaService {
  binary: string;
  host: string;
  status: 'enabled' | 'disabled';
  state: 'up' | 'down';
  updated_at: string | null;
  disabled_reason: string | null;
}

/** The harness's own view of Nova, beside the one under test. */
export interface NovaApi {
  services(binary: string): Promise<NovaService[]>;
  /** What an operator does with `openstack compute service set --disable --disable-reason`. */
  disable(host: string, reason: string): Promise<void>;
  /** Waits until the services of `binary` have reported and are up on exactly these hosts. */
  untilUp(binary: string, hosts: readonly string[]): Promise<void>;
}

/** Some seconds after its start Nova answers on an idle machine; a busy one takes many times that. */
const startLimitMs = 300_000;
const requestLimitMs = 30_000;

/** Waits until Keystone gives a token and Nova answers it; `address` is the controller's. */
export async function novaApi(address: string): Promise<NovaApi> {
  const token = await until('Keystone to give a token', startLimitMs, () => issueToken(address));
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://${address}:8774/v2.1${path}`, {
      method: body ? 'PUT' : 'GET',
      signal: AbortSignal.timeout(requestLimitMs),
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`Nova answered ${response.status} to ${path}: ${await response.text()}`);
    return response.json();
  };
  const services = async (binary: string): Promise<NovaService[]> =>
    ((await ask(`/os-services?binary=${binary}`)) as { services: NovaService[] }).services;
  await until('Nova to answer', startLimitMs, () => services('nova-conductor'));
  return {
    services,
    async disable(host, reason) {
      // Nova finds a new host for this once its scheduler has looked for hosts.
      const body = { host, binary: 'nova-compute', disabled_reason: reason };
      await until(`Nova to disable ${host}`, 60_000, () => ask('/os-services/disable-log-reason', body));
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

async function issueToken(address: string): Promise<string | undefined> {
  const { username, password, project } = admin;
  const domain = { name: 'Default' };
  const identity = { methods: ['password'], password: { user: { name: username, password, domain } } };
  const response = await fetch(`http://${address}:5000/v3/auth/tokens`, {
    method: 'POST',
    signal: AbortSignal.timeout(requestLimitMs),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project: { name: project, domain } } } }),
  });
  return response.headers.get('x-subject-token') ?? undefined;
}
