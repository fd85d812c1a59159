import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createNotifyActivities, type Notification } from '../../activities/notify.js';
import type { NotifySettings } from '../../domain/inventory.js';

const message: Notification = {
  event: 'needs-person',
  run: 'restart/prod/nova-compute@0a1b2c3d',
  cloud: 'prod',
  operation: 'restart',
  target: 'nova-compute',
  summary: 'compute-3 did not come back',
};

const notify = (settings?: NotifySettings): Promise<void> => {
  const { notify } = createNotifyActivities({ inventory: { notify: settings } });
  return new MockActivityEnvironment().run(notify, message);
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function webhook(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  closers.push(() => server.closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/s3cret-token`;
}

async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ostler-notify-'));
  closers.push(() => rm(folder, { recursive: true }));
  return folder;
}

function keepInEnvironment(webhook: string): void {
  process.env.OSTLER_TEST_WEBHOOK = webhook;
  closers.push(() => delete process.env.OSTLER_TEST_WEBHOOK);
}

const failureOf = async (promise: Promise<unknown>): Promise<{ message: string; nonRetryable?: boolean }> =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error) => error,
  );

it('does nothing when the site has configured nothing', async () => {
  await expect(notify()).resolves.toBeUndefined();
});

describe('a webhook', () => {
  it('is sent the message as JSON', async () => {
    const got: { method?: string | undefined; type?: string | undefined; body: string }[] = [];
    const url = await webhook(async (request, response) => {
      const body = (await request.toArray()).join('');
      got.push({ method: request.method, type: request.headers['content-type'], body });
      response.end('ok');
    });
    await notify({ webhook: url });
    expect(got).toEqual([{ method: 'POST', type: 'application/json', body: JSON.stringify(message) }]);
  });

  it.each([500, 503, 429])('that answers %d is tried again', async (status) => {
    const url = await webhook((_request, response) => response.writeHead(status).end());
    const failure = await failureOf(notify({ webhook: url }));
    expect(failure.message).toContain(`answered ${status}`);
    expect(failure.nonRetryable).not.toBe(true);
  });

  it.each([400, 404, 302])('that answers %d is not tried again', async (status) => {
    const url = await webhook((_request, response) =>
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(),
    );
    expect(await failureOf(notify({ webhook: url }))).toMatchObject({ nonRetryable: true });
  });

  it('that nobody listens at is named by its host, without the secret in its path', async () => {
    const url = await webhook(() => {});
    for (const close of closers.splice(0)) await close();
    const failure = await failureOf(notify({ webhook: url }));
    expect(failure.message).toBe(`the webhook at ${new URL(url).host} did not answer: ECONNREFUSED`);
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('s3cret-token');
  });
});

describe('a webhook that is named by where it is kept', () => {
  it('is read from the environment or from a file, each time it is used', async () => {
    const paths: (string | undefined)[] = [];
    const url = await webhook((request, response) => {
      paths.push(request.url);
      response.end('ok');
    });
    const file = join(await scratchFolder(), 'webhook');
    keepInEnvironment(url);
    await notify({ webhook: 'env:OSTLER_TEST_WEBHOOK' });
    for (const path of ['first', 'second']) {
      await writeFile(file, `${new URL(path, url).href}\n`, { mode: 0o600 });
      await notify({ webhook: `file:${file}` });
    }
    expect(paths).toEqual(['/services/s3cret-token', '/services/first', '/services/second']);
  });

  it('and cannot be had is not tried again', async () => {
    expect(await failureOf(notify({ webhook: 'env:OSTLER_TEST_WEBHOOK' }))).toMatchObject({
      nonRetryable: true,
      message: "the webhook's URL cannot be had: env:OSTLER_TEST_WEBHOOK is not set in the environment of this process",
    });
  });

  it.each(['s3cret-token', 'ftp://s3cret-token/', 'https://ops:s3cret-token@chat.example.org/'])(
    'and is not what it should be is not tried again and not repeated: %s',
    async (kept) => {
      keepInEnvironment(kept);
      const failure = await failureOf(notify({ webhook: 'env:OSTLER_TEST_WEBHOOK' }));
      expect(failure).toMatchObject({
        nonRetryable: true,
        message: expect.stringMatching(/^env:OSTLER_TEST_WEBHOOK /),
      });
      expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('s3cret-token');
    },
  );
});

describe('a command', () => {
  it('gets the message on its stdin and its words as they are, without a shell', async () => {
    const file = join(await scratchFolder(), 'said');
    await notify({ command: ['/bin/sh', '-c', 'cat > "$1"; printf %s "$2" >> "$1"', 'sh', file, '$(id) ; x'] });
    expect(await readFile(file, 'utf8')).toBe(`${JSON.stringify(message)}\n$(id) ; x`);
  });

  it('that fails is tried again, and its last words are kept without secrets', async () => {
    const failure = await failureOf(notify({ command: ['/bin/sh', '-c', 'echo password=hunter2 >&2; exit 3'] }));
    expect(failure.message).toBe('the notification command /bin/sh exited with 3: password=[redacted]');
    expect(failure.nonRetryable).not.toBe(true);
  });

  it('that is not there is not tried again', async () => {
    const failure = await failureOf(notify({ command: ['/nonexistent/notify'] }));
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining('ENOENT') });
  });

  it('that does not read its stdin is no failure', async () => {
    await expect(notify({ command: ['/bin/true'] })).resolves.toBeUndefined();
  });
});
