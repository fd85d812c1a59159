import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, interceptors, request } from 'undici';
import { within } from './within.js';

/** A whole request with its retries: a service list of a thousand hosts takes seconds, and nothing waits for ever (design, rule 6). */
const LIMIT_MS = 30_000;
const CONNECT_LIMIT_MS = 10_000;

/**
 * An API under uwsgi resets connections while it restarts and takes some 7 s to load; the waits between these tries
 * (0.5, 1, 2, 4 and 4 s) last longer.
 */
const RETRY: Parameters<typeof interceptors.retry>[0] = {
  maxRetries: 5,
  minTimeout: 500,
  maxTimeout: 4_000,
  methods: ['GET', 'POST'],
  statusCodes: [502, 503, 504],
};

/** An API of OpenStack did not give what was asked. The message never holds a password, a token or an answer's body. */
export class OpenStackFailure extends Error {
  override name = 'OpenStackFailure';

  /** @param passing whether asking again later may help without anybody changing anything */
  constructor(
    message: string,
    readonly passing: boolean,
  ) {
    super(message);
  }
}

interface Answer {
  status: number;
  header(name: string): string | undefined;
  /** The JSON of the body; undefined when it is none. */
  body: unknown;
}

interface Ask {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Sends one JSON request. Any status is an answer. @throws {OpenStackFailure} when there is no answer within the limit */
export type Http = (ask: Ask) => Promise<Answer>;

interface HttpSettings {
  /** PEM file of authorities to trust beside the usual ones, absolute path. */
  caFile?: string;
  /** Whether certificates are checked. */
  verify: boolean;
  /** Limit for one request with its retries; 30 s by default. */
  limitMs?: number | undefined;
  /** How often to try again; by default long enough for an API that restarts. */
  retries?: number;
}

/**
 * HTTP for the APIs of one cloud. Requests that never got an answer (refused, reset, gateway errors) are sent again until the
 * limit; only requests that may be sent twice go this way. Redirects are not followed.
 * @throws {OpenStackFailure} when caFile cannot be read
 */
export function createHttp({ caFile, verify, limitMs = LIMIT_MS, retries }: HttpSettings): Http {
  const connect = {
    timeout: CONNECT_LIMIT_MS,
    rejectUnauthorized: verify,
    ...(caFile !== undefined && { ca: [...rootCertificates, authorities(caFile)] }),
  };
  const dispatcher = new Agent({ connect }).compose(
    interceptors.retry({ ...RETRY, ...(retries !== undefined && { maxRetries: retries }) }),
  );
  return async ({ method, url, headers, body }) => {
    const signal = AbortSignal.timeout(limitMs);
    const json = body === undefined ? undefined : JSON.stringify(body);
    const type = json === undefined ? undefined : { 'content-type': 'application/json' };
    try {
      const asked = request(url, {
        ...{ method, dispatcher, signal, body: json ?? null },
        headers: { accept: 'application/json', ...type, ...headers },
      });
      // The library notices the limit only when it has waited for its next try.
      const response = await within(asked, signal);
      const text = await response.body.text();
      return { status: response.statusCode, header: (name) => firstOf(response.headers[name]), body: parsed(text) };
    } catch (error) {
      throw noAnswer(error, new URL(url).host, signal.aborted ? limitMs : undefined);
    }
  };
}

function authorities(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OpenStackFailure(`openstack.caFile ${caFile} cannot be read (${code})`, false);
  }
}

/** Says why, by the error's code only: its other fields may hold what was sent or received. */
function noAnswer(error: unknown, host: string, overMs: number | undefined): OpenStackFailure {
  if (overMs !== undefined) return new OpenStackFailure(`${host} gave no answer within ${overMs / 1000} s`, true);
  const { code = '', statusCode } = error as { code?: string; statusCode?: number };
  if (statusCode !== undefined) return new OpenStackFailure(`${host} answered ${statusCode}`, true);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code)) {
    return new OpenStackFailure(
      `${host} is not trusted (${code}); name the authority that signed its certificate as openstack.caFile in ostler.yaml`,
      false,
    );
  }
  return new OpenStackFailure(`${host} did not answer (${code || 'unknown error'})`, true);
}

const firstOf = (value: Dispatcher.ResponseData['headers'][string]): string | undefined =>
  Array.isArray(value) ? value[0] : value;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
