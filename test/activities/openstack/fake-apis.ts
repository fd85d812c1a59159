import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PASSWORD } from './fake-cloud.js';

type Row = Record<string, unknown>;

/** What is answered in place of the proper answer. */
type Mishap = number | 'no-json' | 'other-json' | 'silence';

interface Reply {
  body: unknown;
  status?: number;
}

/** The APIs of a cloud, as far as an audit asks them, under one port of loopback, and what they hold. */
export interface FakeApis {
  port: number;
  authUrl: string;
  /** The paths of its services by catalogue type; what is deleted is not in the catalogue. */
  catalog: Record<string, string>;
  novaServices: Row[];
  hypervisors: Row[];
  servers: Row[];
  cinderServices: Row[];
  volumes: Row[];
  agents: Row[];
  routers: Row[];
  ports: Row[];
  /** undefined: a Heat that has no such list. */
  engines: Row[] | undefined;
  /** Mishaps by the first part of the path, for ever. */
  mishaps: Record<string, Mishap>;
  /** The most rows that any answer has. */
  maxLimit: number;
  /** Whether lists say that there is more, as they all do today. */
  links: boolean;
  /** Whether lists heed limit and marker. */
  pages: boolean;
  /** Nova's latest version, as its minor. */
  novaVersion: number;
  /** Added to the time that Keystone says it is. */
  clockAheadMs: number;
  /** Tokens are refused when they have been used so often. */
  tokenUses: number;
  tokensIssued: number;
  /** Every request but those for tokens: method, path and query. */
  requests: string[];
  close(): Promise<void>;
}

export async function fakeApis(): Promise<FakeApis> {
  const uses = new Map<string, number>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const json = (response: ServerResponse, body: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    if (request.method === 'POST') return issue(request, response);
    apis.requests.push(`${request.method} ${request.url}`);
    const service = pathname.split('/')[1] ?? '';
    const mishap = apis.mishaps[service];
    if (mishap === 'silence') return;
    if (mishap === 'no-json') return void response.end(`<html>${PASSWORD}</html>`);
    if (mishap === 'other-json') return json(response, { said: PASSWORD, [service]: null });
    if (mishap !== undefined) return json(response, { said: PASSWORD }, mishap);
    // Without a token, as whoever asks a controller does.
    const token = request.headers['x-auth-token'];
    if (token === undefined) return json(response, {}, pathname === '/' ? 300 : 401);
    const used = (uses.get(String(token)) ?? Number.POSITIVE_INFINITY) + 1;
    uses.set(String(token), used);
    if (used > apis.tokenUses) return json(response, {}, 401);
    const { body, status } = route(pathname, searchParams, request);
    return json(response, body, status);
  }

  async function issue(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mishap = apis.mishaps.tokens;
    if (typeof mishap === 'number') return json(response, { said: PASSWORD }, mishap);
    const { auth } = JSON.parse((await request.toArray()).join(''));
    if (auth.identity.password.user.password !== PASSWORD) return json(response, {}, 401);
    apis.tokensIssued += 1;
    const token = `token-${apis.tokensIssued}`;
    uses.set(token, 0);
    const now = Date.now() + apis.clockAheadMs;
    response.writeHead(201, { 'x-subject-token': token }).end(
      JSON.stringify({
        token: {
          issued_at: new Date(now).toISOString(),
          expires_at: new Date(now + 3_600_000).toISOString(),
          catalog: Object.entries(apis.catalog).map(([type, path]) => ({
            type,
            endpoints: [{ interface: 'internal', region: 'RegionOne', url: `${url}${path}` }],
          })),
        },
      }),
    );
  }

  function route(path: string, query: URLSearchParams, request: IncomingMessage): Reply {
    const list = (key: string, rows: Row[]): Reply => ({ body: paged(key, rows, query) });
    switch (path) {
      case '/identity/v3/auth/projects':
        return { body: { projects: [{ id: 'p1', name: 'admin' }] } };
      case '/image/v2/images':
        return list('images', []);
      case '/placement/resource_providers':
        return { body: { resource_providers: [] } };
      case '/metering/v2/samples':
        return { body: [] };
      case '/heat/v1/p1/stacks':
        return list('stacks', []);
      case '/heat/v1/p1/services':
        return apis.engines ? { body: { services: apis.engines } } : { body: {}, status: 404 };
      case '/compute/v2.1/os-services': {
        const asked = /^2\.(\d+)$/.exec(String(request.headers['x-openstack-nova-api-version'] ?? '2.1'));
        if (Number(asked?.[1]) > apis.novaVersion) return { body: {}, status: 406 };
        return { body: { services: apis.novaServices } };
      }
      case '/compute/v2.1/os-hypervisors':
        return { body: { hypervisors: apis.hypervisors } };
      case '/compute/v2.1/servers':
        return list('servers', []);
      case '/compute/v2.1/servers/detail': {
        const all = query.get('all_tenants') === '1' ? apis.servers : [];
        return list(
          'servers',
          all.filter(({ status }) => query.getAll('status').includes(String(status))),
        );
      }
      case '/volume/v3/p1/os-services':
        return { body: { services: apis.cinderServices } };
      case '/volume/v3/p1/volumes':
        return list('volumes', []);
      case '/volume/v3/p1/volumes/detail':
        return list('volumes', query.get('all_tenants') === '1' ? apis.volumes : []);
      case '/network/v2.0/networks':
        return list('networks', []);
      case '/network/v2.0/agents':
        return list('agents', apis.agents);
      case '/network/v2.0/routers':
        return list('routers', apis.routers);
      case '/network/v2.0/ports':
        return list(
          'ports',
          apis.ports.filter(({ device_owner }) => query.getAll('device_owner').includes(String(device_owner))),
        );
      default:
        return { body: {}, status: 404 };
    }
  }

  function paged(key: string, rows: Row[], query: URLSearchParams): Record<string, unknown> {
    if (!apis.pages) return { [key]: rows };
    const limit = Math.min(Number(query.get('limit') ?? apis.maxLimit), apis.maxLimit);
    const marker = query.get('marker');
    const from = marker === null ? 0 : rows.findIndex(({ id }) => id === marker) + 1;
    const page = rows.slice(from, from + limit);
    const next = { rel: 'next', href: 'http://198.51.100.1/elsewhere?marker=wrong' };
    return { [key]: page, ...(apis.links && page.length === limit && { [`${key}_links`]: [next] }) };
  }

  const apis: FakeApis = {
    port,
    authUrl: `${url}/v3`,
    catalog: {
      identity: '/identity',
      image: '/image/v2',
      placement: '/placement',
      compute: '/compute/v2.1',
      volumev2: '/volume/v2/p1',
      volumev3: '/volume/v3/p1',
      network: '/network',
      orchestration: '/heat/v1/p1',
      metering: '/metering',
    },
    novaServices: [],
    hypervisors: [],
    servers: [],
    cinderServices: [],
    volumes: [],
    agents: [],
    routers: [],
    ports: [],
    engines: [],
    mishaps: {},
    maxLimit: 1_000,
    links: true,
    pages: true,
    novaVersion: 93,
    clockAheadMs: 0,
    tokenUses: Number.MAX_SAFE_INTEGER,
    tokensIssued: 0,
    requests: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return apis;
}
