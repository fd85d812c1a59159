import { beforeAll, describe, expect, it } from 'vitest';
import { createNotifyActivities } from '../../activities/notify/index.js';
import type { NotifySettings } from '../../domain/notifications.js';
import { siteQueue } from '../../workflows/messages/names.js';
import { channels, receiver } from '../activities/notify/receivers.js';
import { startWorker } from '../setup/temporal.js';
import { FakeSite } from '../workflows/fake-site.js';
import { ostler } from './fixtures/operator.js';
import { polled, type Space, space } from './fixtures/space.js';

let here: Space;
beforeAll(async () => {
  here = await space({ setUp: true });
});

/** A worker of a cloud that has this in its ostler.yaml. */
async function cloudWith(notify?: NotifySettings): Promise<string> {
  const site = new FakeSite({ hosts: [] });
  const { server: on, namespace, client } = here;
  const taskQueue = siteQueue(site.cloud);
  const activities = { ...site.activities(), ...createNotifyActivities({ inventory: { notify } }) };
  await startWorker({ on, namespace, taskQueue, activities });
  await polled(client, taskQueue, 2);
  return site.cloud;
}

const test = (cloud: string, ...words: string[]) =>
  ostler(['notify', 'test', ...words, '--cloud', cloud, ...here.flags]);

it('leaves with 6 when no worker polls', async () => {
  const { code, err } = await test('nowhere');
  expect(code).toBe(6);
  expect(err).toContain('no worker polls ostler,');
});

describe('with a worker', () => {
  beforeAll(async () => void (await here.ostlerWorker()));

  it('tells every channel that it is a test, whatever the time, and leaves with 0', async () => {
    const { url, got } = await receiver();
    const quietHours = { from: '00:00', to: '23:59', timeZone: 'UTC', except: [] };
    const cloud = await cloudWith(
      channels({
        hook: { kind: 'webhook', url, quietHours },
        tool: { kind: 'command', command: ['/bin/true'], severities: ['unknown'] },
      }),
    );
    const { code, out, err } = await test(cloud);
    expect(code, err).toBe(0);
    expect(out).toBe(
      `    CHANNEL  KIND     RESULT
ok  hook     webhook  the webhook at ${new URL(url).host} answered 200
ok  tool     command  the notification command /bin/true exited with 0
`,
    );
    expect(got.map(({ body }) => JSON.parse(body.toString()))).toMatchObject([
      {
        event: 'test',
        cloud,
        run: expect.stringMatching(new RegExp(`^notify-test/${cloud}/`)),
        opened: [{ check: 'test' }],
      },
    ]);
  });

  it('says of each channel what became of it, and leaves with 1 when one did not take it', async () => {
    const away = await receiver((response) => response.writeHead(503).end());
    const well = await receiver();
    const cloud = await cloudWith(
      channels({ away: { kind: 'slack', url: away.url }, well: { kind: 'webhook', url: well.url } }),
    );
    const { code, json } = await test(cloud, '--json');
    expect(code).toBe(1);
    expect(json()).toEqual({
      cloud,
      channels: [
        {
          channel: 'away',
          kind: 'slack',
          isDelivered: false,
          said: `the webhook at ${new URL(away.url).host} answered 503`,
        },
        {
          channel: 'well',
          kind: 'webhook',
          isDelivered: true,
          said: `the webhook at ${new URL(well.url).host} answered 200`,
        },
      ],
    });
    // It is sent once.
    expect(away.got).toHaveLength(1);
  });

  it('tells only the one channel that is named', async () => {
    const one = await receiver();
    const other = await receiver();
    const cloud = await cloudWith(
      channels({ one: { kind: 'webhook', url: one.url }, other: { kind: 'webhook', url: other.url } }),
    );
    expect((await test(cloud, 'one')).code).toBe(0);
    expect([one.got.length, other.got.length]).toEqual([1, 0]);
    const { code, err } = await test(cloud, 'another');
    expect(code).toBe(2);
    expect(err).toContain(`${cloud} has no channel another; it has one, other`);
  });

  it('knows the first form of notify by what it is', async () => {
    const { url } = await receiver();
    const { code, out } = await test(await cloudWith({ webhook: url }), 'webhook');
    expect(code).toBe(0);
    expect(out).toContain('answered 200');
  });

  it('leaves with 2 where nobody is configured to be told', async () => {
    const cloud = await cloudWith();
    const { code, err } = await test(cloud);
    expect(code).toBe(2);
    expect(err).toContain(`the inventory of ${cloud} has no notify`);
  });
});
