import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { NativeConnection } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { WorkerSettingsError } from '../../worker/options.js';
import { anyFreePort } from '../../worker/server/ports.js';
import { installRuntime, jsonLogger, logLine } from '../../worker/telemetry.js';
import { shared } from '../setup/shared.js';

describe('a log line', () => {
  const entry = { timestampNanos: 1_764_000_000_123_456_789n, level: 'INFO', message: 'unit restarted' } as const;

  it('is one JSON object with time, level, message and fields', () => {
    const line = logLine({ ...entry, meta: { host: 'compute-1', tookMs: 12 } });
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({
      time: '2025-11-24T16:00:00.123Z',
      level: 'INFO',
      message: 'unit restarted',
      host: 'compute-1',
      tookMs: 12,
    });
  });

  it('stays one line whatever an error says, and keeps its stack', () => {
    const line = logLine({ ...entry, meta: { error: new TypeError('two\nlines'), at: 5n } });
    expect(line.split('\n')).toHaveLength(2);
    expect(JSON.parse(line)).toMatchObject({ error: { name: 'TypeError', message: 'two\nlines' }, at: '5' });
  });

  it('cannot be passed off as another by a field', () => {
    expect(JSON.parse(logLine({ ...entry, meta: { level: 'ERROR', message: 'forged' } }))).toMatchObject({
      level: 'INFO',
      message: 'unit restarted',
    });
  });

  it('is written only from the level on', () => {
    const lines: string[] = [];
    const logger = jsonLogger('WARN', (line) => lines.push(line));
    logger.info('quiet');
    logger.warn('loud');
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['loud']);
  });
});

it('serves no metrics where another process listens, and says so by address', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const metricsAddress = `127.0.0.1:${(holder.address() as AddressInfo).port}`;
  const install = (): void => installRuntime({ logLevel: 'ERROR', metricsAddress });
  expect(install).toThrow(WorkerSettingsError);
  expect(install).toThrow(`metrics cannot be served at ${metricsAddress}: Address already in use`);
  holder.close();
});

it('serves metrics for Prometheus', async () => {
  const port = await anyFreePort();
  installRuntime({ logLevel: 'ERROR', metricsAddress: `127.0.0.1:${port}` });
  const connection = await NativeConnection.connect({ address: await shared('dev-server') });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/^temporal_request_total\{.*operation="DescribeNamespace".*\} \d+$/m);
  } finally {
    await connection.close();
  }
});
