import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyFreePort } from '../../../worker/server/ports.js';
import { shared } from '../../setup/shared.js';
import { space } from '../fixtures/space.js';

const main = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));
const running = new Set<ChildProcess>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostler-dev-'));
  await writeFile(
    join(folder, 'ostler.yaml'),
    '{ cloud: lab, ssh: { user: ops, agent: /nonexistent }, nodes: [{ name: c1, address: 127.0.0.1, roles: [compute] }] }',
  );
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Runs the real command line in a process of its own. */
function ostler(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  void ended.then(() => running.delete(child));
  return {
    signal: (name: NodeJS.Signals) => child.kill(name),
    ended,
    err: () => err,
    /** Waits until stderr holds `pattern`, and fails at once when the process ends before. */
    said: (pattern: RegExp) =>
      expect.poll(() => (child.exitCode === null ? err : `it ended\n${err}`), { timeout: 50_000 }).toMatch(pattern),
  };
}

describe('ostler dev', () => {
  it('runs a server and a worker, keeps histories in a private file, and ends both on Ctrl-C', async () => {
    const db = join(folder, 'state', 'dev.db');
    const dev = ostler('dev', '--port', '0', '--ui-port', '0', '--db', db, '--inventory', join(folder, 'ostler.yaml'));
    await dev.said(/^Worker +ostler and ostler-lab$/m);
    const address = /^Temporal +(127\.0\.0\.1:\d+)$/m.exec(dev.err())?.[1] ?? '';
    const ui = /^Web UI +(http:\/\/127\.0\.0\.1:\d+)$/m.exec(dev.err())?.[1] ?? '';
    expect((await stat(db)).mode & 0o777).toBe(0o600);
    expect((await fetch(ui)).status).toBe(200);

    const connection = await Connection.connect({ address });
    const polls = async (): Promise<number> => {
      const taskQueue = { name: 'ostler-lab' };
      const request = { namespace: 'default', taskQueue, taskQueueType: 2 };
      return (await connection.workflowService.describeTaskQueue(request)).pollers?.length ?? 0;
    };
    await expect.poll(polls, { timeout: 20_000 }).toBe(1);
    await connection.close();

    dev.signal('SIGINT');
    expect(await dev.ended).toBe(0);
    await expect(Connection.connect({ address, connectTimeout: 500 })).rejects.toThrow();
  });
});

describe('ostler worker', () => {
  it('says that the server has no such namespace, and ends with 2', async () => {
    const address = await shared('dev-server');
    const worker = ostler('worker', '--role', 'workflows', '--address', address, '--namespace', 'nowhere');
    expect(await worker.ended).toBe(2);
    expect(worker.err()).toContain(`the Temporal server at ${address} has no namespace nowhere`);
  });

  it('says which server does not answer, and ends with 6', async () => {
    const address = `127.0.0.1:${await anyFreePort()}`;
    const worker = ostler('worker', '--address', address, '--inventory', join(folder, 'ostler.yaml'));
    expect(await worker.ended).toBe(6);
    expect(worker.err()).toContain(`no Temporal server answers at ${address}`);
  });

  it('writes nothing but JSON lines while it works without a terminal, and among them that it polls', async () => {
    const { server, flags } = await space({ setUp: false });
    const worker = ostler('worker', '--role', 'workflows', '--log-level', 'ERROR', ...flags);
    await worker.said(/Polling ostler on /);
    worker.signal('SIGTERM');
    expect(await worker.ended).toBe(0);
    const [polling, ...others] = worker
      .err()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    expect(polling).toMatchObject({ level: 'INFO', message: `Polling ostler on ${server.address}` });
    expect(others).toEqual([]);
  });

  it('says that metrics cannot be served where another process listens, and ends with 2', async () => {
    const address = await shared('dev-server');
    const worker = ostler('worker', '--role', 'workflows', '--address', address, '--metrics', address);
    expect(await worker.ended).toBe(2);
    expect(worker.err()).toMatch(`metrics cannot be served at ${address}: Address already in use`);
    expect(worker.err()).toContain('--metrics or OSTLER_METRICS_ADDRESS');
  });

  it('refuses settings that make no sense', async () => {
    const worker = ostler('worker', '--role', 'workflows', '--deployment', 'ostler');
    expect(await worker.ended).toBe(2);
    expect(worker.err()).toContain('a deployment and a build id belong together');
  });
});
