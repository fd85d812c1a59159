import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunOnHost } from '../../activities/hosts.js';
import type { RolloutProgress } from '../../domain/progress.js';
import { siteQueue } from '../../workflows/messages/names.js';
import { devClient, startWorker, uniqueName } from '../setup/temporal.js';
import { FakeSite, type FakeSiteOptions } from './fake-site.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The page's code, laid out as it says, in a folder inside the project so that its imports resolve. */
let example: string;
const at = (file: string): string => join(example, file);

beforeAll(async () => {
  example = await mkdtemp(join(root, '.example-'));
  const page = await readFile(join(root, 'docs/adding-an-operation.md'), 'utf8');
  const blocks = [...page.matchAll(/^```ts file=(\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, file, code]) => ({ file, code }) as { file: string; code: string },
  );
  expect(blocks.map(({ file }) => file)).toEqual(['activities/memcached.ts', 'workflows/recycle-memcached.ts']);
  const own = new Set(blocks.map(({ file }) => at(file)));
  for (const { file, code } of blocks) {
    const elsewhere = code.replace(/from '(\.[^']+)\.js'/g, (whole, path: string) => {
      const here = join(dirname(at(file)), `${path}.ts`);
      return own.has(here) ? whole : `from '${join(root, dirname(file), path)}.js'`;
    });
    await mkdir(dirname(at(file)), { recursive: true });
    await writeFile(at(file), elsewhere);
  }
});
afterAll(() => rm(example, { recursive: true, force: true }));

describe('the operation on the page "Adding a service or an operation"', () => {
  it('compiles under the project’s own rules', async () => {
    const config = at('tsconfig.json');
    await writeFile(
      config,
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { noEmit: true, rootDir: root },
        include: ['**/*.ts'],
        exclude: [],
      }),
    );
    await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', config]).catch((error: { stdout: string }) =>
      expect.unreachable(error.stdout),
    );
  });

  it('drains, restarts and restores every host', async () => {
    const { steps, result } = await recycle({ hosts: ['c1', 'c2'] });
    expect(await result).toMatchObject({ outcome: 'ok' });
    expect(steps).toEqual(['drain c1', 'act c1', 'restore c1', 'drain c2', 'act c2', 'restore c2']);
  });

  it('restores a host whose restart failed, and touches no further host when the run aborts', async () => {
    const failed = { state: 'failed' as const, note: { why: 'exit 1' } };
    const { steps, result } = await recycle({ hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed] } } });
    await expect(result).rejects.toMatchObject({ cause: { type: 'RolloutAborted' } });
    expect(steps).toEqual(['drain c1', 'act c1', 'restore c1']);
  });

  it('does not end ok while a host is still drained, and says which', async () => {
    const { result, progress } = await recycle({ hosts: ['c1'] }, { restoreFails: true });
    await expect(result).rejects.toMatchObject({ cause: { type: 'RolloutFailed' } });
    expect((await progress()).owed).toEqual(['c1: permission denied']);
  });
});

async function recycle(options: FakeSiteOptions, { restoreFails = false } = {}) {
  const site = new FakeSite(options);
  const steps: string[] = [];
  const { createMemcachedActivities } = (await import(pathToFileURL(at('activities/memcached.ts')).href)) as {
    createMemcachedActivities: (deps: { run: RunOnHost }) => object;
  };
  const activities = site.activities();
  await startWorker({
    taskQueue: siteQueue(site.cloud),
    activities: {
      ...activities,
      restartUnit: (order: Parameters<typeof activities.restartUnit>[0]) => {
        steps.push(`act ${order.node}`);
        return activities.restartUnit(order);
      },
      ...createMemcachedActivities({
        run: async (node: string, script: string) => {
          if (script.startsWith('rm') && restoreFails) throw ApplicationFailure.nonRetryable('permission denied');
          steps.push(`${script.startsWith('touch') ? 'drain' : 'restore'} ${node}`);
          return { exitCode: 0, stdout: '', stderr: '', truncated: false };
        },
      }),
    },
  });
  const { taskQueue } = await startWorker({ workflowsPath: at('workflows/recycle-memcached.ts') });
  const { client } = await devClient();
  const handle = await client.workflow.start('recycleMemcached', {
    workflowId: uniqueName('recycle'),
    taskQueue,
    args: [{ request: site.request({ onFailure: 'abort' }) }],
  });
  return { steps, result: handle.result(), progress: () => handle.query<RolloutProgress>('progress') };
}
