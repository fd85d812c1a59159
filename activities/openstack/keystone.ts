import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { CredentialsError, type OpenStackCredentials, type ReadCredentials } from '../../inventory/openstack.js';
import { SecretError } from '../../inventory/secrets.js';
import { createHttp, type Http, OpenStackFailure } from './http.js';

/** A token is given up this long before it expires, so that it does not expire on its way. */
const BEFORE_EXPIRY_MS = 60_000;

const time = z.iso.datetime().transform((text) => Date.parse(text));

/** What is read of an answer to POST /v3/auth/tokens; the same since Keystone of Juno. */
const tokenSchema = z.object({
  token: z.object({
    issued_at: time,
    expires_at: time,
    catalog: z.array(
      z.object({
        type: z.string(),
        endpoints: z.array(z.object({ interface: z.string(), region: z.string().nullish(), url: z.url() })),
      }),
    ),
  }),
});

type Catalog = z.output<typeof tokenSchema>['token']['catalog'];

/** What it takes to ask one service of the cloud. */
export interface Access {
  token: string;
  /** URL of the service without a slash at its end. */
  endpoint: string;
  /** Trusts whom the site trusted when the token was issued. */
  http: Http;
}

export interface Keystone {
  /**
   * Access to a service by its catalogue type, such as `compute`, by a token that is issued when there is none that will do.
   * @throws {OpenStackFailure} when the credentials cannot be read, Keystone gives no token, or its catalogue has no such endpoint
   */
  access(type: string): Promise<Access>;
  /**
   * The types that the catalogue has, whatever their endpoints are.
   * @throws {OpenStackFailure} as `access` does
   */
  types(): Promise<ReadonlySet<string>>;
  /**
   * What time it is by Keystone's clock, in milliseconds since 1970: the cloud's times are compared with no clock of ours.
   * @throws {OpenStackFailure} as `access` does
   */
  now(): Promise<number>;
  /** Forget the token of this access, which a service has refused: the next access brings a new one. */
  refused(access: Access): void;
}

/**
 * Authentication by password (API v3), with one token at a time for everybody who asks. Credentials are read anew for every token,
 * so that a changed password or authority is known without a restart, and kept no longer (design, rule 8).
 * @param requestLimitMs limit for one request
 */
export function createKeystone(readCredentials: ReadCredentials, requestLimitMs?: number): Keystone {
  /** Shared by all who ask while it is on its way. */
  let asked: Promise<Issued> | undefined;
  let held: Issued | undefined;

  const issued = async (): Promise<Issued> => {
    if (held && performance.now() < held.until) return held;
    asked ??= read(readCredentials)
      .then((credentials) => issue(createHttp({ ...credentials, limitMs: requestLimitMs }), credentials))
      .finally(() => {
        asked = undefined;
      });
    held = await asked;
    return held;
  };

  return {
    async access(type) {
      const { token, catalog, wanted, http } = await issued();
      return { token, endpoint: endpointOf(catalog, type, wanted), http };
    },
    async types() {
      return new Set((await issued()).catalog.map(({ type }) => type));
    },
    async now() {
      return (await issued()).now();
    },
    refused({ token }) {
      if (held?.token === token) held = undefined;
    },
  };
}

interface Issued {
  token: string;
  catalog: Catalog;
  wanted: Wanted;
  http: Http;
  now: () => number;
  /** When to stop using it, on this machine's monotonic clock. */
  until: number;
}

/** Which of a service's endpoints the site wants. */
interface Wanted {
  interface: OpenStackCredentials['interface'];
  region: string | undefined;
}

/** Credentials that are missing or unusable stay so until a person mends them. */
async function read(readCredentials: ReadCredentials): Promise<OpenStackCredentials> {
  try {
    return await readCredentials();
  } catch (error) {
    if (!(error instanceof SecretError || error instanceof CredentialsError)) throw error;
    throw new OpenStackFailure(`the OpenStack credentials cannot be read: ${error.message}`, false);
  }
}

async function issue(http: Http, credentials: OpenStackCredentials): Promise<Issued> {
  const { username, password, project, userDomain, projectDomain, authUrl } = credentials;
  const { host } = new URL(authUrl);
  const asked = performance.now();
  const answer = await http({
    method: 'POST',
    url: `${v3Of(authUrl)}/auth/tokens`,
    body: {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: username, domain: { name: userDomain }, password } },
        },
        scope: { project: { name: project, domain: { name: projectDomain } } },
      },
    },
  });
  if (answer.status === 401) {
    throw new OpenStackFailure(
      `Keystone at ${host} refuses the user ${username} in the project ${project} (401); check user, password, project and domains under openstack in ostler.yaml`,
      false,
    );
  }
  if (answer.status !== 201)
    throw new OpenStackFailure(
      `Keystone at ${host} answered ${answer.status} when asked for a token`,
      answer.status >= 500 || answer.status === 429,
    );
  const token = answer.header('x-subject-token');
  const read = tokenSchema.safeParse(answer.body);
  if (token === undefined || !read.success)
    throw new OpenStackFailure(`${host} answered, but not as Keystone's API v3 does; check openstack.authUrl`, false);
  const { issued_at, expires_at, catalog } = read.data.token;
  // Both times are Keystone's: its clock may differ from ours, a token's life does not.
  const until = asked + (expires_at - issued_at) - BEFORE_EXPIRY_MS;
  // Issued while it was asked for: at most the time of one request late.
  const now = (): number => issued_at + (performance.now() - asked);
  return { token, catalog, until, http, now, wanted: { interface: credentials.interface, region: credentials.region } };
}

/** Keystone's v3 below an authUrl as people write it: with or without the version, or with the one they used before. */
const v3Of = (authUrl: string): string => `${authUrl.replace(/\/+$/, '').replace(/\/v(?:2\.0|3)$/, '')}/v3`;

function endpointOf(catalog: Catalog, type: string, { interface: wanted, region }: Wanted): string {
  const all = catalog.filter((service) => service.type === type).flatMap(({ endpoints }) => endpoints);
  const fitting = all.filter(
    (endpoint) => endpoint.interface === wanted && (region === undefined || endpoint.region === region),
  );
  const urls = [...new Set(fitting.map(({ url }) => url.replace(/\/+$/, '')))];
  const [url] = urls;
  if (url !== undefined && urls.length === 1) return url;
  const where = `${wanted} endpoint of ${type}${region === undefined ? '' : ` in the region ${region}`}`;
  const has = all.map((endpoint) => `${endpoint.interface} in ${endpoint.region ?? 'no region'}`).join(', ') || 'none';
  throw new OpenStackFailure(
    urls.length === 0
      ? `Keystone's catalogue has no ${where}, but: ${has}; set openstack.interface and region in ostler.yaml`
      : `Keystone's catalogue has more than one ${where}: ${has}; set openstack.region in ostler.yaml`,
    false,
  );
}
