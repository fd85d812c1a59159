import { webhookUrlSchema } from '../../domain/notifications.schema.js';
import { notDeliverable, notYet, secretOf } from './failure.js';

/** A chat's webhook answers in well under a second; whoever takes longer is tried again. */
const LIMIT_MS = 10_000;

/** Who asks for more than this when too much comes in is asked again earlier. */
const LONGEST_DELAY_MS = 300_000;

export interface Post {
  /** As the inventory has it: a URL, or where it is kept. */
  url: string;
  body: string;
  headers?: Record<string, string>;
  /** Reads a refusal; its answer becomes part of the message, so it must let nothing through that may be secret. */
  whyRefused?: (answer: string) => string | undefined;
}

/**
 * Sends JSON to a webhook. Errors name its host and never its path, which is often a secret.
 * @returns what it answered, for a person
 */
export async function post({ url: written, body, headers, whyRefused }: Post): Promise<string> {
  const url = await urlOf(written);
  const { host } = new URL(url);
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    // The path is a secret, and must not be carried to another host.
    redirect: 'manual',
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch((error: unknown) => {
    throw notYet(`the webhook at ${host} did not answer: ${whyNoAnswer(error)}`);
  });
  const why = response.ok ? undefined : whyRefused?.(await beginningOf(response));
  await response.body?.cancel().catch(() => {});
  const answered = `the webhook at ${host} answered ${response.status}${why ? ` (${why})` : ''}`;
  if (response.ok) return answered;
  if (response.status === 429) throw notYet(answered, delayOf(response));
  throw response.status >= 500 || response.status === 408 ? notYet(answered) : notDeliverable(answered);
}

/** The webhook's URL: as it is written, or from where it is kept. */
async function urlOf(written: string): Promise<string> {
  if (!/^(?:env|file):/.test(written)) return written;
  const url = await secretOf(written, "the webhook's URL");
  if (webhookUrlSchema.safeParse(url).success) return url;
  throw notDeliverable(`${written} holds no URL with http or https, or one with a user name or a password`);
}

/** The code of the network error, or the name of the time limit; never its message, which may hold the URL. */
function whyNoAnswer(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'TimeoutError') return `nothing within ${LIMIT_MS / 1000} s`;
  const { code } = (error.cause ?? {}) as { code?: string };
  return code ?? error.name;
}

/** The first part of an answer, which may be as long as it likes. */
async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const { value } = (await reader?.read().catch(() => undefined)) ?? {};
  reader?.releaseLock();
  return new TextDecoder().decode(value?.subarray(0, 200));
}

/** `Retry-After` in seconds, which is how those answer who count messages. */
function delayOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return seconds > 0 ? Math.min(seconds * 1_000, LONGEST_DELAY_MS) : undefined;
}
