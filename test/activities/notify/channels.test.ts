import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { type ChannelState, createNotifyActivities } from '../../../activities/notify/index.js';
import type { NotifySettings } from '../../../domain/notifications.js';
import { anEvent, channels, failureOf, scratchFolder, tell } from './receivers.js';

const event = anEvent();

describe('a command', () => {
  const run = (...command: string[]) => tell(channels({ it: { kind: 'command', command } }), { event });

  it('gets the event on its stdin and its words as they are, without a shell', async () => {
    const file = join(await scratchFolder(), 'said');
    await run('/bin/sh', '-c', 'cat > "$1"; printf %s "$2" >> "$1"', 'sh', file, '$(id) ; x');
    const [json = '', rest] = (await readFile(file, 'utf8')).split('\n');
    expect(JSON.parse(json)).toMatchObject({ event: 'findings', ...event });
    expect(rest).toBe('$(id) ; x');
  });

  it('that fails is tried again, and its last words are kept without secrets', async () => {
    const failure = await failureOf(run('/bin/sh', '-c', 'echo password=hunter2 >&2; exit 3'));
    expect(failure.message).toBe('the notification command /bin/sh exited with 3: password=[redacted]');
    expect(failure.nonRetryable).not.toBe(true);
  });

  it('that is not there is not tried again', async () => {
    const failure = await failureOf(run('/nonexistent/notify'));
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining('ENOENT') });
  });

  it('that does not read its stdin is no failure', async () => {
    expect(await run('/bin/true')).toBe('the notification command /bin/true exited with 0');
  });
});

describe('the channels of a site', () => {
  const at = (settings: NotifySettings | undefined, time: string): Promise<ChannelState[]> =>
    new MockActivityEnvironment().run(createNotifyActivities({ inventory: { notify: settings } }).channelsAt, {
      at: time,
    });
  const quietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
  const settings = channels({
    chat: { kind: 'slack', url: 'https://chat.example.org/1', severities: ['error', 'warn'], quietHours },
    tool: { kind: 'command', command: ['/bin/true'] },
  });
  const tool = { name: 'tool', kind: 'command', severities: ['error', 'unknown', 'warn'], except: [] };
  const chat = { name: 'chat', kind: 'slack', severities: ['error', 'warn'], except: ['error'] };

  it('are listed with what they want to hear, and until when they want to hear only the worst', async () => {
    expect(await at(settings, '2026-03-01T12:00:00.000Z')).toEqual([chat, tool]);
    expect(await at(settings, '2026-03-01T23:00:00.000Z')).toEqual([
      { ...chat, quietUntil: Date.parse('2026-03-02T06:00:00.000Z') },
      tool,
    ]);
  });

  it('are one of the name of its kind in the first form, and none without notify', async () => {
    const [hook, ...others] = await at({ webhook: 'https://chat.example.org/1' }, '2026-03-01T23:00:00.000Z');
    expect([hook?.name, others]).toEqual(['webhook', []]);
    expect((await at({ command: ['/bin/true'] }, '2026-03-01T23:00:00.000Z')).map(({ name }) => name)).toEqual([
      'command',
    ]);
    expect(await at(undefined, '2026-03-01T23:00:00.000Z')).toEqual([]);
  });

  it('are named where one is meant that is not there', async () => {
    const failure = await failureOf(tell(settings, { channel: 'mail', event }));
    expect(failure).toMatchObject({
      nonRetryable: true,
      message: 'there is no channel mail under notify in ostler.yaml; there is chat, tool',
    });
  });
});
