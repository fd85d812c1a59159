import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, expect } from 'vitest';
import { createNotifyActivities, type Tell } from '../../../activities/notify/index.js';
import type { AuditEvent } from '../../../domain/audit/event.js';
import type { NotifySettings } from '../../../domain/notifications.js';
import { notifySchema } from '../../../domain/notifications.schema.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
export const afterwards = (close: () => unknown): number => closers.push(close);

/** Ends everything that this test has started, before it is over. */
export async function endAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export interface Received {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A webhook on this machine whose path is a secret; what it was sent is in the list. */
export async function receiver(
  answer: (response: ServerResponse, request: Received) => void = (response) => response.end('ok'),
): Promise<{ url: string; got: Received[] }> {
  const got: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const received = { method: request.method, path: request.url, headers: request.headers, body };
    got.push(received);
    answer(response, received);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(() => server.close());
  afterwards(() => server.closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/s3cret-token`, got };
}

export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ostler-notify-'));
  afterwards(() => rm(folder, { recursive: true }));
  return folder;
}

/** Keeps a secret in the environment for this test; answers the reference to it. */
export function kept(secret: string, name = 'OSTLER_TEST_SECRET'): string {
  process.env[name] = secret;
  afterwards(() => delete process.env[name]);
  return `env:${name}`;
}

/** The settings as they are once ostler.yaml is read. */
export const channels = (all: Record<string, object>): NotifySettings => notifySchema.parse({ channels: all });

export const anEvent = (overrides: Partial<AuditEvent> = {}): AuditEvent => ({
  id: '0f3a1c52-7f5e-4c7f-9a55-6f2f0a0f1b11',
  cloud: 'prod',
  at: '2026-03-01T02:00:11.000Z',
  run: 'audit/prod@9c8d7e6f',
  opened: [aFinding()],
  worsened: [],
  eased: [],
  resolved: [],
  omitted: 0,
  counts: { error: 1, unknown: 0, warn: 4, acked: 2 },
  ...overrides,
});

export const aFinding = (overrides: Partial<AuditEvent['opened'][number]> = {}): AuditEvent['opened'][number] => ({
  key: 'disk/compute-3//var',
  check: 'disk',
  node: 'compute-3',
  about: '/var',
  severity: 'error',
  what: '/var on compute-3 is 97 % full',
  next: 'find what has grown: du -x /var',
  since: '2026-03-01T02:00:11.000Z',
  ...overrides,
});

/** Has a channel of these told. */
export function tell(settings: NotifySettings, told: Omit<Tell, 'channel'> & { channel?: string }): Promise<string> {
  const { tell } = createNotifyActivities({ inventory: { notify: settings } });
  return new MockActivityEnvironment().run(tell, { channel: 'it', ...told });
}

export const failureOf = async (promise: Promise<unknown>): Promise<{ message: string; nonRetryable?: boolean }> =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error) => error,
  );

/** Everything that history would keep of a failure. */
export const allOf = (failure: object): string => JSON.stringify(failure, Object.getOwnPropertyNames(failure));
