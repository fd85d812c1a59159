import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { createNotifyActivities, type Notification } from '../../../activities/notify/index.js';
import type { NotifySettings } from '../../../domain/notifications.js';
import { siteQueue } from '../../../workflows/messages/names.js';
import { devClient, startWorker, uniqueName } from '../../setup/temporal.js';
import { FakeSite } from '../../workflows/fake-site.js';
import { channels, failureOf, kept, type Received, receiver } from './receivers.js';

const message: Notification = {
  event: 'needs-person',
  run: 'restart/prod/nova-compute@0a1b2c3d',
  cloud: 'prod',
  operation: 'restart',
  target: 'nova-compute',
  summary: 'compute-3 did not <come> back',
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;

const notify = (settings?: NotifySettings, env = new MockActivityEnvironment()): Promise<void> =>
  env.run(createNotifyActivities({ inventory: { notify: settings } }).notify, message);

const json = ({ body }: Received) => JSON.parse(body.toString());

it('does nothing when the site has configured nothing', async () => {
  await expect(notify()).resolves.toBeUndefined();
});

describe('a run', () => {
  it('is told to the one webhook of the first form as JSON', async () => {
    const { url, got } = await receiver();
    await notify({ webhook: kept(url) });
    expect(got.map(json)).toEqual([{ ...message, id: expect.stringMatching(UUID) }]);
    expect(got[0]).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
    expect(got[0]?.headers['ostler-event-id']).toBe(json(got[0] as Received).id);
  });

  it('is told to every channel, also in its quiet hours and whatever severities it wants', async () => {
    const chat = await receiver();
    const hook = await receiver();
    const always = { from: '00:00', to: '23:59', timeZone: 'UTC', except: [] };
    await notify(
      channels({
        chat: { kind: 'slack', url: chat.url, severities: ['error'], quietHours: always },
        hook: { kind: 'webhook', url: hook.url, secret: kept('k3y') },
      }),
    );
    expect(json(chat.got[0] as Received).text).toBe(
      '*prod: restart nova-compute needs a person*\ncompute-3 did not &lt;come&gt; back\n\nostler show restart/prod/nova-compute@0a1b2c3d',
    );
    expect(hook.got[0]?.headers).toHaveProperty('ostler-signature');
  });

  it('that one channel does not take reaches the others, which a retry does not tell again', async () => {
    const well = await receiver();
    const away = await receiver((response) => response.writeHead(503).end());
    const settings = channels({ well: { kind: 'webhook', url: well.url }, away: { kind: 'webhook', url: away.url } });
    const env = new MockActivityEnvironment();
    let noted: unknown;
    env.on('heartbeat', (details: unknown) => {
      noted = details;
    });
    const failure = await failureOf(notify(settings, env));
    expect(failure.message).toBe(`the webhook at ${new URL(away.url).host} answered 503`);
    expect(failure.nonRetryable).not.toBe(true);

    await failureOf(notify(settings, new MockActivityEnvironment({ attempt: 2, heartbeatDetails: noted })));
    expect([well.got.length, away.got.length]).toEqual([1, 2]);
    expect(json(away.got[1] as Received).id).toBe(json(well.got[0] as Received).id);
  });

  it.each([
    [404, 404, true],
    [404, 503, false],
  ])(
    'that no channel takes (%d, %d) names them all, and is tried again where that may help',
    async (one, other, isFinal) => {
      const [a, b] = await Promise.all(
        [one, other].map((status) => receiver((response) => response.writeHead(status).end())),
      );
      const settings = channels({ a: { kind: 'webhook', url: a?.url }, b: { kind: 'slack', url: b?.url } });
      const failure = await failureOf(notify(settings));
      expect(failure.message).toBe(
        `the webhook at ${new URL(a?.url ?? '').host} answered ${one}; the webhook at ${new URL(b?.url ?? '').host} answered ${other}`,
      );
      expect(failure.nonRetryable === true).toBe(isFinal);
    },
  );

  it('that somebody heard of, but the worker did not hear that they did, is told again under the same id, and the next under another', async () => {
    const { url, got } = await receiver((response) => (got.length % 2 === 1 ? response.destroy() : response.end()));
    const site = new FakeSite({ hosts: ['c1'] });
    const { notify } = createNotifyActivities({ inventory: { notify: { webhook: url } } });
    await startWorker({ taskQueue: siteQueue(site.cloud), activities: { ...site.activities(), notify } });
    const { taskQueue } = await startWorker({});
    const { client } = await devClient();
    for (const turn of [1, 2]) {
      await client.workflow.execute('rollingRestart', {
        workflowId: uniqueName(`restart-${turn}`),
        taskQueue,
        args: [{ request: site.request() }],
      });
    }
    const ids = got.map((request) => json(request).id);
    expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2]]);
    expect(ids).toHaveLength(4);
    expect(ids[0]).not.toBe(ids[2]);
  });
});
