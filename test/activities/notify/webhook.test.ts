import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../../../activities/notify/webhook.js';
import { allOf, anEvent, channels, endAll, failureOf, kept, receiver, scratchFolder, tell } from './receivers.js';

/** The program that docs/notifications.md gives to receivers, as it stands there. */
async function isFromOstler(): Promise<(signature: unknown, body: Buffer, key: string, nowMs?: number) => boolean> {
  const page = await readFile(new URL('../../../docs/notifications.md', import.meta.url), 'utf8');
  const [, code = ''] = /```js file=verify\.js\n([\s\S]*?)```/.exec(page) ?? [];
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).isFromOstler;
}

const event = anEvent();

describe('a webhook', () => {
  it('is sent the event as JSON, with its id, and what people would read', async () => {
    const { url, got } = await receiver();
    const said = await tell(channels({ it: { kind: 'webhook', url } }), { event });
    const [{ method, headers, body } = expect.fail('nothing came')] = got;
    expect(method).toBe('POST');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'ostler-event-id': event.id });
    expect(headers).not.toHaveProperty('ostler-signature');
    expect(JSON.parse(body.toString())).toEqual({
      event: 'findings',
      ...event,
      subject: 'prod: error: /var on compute-3 is 97 % full',
      text: expect.stringContaining('New error: /var on compute-3 is 97 % full\n  → find what has grown: du -x /var\n'),
    });
    expect(said).toBe(`the webhook at ${new URL(url).host} answered 200`);
  });

  it('says of a test that it is one', async () => {
    const { url, got } = await receiver();
    await tell(channels({ it: { kind: 'webhook', url } }), { event, isTest: true });
    expect(JSON.parse(String(got[0]?.body))).toMatchObject({
      event: 'test',
      subject: expect.stringMatching(/^\[test\] /),
    });
  });

  it('is signed so that the program of the documentation takes it, and nothing else', async () => {
    const verify = await isFromOstler();
    const { url, got } = await receiver();
    await tell(channels({ it: { kind: 'webhook', url, secret: kept('k3y') } }), { event });
    const [{ headers, body } = expect.fail('nothing came')] = got;
    const signature = headers['ostler-signature'];
    const other = Buffer.from(body.toString().replace('compute-3', 'compute-4'));
    expect(verify(signature, body, 'k3y')).toBe(true);
    expect(verify(signature, other, 'k3y')).toBe(false);
    expect(verify(signature, body, 'another key')).toBe(false);
    expect(verify(signature, body, 'k3y', Date.now() + 301_000)).toBe(false);
    expect(verify(undefined, body, 'k3y')).toBe(false);
    expect(verify(`${String(signature)}0`, body, 'k3y')).toBe(false);
  });

  it('has a signature that others can make: known to openssl', () => {
    // printf '1772330411.{"a":1}' | openssl dgst -sha256 -hmac k3y
    expect(signatureOf('{"a":1}', 'k3y', 1_772_330_411_999)).toBe(
      't=1772330411,v1=2fe54c6185d9ac3c4e50969fd516b0d17105b26afc5cada6dff4db1f1d923650',
    );
  });

  it('that took it before the worker died gets it again under the same id', async () => {
    const { url, got } = await receiver();
    const settings = channels({ it: { kind: 'webhook', url } });
    await tell(settings, { event });
    await tell(settings, { event });
    expect(got).toHaveLength(2);
    expect(got[1]?.body).toEqual(got[0]?.body);
    expect(got.map(({ headers }) => headers['ostler-event-id'])).toEqual([event.id, event.id]);
  });

  it.each([500, 503, 429, 408])('that answers %d is tried again', async (status) => {
    const { url } = await receiver((response) => response.writeHead(status).end());
    const failure = await failureOf(tell(channels({ it: { kind: 'webhook', url } }), { event }));
    expect(failure.message).toBe(`the webhook at ${new URL(url).host} answered ${status}`);
    expect(failure.nonRetryable).not.toBe(true);
  });

  it.each([
    ['30', 30_000],
    ['86400', 300_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('that asks to wait %s is waited for, within reason', async (after, delay) => {
    const { url } = await receiver((response) => response.writeHead(429, { 'retry-after': after }).end());
    const failure = await failureOf(tell(channels({ it: { kind: 'webhook', url } }), { event }));
    expect((failure as { nextRetryDelay?: number }).nextRetryDelay ?? undefined).toBe(delay);
  });

  it.each([400, 404, 302, 307])('that answers %d is not tried again, and is not followed', async (status) => {
    const other = await receiver();
    const { url } = await receiver((response) => response.writeHead(status, { location: other.url }).end());
    const failure = await failureOf(tell(channels({ it: { kind: 'webhook', url } }), { event }));
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining(`answered ${status}`) });
    expect(other.got).toEqual([]);
  });

  it('that repeats its path in its answer does not get it into history', async () => {
    const { url } = await receiver((response, { path }) => response.writeHead(404).end(`Cannot POST ${path}`));
    for (const kind of ['webhook', 'slack']) {
      const failure = await failureOf(tell(channels({ it: { kind, url } }), { event }));
      expect(allOf(failure)).not.toContain('s3cret-token');
    }
  });

  it('that nobody listens at is named by its host, without the secret in its path', async () => {
    const { url } = await receiver();
    await endAll();
    const failure = await failureOf(tell(channels({ it: { kind: 'webhook', url } }), { event }));
    expect(failure.message).toBe(`the webhook at ${new URL(url).host} did not answer: ECONNREFUSED`);
    expect(allOf(failure)).not.toContain('s3cret-token');
  });

  it('without the key to sign with is not sent anything', async () => {
    const { url, got } = await receiver();
    const settings = channels({ it: { kind: 'webhook', url, secret: 'env:OSTLER_NOT_THERE' } });
    expect(await failureOf(tell(settings, { event }))).toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('the key to sign with cannot be had: env:OSTLER_NOT_THERE'),
    });
    expect(got).toEqual([]);
  });
});

describe('a webhook that is named by where it is kept', () => {
  it('is read from the environment or from a file, each time it is used', async () => {
    const { url, got } = await receiver();
    const file = join(await scratchFolder(), 'webhook');
    await tell(channels({ it: { kind: 'webhook', url: kept(url) } }), { event });
    for (const path of ['first', 'second']) {
      await writeFile(file, `${new URL(path, url).href}\n`, { mode: 0o600 });
      await tell(channels({ it: { kind: 'webhook', url: `file:${file}` } }), { event });
    }
    expect(got.map(({ path }) => path)).toEqual(['/services/s3cret-token', '/services/first', '/services/second']);
  });

  it('and cannot be had is not tried again', async () => {
    const settings = channels({ it: { kind: 'webhook', url: 'env:OSTLER_NOT_THERE' } });
    expect(await failureOf(tell(settings, { event }))).toMatchObject({
      nonRetryable: true,
      message: "the webhook's URL cannot be had: env:OSTLER_NOT_THERE is not set in the environment of this process",
    });
  });

  it.each(['s3cret-token', 'ftp://s3cret-token/', 'https://ops:s3cret-token@chat.example.org/'])(
    'and is not what it should be is not tried again and not repeated: %s',
    async (secret) => {
      const failure = await failureOf(tell(channels({ it: { kind: 'slack', url: kept(secret) } }), { event }));
      expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringMatching(/^env:OSTLER_TEST_SECRET /) });
      expect(allOf(failure)).not.toContain('s3cret-token');
    },
  );
});
