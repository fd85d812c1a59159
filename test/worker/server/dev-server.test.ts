import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DevServer, type DevServerOptions, startDevServer } from '../../../worker/server/dev-server.js';

let folder: string;
let dbFile: string;
const running: DevServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostler-dev-server-'));
  dbFile = join(folder, 'state', 'temporal.db');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of running.splice(0)) await server.kill();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<DevServerOptions> = {}): Promise<DevServer> {
  const server = await startDevServer({ searchAttributes: { OstlerCloud: 'Keyword' }, ...options });
  running.push(server);
  return server;
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Addresses (in the kernel's hexadecimal) on which process `pid` listens. */
async function listensOn(pid: number): Promise<string[]> {
  const links = (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''));
  const sockets = new Set((await Promise.all(links)).flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8')));
  const rows = tables.flatMap((table) => table.trim().split('\n').slice(1)).map((row) => row.trim().split(/\s+/));
  const listening = rows.filter((columns) => columns[3] === '0A' && sockets.has(columns[9] ?? ''));
  return listening.map((columns) => (columns[1] ?? '').split(':')[0] ?? '');
}

describe('the development server', () => {
  it('answers at the address it gives, with the search attributes asked for', async () => {
    const server = await start({ searchAttributes: { OstlerCloud: 'Keyword', OstlerNodes: 'KeywordList' } });
    expect(server.uiUrl).toBeUndefined();
    const attributes = await withClient(server.address, ({ connection }) =>
      connection.operatorService.listSearchAttributes({ namespace: 'default' }),
    );
    expect(Object.keys(attributes.customAttributes)).toEqual(expect.arrayContaining(['OstlerCloud', 'OstlerNodes']));
  });

  it('serves its UI only when asked to', async () => {
    const server = await start({ uiPort: 0 });
    const page = await fetch(server.uiUrl ?? '');
    expect(await page.text()).toContain('<html');
  });

  it('ends when stopped', async () => {
    const server = await start();
    expect(isAlive(server.pid)).toBe(true);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    await server.stop();
  });

  it('appends what it says to the log file', async () => {
    const log = join(folder, 'server.log');
    await writeFile(log, 'from before\n');
    const server = await start({ log });
    await server.stop();
    expect(await readFile(log, 'utf8')).toMatch(/^from before\n./);
  });

  it('says which address and what the server wrote when it cannot start', async () => {
    const notSqlite = join(folder, 'notes.txt');
    await writeFile(notSqlite, 'this is no database, but long enough to be looked at as one'.repeat(100));
    await expect(start({ dbFile: notSqlite })).rejects.toThrow(
      /did not start at 127\.0\.0\.1:\d+: it ended by itself\n(.|\n)*file is not a database/,
    );
  });

  it('does not take the server of somebody else for its own', async () => {
    const theirs = await start();
    const port = Number(theirs.address.split(':')[1]);
    await expect(start({ port })).rejects.toThrow(
      `Port ${port} of 127.0.0.1 cannot be used: another process listens there. Choose another port.`,
    );
  });

  it('runs nothing when its log cannot be written', async () => {
    await expect(start({ log: join(folder, 'no-such-folder', 'server.log') })).rejects.toThrow('ENOENT');
  });
});

// What a process listens on, and what its environment is, is only told by Linux's /proc.
if (process.platform === 'linux') {
  describe('the development server, seen from outside', () => {
    it('listens on 127.0.0.1 and nowhere else', async () => {
      const server = await start({ uiPort: 0 });
      expect([...new Set(await listensOn(server.pid))]).toEqual(['0100007F']);
    });

    it('is never told of any Temporal server we were set up with', async () => {
      vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example.org:7233');
      vi.stubEnv('TEMPORAL_CONFIG_FILE', join(folder, 'not-there.toml'));
      const server = await start();
      const environment = await readFile(`/proc/${server.pid}/environ`, 'utf8');
      expect(environment).toContain('PATH=');
      expect(environment).not.toMatch(/temporal\.example\.org|not-there\.toml/);
    });
  });
}

describe('a development server with a file', () => {
  it.each(['stop', 'kill'] as const)('keeps its histories when started again after %s', async (end) => {
    const first = await start({ dbFile });
    await withClient(first.address, (client) =>
      client.workflow.start('kept', {
        workflowId: 'kept',
        taskQueue: 'nobody',
        memo: { reason: 'before the restart' },
      }),
    );
    await first[end]();

    const port = Number(first.address.split(':')[1]);
    const second = await start({ dbFile, port });
    expect(second.address).toBe(first.address);
    const found = await withClient(second.address, (client) => client.workflow.getHandle('kept').describe());
    expect(found).toMatchObject({ type: 'kept', status: { name: 'RUNNING' }, memo: { reason: 'before the restart' } });
  });

  it('keeps the file to its owner', async () => {
    await start({ dbFile });
    expect((await stat(dbFile)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700);
  });

  it('closes a file that others could read', async () => {
    const first = await start({ dbFile });
    await first.stop();
    await chmod(dbFile, 0o644);
    await start({ dbFile });
    expect((await stat(dbFile)).mode & 0o777).toBe(0o600);
  });
});

describe('a development server whose starter is killed', () => {
  it('ends too', async () => {
    const starter = fileURLToPath(new URL('fixtures/start-and-wait.ts', import.meta.url));
    const parent = spawn(process.execPath, ['--import', 'tsx', starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 30_000, interval: 50 });
  });
});
