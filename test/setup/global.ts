import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import type { DevServer } from '../../worker/server/dev-server.js';
import { withoutTemporalSettings } from '../../worker/server/environment.js';
import type { Shared } from './shared.js';

/**
 * What all test files of a run share is made when the first of them asks for it, so that a run of pure tests starts no
 * server, and a workflow that does not bundle fails the tests that need it and no others.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env = withoutTemporalSettings(process.env);
  const folder = await mkdtemp(join(tmpdir(), 'ostler-test-'));
  let devServer: Promise<DevServer> | undefined;

  const make: Record<Shared, () => Promise<string>> = {
    'dev-server': async () => {
      devServer = startSharedDevServer();
      return (await devServer).address;
    },
    'test-server': async () => (await import('../../worker/server/find.js')).findTestServer(),
    'workflow-bundle': () => bundleWorkflows(join(folder, 'workflow-bundle.js')),
  };
  const made = new Map<string, Promise<string>>();
  const give = (name: Shared): Promise<string> => {
    const thing = made.get(name) ?? make[name]();
    made.set(name, thing);
    return thing;
  };

  const server = createServer(async (request, response) => {
    const name = (request.url ?? '').slice(1) as Shared;
    try {
      response.end(await give(name));
    } catch (error) {
      response.writeHead(500).end(`${name}: ${(error as Error).message}`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('sharedUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

  return async () => {
    server.close();
    server.closeAllConnections();
    await (await devServer?.catch(() => undefined))?.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function startSharedDevServer(): Promise<DevServer> {
  const { startDevServer } = await import('../../worker/server/dev-server.js');
  const { searchAttributes } = await import('../../workflows/messages/names.js');
  return startDevServer({ searchAttributes });
}

async function bundleWorkflows(target: string): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  await writeFile(target, code);
  return target;
}
