import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditEvent } from '../../domain/audit/event.js';
import { WORKFLOW_QUEUE } from '../../workflows/messages/names.js';
import { startWorker } from '../setup/temporal.js';
import { galera, ledgerWith, memory } from './fake-ledger.js';

beforeAll(async () => void (await startWorker({ taskQueue: WORKFLOW_QUEUE })));

const turns = ({ opened, worsened, eased, resolved }: AuditEvent) => ({
  opened: opened.map(({ key }) => key),
  worsened: worsened.map(({ key }) => key),
  eased: eased.map(({ key }) => key),
  resolved: resolved.map(({ key }) => key),
});

describe('the ledger of findings', () => {
  it('is started by the first audit, and knows since when a finding is there', async () => {
    const { audit } = await ledgerWith([]);
    expect(await audit([memory])).toMatchObject({ since: {} });
    expect((await audit([memory])).since).toEqual({ 'memory/c1': '2026-01-01T00:00:01.000Z' });
  });

  it('tells each channel of each change once', async () => {
    const { audit, settled, channel } = await ledgerWith(['ops', 'chat']);
    await audit([memory]);
    await settled();
    await audit([memory]);
    await audit([]);
    await settled();
    for (const name of ['ops', 'chat']) {
      expect(channel(name).events.map(turns)).toMatchObject([{ opened: ['memory/c1'] }, { resolved: ['memory/c1'] }]);
    }
  });

  it('sends the same id again when it is not known whether a channel has taken it', async () => {
    const { audit, settled, channel } = await ledgerWith(['ops']);
    channel('ops').take = () => {
      if (channel('ops').events.length < 3) throw new Error('the connection broke after it was sent');
    };
    await audit([memory]);
    await settled();
    const ids = channel('ops').events.map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it('lets no channel keep audits or other channels waiting, and adds up what it has missed', async () => {
    const { audit, channel } = await ledgerWith(['slow', 'quick']);
    let open = (): void => {};
    const first = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = channel('slow');
    slow.take = () => {
      if (slow.events.length === 1) throw new Error('away');
      open();
    };
    await audit([memory]);
    await vi.waitFor(() => expect(slow.events).toHaveLength(1), { timeout: 20_000 });
    await audit([memory, galera]);
    await audit([galera]);
    await vi.waitFor(() => expect(channel('quick').events.length).toBeGreaterThan(0), { timeout: 20_000 });
    await first;
    await vi.waitFor(() => expect(slow.events.length).toBe(3), { timeout: 20_000 });
    expect(turns(slow.events[2] as AuditEvent)).toMatchObject({ opened: ['galera/'], resolved: ['memory/c1'] });
  });

  it('keeps what can wait until the quiet hours are over, and tells what cannot', async () => {
    const { audit, channel, state } = await ledgerWith(['ops']);
    const ops = channel('ops');
    ops.quietUntil = Date.now() + 3_600_000;
    ops.except = ['error'];
    await audit([memory, galera]);
    await vi.waitFor(() => expect(ops.events.map(turns)).toMatchObject([{ opened: ['galera/'] }]), { timeout: 20_000 });
    expect(turns((await state()).outgoing.ops?.waiting as AuditEvent)).toMatchObject({ opened: ['memory/c1'] });
    // More to tell makes it look at the clock again.
    ops.quietUntil = undefined;
    await audit([memory, galera, { ...memory, node: 'c2' }]);
    await vi.waitFor(() => expect(ops.events).toHaveLength(2), { timeout: 20_000 });
    expect(turns(ops.events[1] as AuditEvent)).toMatchObject({ opened: ['memory/c1', 'memory/c2'] });
    expect(new Set(ops.events.map(({ id }) => id)).size).toBe(2);
  });

  it('tells nobody what he does not want to hear', async () => {
    const { audit, channel, settled } = await ledgerWith(['ops']);
    channel('ops').severities = ['error'];
    await audit([memory]);
    await settled();
    expect(channel('ops').events).toEqual([]);
  });

  it('says whom it could not tell, until he takes something again', async () => {
    const { audit, channel, settled } = await ledgerWith(['ops']);
    channel('ops').take = () => {
      throw ApplicationFailure.nonRetryable('the webhook answered 404');
    };
    await audit([memory]);
    await settled();
    expect((await audit([memory])).undelivered).toMatchObject([{ channel: 'ops', why: 'the webhook answered 404' }]);
    channel('ops').take = () => {};
    await audit([memory, galera]);
    await settled();
    expect((await audit([memory, galera])).undelivered).toEqual([]);
  });

  it('takes an acknowledgement of a finding that is there, by somebody, for a time to come', async () => {
    const { audit, handle } = await ledgerWith([]);
    await audit([memory]);
    const until = '2099-01-01T00:00:00.000Z';
    const ack = { key: 'memory/c1', actor: 'alice', reason: 'T-1', until };
    const refusals = [
      { ...ack, key: 'memory/c2' },
      { ...ack, actor: ' ' },
      { ...ack, reason: 'x'.repeat(501) },
      { ...ack, until: '2020-01-01T00:00:00.000Z' },
      { ...ack, until: 'soon' },
      undefined,
    ];
    for (const wrong of refusals)
      await expect(handle.executeUpdate('acknowledge', { args: [wrong] })).rejects.toThrow();
    expect(await handle.executeUpdate('acknowledge', { args: [ack] })).toContain('until 2099');
    expect((await audit([memory])).acks).toEqual({ 'memory/c1': { actor: 'alice', reason: 'T-1', until } });
  });

  it('goes on when it is cancelled, and refuses what is no record', async () => {
    const { audit, handle } = await ledgerWith([]);
    await audit([memory]);
    await handle.cancel();
    const record = { cloud: handle.workflowId.slice('findings/'.length), run: randomUUID(), at: '2026-01-02' };
    const lists = { nodeChecks: [], cloudChecks: [], channels: [], samples: 1, omitted: 0 };
    for (const wrong of [record, { ...record, ...lists, findings: [null] }, { ...record, ...lists, findings: [{}] }])
      await expect(handle.executeUpdate('record', { args: [wrong] })).rejects.toMatchObject({
        cause: { message: 'this is not what an audit found' },
      });
    expect((await audit([memory])).since).toHaveProperty('memory/c1');
  });
});
