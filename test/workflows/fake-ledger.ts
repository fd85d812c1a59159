import type { Client } from '@temporalio/client';
import { vi } from 'vitest';
import { recordInLedger } from '../../activities/audit/ledger.js';
import type { AuditEvent } from '../../domain/audit/event.js';
import type { FindingSeverity } from '../../domain/audit/finding.js';
import type { AuditRecord, LedgerState, RecordedFinding } from '../../domain/audit/ledger.js';
import { ledgerId, siteQueue } from '../../workflows/messages/names.js';
import { devClient, startWorker } from '../setup/temporal.js';
import { FakeSite } from './fake-site.js';

type Server = NonNullable<Parameters<FakeSite['start']>[0]> & { client: Client };

/** A channel of a site: what it was told, and how it takes that. */
export class FakeChannel {
  readonly events: AuditEvent[] = [];
  severities: FindingSeverity[] = ['error', 'unknown', 'warn'];
  except: FindingSeverity[] = [];
  quietUntil: number | undefined;
  take: (event: AuditEvent) => void = () => {};
}

/** A cloud's ledger, which the first audit starts, and channels by these names that it tells. */
export async function ledgerWith(names: readonly string[], on?: Server) {
  const channels = Object.fromEntries(names.map((name) => [name, new FakeChannel()]));
  const site = new FakeSite({ hosts: [] });
  const activities: ReturnType<FakeSite['activities']> = {
    ...site.activities(),
    tell: async ({ channel: name, event }) => {
      const channel = channels[name] as FakeChannel;
      channel.events.push(event);
      channel.take(event);
      return 'taken';
    },
    channelsAt: async () =>
      Object.entries(channels).map(([name, { severities, except, quietUntil }]) => ({
        name,
        kind: 'webhook' as const,
        severities,
        except,
        ...(quietUntil !== undefined && quietUntil > Date.now() && { quietUntil }),
      })),
  };
  const taskQueue = siteQueue(site.cloud);
  await startWorker({ ...(on && { on }), taskQueue, activities });
  const { client } = on ?? (await devClient());
  const handle = client.workflow.getHandle(ledgerId(site.cloud));
  let count = 0;
  const audit = (findings: RecordedFinding[], more: Partial<AuditRecord> = {}) =>
    recordInLedger(client, {
      cloud: site.cloud,
      run: `audit/x@${++count}`,
      at: new Date(Date.UTC(2026, 0, 1) + count * 1_000).toISOString(),
      isWhole: true,
      nodeChecks: ['reachable', 'memory'],
      cloudChecks: ['galera'],
      findings,
      omitted: 0,
      samples: 1,
      channels: [...names],
      ...more,
    });
  const state = () => handle.query<LedgerState>('state');
  const settled = () =>
    vi.waitFor(
      async () => {
        const owing = Object.values((await state()).outgoing).some(({ sending, waiting }) => sending || waiting);
        if (owing) throw new Error('somebody is still to be told');
      },
      { timeout: 20_000 },
    );
  return { handle, audit, state, settled, channel: (name: string) => channels[name] as FakeChannel };
}

export const memory: RecordedFinding = {
  check: 'memory',
  node: 'c1',
  severity: 'warn',
  what: 'memory of c1',
  next: 'add some',
};
export const galera: RecordedFinding = { check: 'galera', severity: 'error', what: 'galera is split', next: 'look' };
