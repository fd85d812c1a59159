import { z } from 'zod';
import { type ApiModule, apis } from '../../domain/audit/openstack-apis.js';
import { OpenStackFailure } from './http.js';
import type { Access, Keystone } from './keystone.js';

/** Below what any service gives at once by default (osapi_max_limit is 1000), so that a full page is told from a cut one. */
const PAGE = 500;

/** A cloud with more of anything than this is not read to its end every few minutes. */
const MOST_ROWS = 100_000;

/** An API answered with a status that does not answer the question. */
export class UnexpectedStatus extends OpenStackFailure {
  override name = 'UnexpectedStatus';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message, status >= 500 || status === 429 || status === 401);
  }
}

interface Question<T> {
  module: ApiModule;
  /** Below the service's endpoint, with its query. */
  path: string;
  /** What is asked for, in a sentence. */
  what: string;
  /** Of the answer's body. */
  schema: z.ZodType<T>;
  /** Headers that ask for a later version of the API; left out where the service has none so late. */
  version?: Record<string, string>;
}

interface ListQuestion<Row> extends Omit<Question<unknown>, 'schema' | 'version'> {
  /** What the list is called in a body. */
  key: string;
  row: z.ZodType<Row>;
}

/** The services of one cloud, asked in their own words with one token. */
export interface Rest {
  /**
   * Whether Keystone's catalogue has the service at all.
   * @throws {OpenStackFailure} when there is no token
   */
  offers(module: ApiModule): Promise<boolean>;
  /** @throws {OpenStackFailure} naming service and host, never with a token or a part of the answer */
  read<T>(question: Question<T>): Promise<T>;
  /** Every row of a list, page by page. @throws {OpenStackFailure} */
  readAll<Row extends { id: string }>(question: ListQuestion<Row>): Promise<Row[]>;
  /** The time by Keystone's clock. @throws {OpenStackFailure} when there is no token */
  now(): Promise<number>;
}

/** Versions of endpoints that the paths asked for name themselves. */
const VERSION = /\/v\d+(?:\.\d+)?$/;

/** Catalogues have these services with a version, without one, or with an older one. */
const UNVERSIONED: ReadonlySet<ApiModule> = new Set(['keystone', 'glance', 'neutron', 'ceilometer']);

export function createRest(keystone: Keystone): Rest {
  const typeOf = async (module: ApiModule): Promise<string | undefined> => {
    const has = await keystone.types();
    return apis[module].types.find((type) => has.has(type));
  };

  const accessTo = async (module: ApiModule): Promise<Access> => {
    const access = await keystone.access((await typeOf(module)) ?? (apis[module].types[0] as string));
    return UNVERSIONED.has(module) ? { ...access, endpoint: access.endpoint.replace(VERSION, '') } : access;
  };

  async function read<T>({ module, path, what, schema, version = {} }: Question<T>): Promise<T> {
    const ask = ({ token, endpoint, http }: Access, headers: Record<string, string>) =>
      http({ method: 'GET', url: `${endpoint}${path}`, headers: { ...headers, 'x-auth-token': token } });
    let access = await accessTo(module);
    let answer = await ask(access, version);
    if (answer.status === 401) {
      keystone.refused(access);
      access = await accessTo(module);
      answer = await ask(access, version);
    }
    if (answer.status === 406) answer = await ask(access, {});
    const where = `${apis[module].name} at ${new URL(access.endpoint).host}`;
    if (answer.status === 401) throw new UnexpectedStatus(`${where} refuses a token that was just issued (401)`, 401);
    if (answer.status === 403)
      throw new UnexpectedStatus(
        `${where} does not let this user ask for ${what} (403); it needs the admin role, or the rule for it in the policy of ${apis[module].name}`,
        403,
      );
    if (answer.status !== 200)
      throw new UnexpectedStatus(`${where} answered ${answer.status} when asked for ${what}`, answer.status);
    const parsed = schema.safeParse(answer.body);
    if (!parsed.success) throw new OpenStackFailure(`${where} answered with something that is not ${what}`, true);
    return parsed.data;
  }

  return {
    offers: async (module) => (await typeOf(module)) !== undefined,
    read,

    /**
     * The next page begins after the last row of this one. Links to it are only believed to be there: they may name another host, which
     * must not get the token, and Nova's have forgotten all but one value of a filter. A service that cannot page gives the same rows
     * again, and a page with nothing new is the end.
     */
    async readAll<Row extends { id: string }>({ key, row, path, ...question }: ListQuestion<Row>) {
      const rows = new Map<string, Row>();
      const schema = pageOf(key, row);
      let marker: string | undefined;
      for (;;) {
        const page = await read({ ...question, schema, path: withPage(path, marker) });
        const before = rows.size;
        for (const one of page.rows) rows.set(one.id, one);
        marker = page.rows.at(-1)?.id;
        const isLast = !page.hasMore && page.rows.length !== PAGE;
        if (isLast || marker === undefined || rows.size === before) return [...rows.values()];
        if (rows.size >= MOST_ROWS)
          throw new OpenStackFailure(
            `${apis[question.module].name} has more than ${MOST_ROWS} rows in ${question.what}, which are not read to their end`,
            false,
          );
      }
    },

    now: () => keystone.now(),
  };
}

/** One page of a list, whose links tell whether there is another. */
function pageOf<Row>(key: string, row: z.ZodType<Row>): z.ZodType<{ rows: Row[]; hasMore: boolean }> {
  const links = z.array(z.object({ rel: z.string() })).nullish();
  return z.record(z.string(), z.unknown()).transform((body, context) => {
    const page = z.object({ rows: z.array(row), links }).safeParse({ rows: body[key], links: body[`${key}_links`] });
    if (page.success)
      return { rows: page.data.rows, hasMore: page.data.links?.some(({ rel }) => rel === 'next') ?? false };
    context.addIssue({ code: 'custom', message: `has no ${key}` });
    return z.NEVER;
  });
}

const withPage = (path: string, marker: string | undefined): string =>
  `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE}${marker === undefined ? '' : `&marker=${encodeURIComponent(marker)}`}`;
