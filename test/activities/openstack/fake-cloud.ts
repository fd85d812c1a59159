import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { OpenStackCredentials } from '../../../inventory/openstack.js';

export const PASSWORD = 'correct horse battery staple';

/** A row of GET /os-services as Nova prints it. */
export interface FakeService {
  host: string;
  binary: string;
  status: 'enabled' | 'disabled';
  state: 'up' | 'down';
  updated_at: string | null;
  disabled_reason: string | null;
}

/** What becomes of one request in place of its proper answer. */
type Mishap = 'reset' | 'silence' | 'no-json' | number;

export interface FakeCloud {
  credentials: OpenStackCredentials;
  services: FakeService[];
  /** How long new tokens live, in milliseconds. */
  tokenLifeMs: number;
  /** Added to the time that Keystone says it is. */
  clockAheadMs: number;
  /** Endpoints of `compute`; by default one, of the interface and region that the credentials name. */
  endpoints: { interface: string; region: string; url: string }[];
  /** Mishaps of the next requests, first come first served. */
  keystoneMishaps: Mishap[];
  novaMishaps: Mishap[];
  /** Called with each list before it is answered; the number counts from 1. */
  onList: (list: number) => void;
  /** Requests for a token, refused ones too. */
  logins: number;
  tokensIssued: number;
  lists: number;
  /** Make Nova refuse every token issued so far. */
  revoke(): void;
  close(): Promise<void>;
}

export const service = (host: string, more: Partial<FakeService> = {}): FakeService => ({
  host,
  binary: 'nova-compute',
  status: 'enabled',
  state: 'up',
  updated_at: '2015-04-28T03:12:03.000000',
  disabled_reason: null,
  ...more,
});

/** Keystone and Nova of a cloud, as far as Ostler asks them, on one port of loopback. */
export async function fakeCloud(tls?: { key: string; cert: string }): Promise<FakeCloud> {
  let valid = new Set<string>();
  const server = tls ? createTlsServer(tls) : createServer();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const isKeystone = request.url === '/v3/auth/tokens';
    const mishap = (isKeystone ? cloud.keystoneMishaps : cloud.novaMishaps).shift();
    if (mishap === 'reset') return request.socket.destroy();
    if (mishap === 'silence') return;
    if (mishap === 'no-json') return response.end('<html>maintenance</html>');
    if (mishap !== undefined) return response.writeHead(mishap).end(`{"said": "${PASSWORD}"}`);
    return isKeystone ? issue(request, response) : list(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function issue(request: IncomingMessage, response: ServerResponse): Promise<void> {
    cloud.logins += 1;
    const { auth } = JSON.parse((await request.toArray()).join(''));
    const { user } = auth.identity.password;
    const known = { name: 'admin', domain: { name: 'Default' }, password: PASSWORD };
    const project = { name: 'admin', domain: { name: 'Default' } };
    if (JSON.stringify([user, auth.scope.project]) !== JSON.stringify([known, project])) {
      response.writeHead(401).end(JSON.stringify({ error: { code: 401, message: `no ${user.password}` } }));
      return;
    }
    cloud.tokensIssued += 1;
    const token = `token-${cloud.tokensIssued}`;
    valid.add(token);
    const now = Date.now() + cloud.clockAheadMs;
    response.writeHead(201, { 'x-subject-token': token }).end(
      JSON.stringify({
        token: {
          issued_at: new Date(now).toISOString().replace('Z', '000Z'),
          expires_at: new Date(now + cloud.tokenLifeMs).toISOString().replace('Z', '000Z'),
          catalog: [
            { type: 'identity', endpoints: [{ interface: 'internal', region: 'one', url }] },
            { type: 'compute', endpoints: cloud.endpoints },
          ],
        },
      }),
    );
  }

  function list(request: IncomingMessage, response: ServerResponse): void {
    if (!valid.has(String(request.headers['x-auth-token']))) {
      response.writeHead(401).end();
      return;
    }
    cloud.lists += 1;
    cloud.onList(cloud.lists);
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    if (pathname !== '/v2.1/os-services') {
      response.writeHead(404).end();
      return;
    }
    const services = cloud.services.filter(({ binary }) => binary === searchParams.get('binary'));
    response.end(JSON.stringify({ services }));
  }

  const cloud: FakeCloud = {
    credentials: {
      authUrl: `${url}/v3`,
      username: 'admin',
      password: PASSWORD,
      project: 'admin',
      userDomain: 'Default',
      projectDomain: 'Default',
      interface: 'internal',
      verify: true,
    },
    services: [],
    tokenLifeMs: 3_600_000,
    clockAheadMs: 0,
    endpoints: [{ interface: 'internal', region: 'one', url: `${url}/v2.1` }],
    keystoneMishaps: [],
    novaMishaps: [],
    onList: () => {},
    logins: 0,
    tokensIssued: 0,
    lists: 0,
    revoke: () => {
      valid = new Set();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return cloud;
}
