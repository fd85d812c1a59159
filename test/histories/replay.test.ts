import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startDevServer } from '../../worker/server/dev-server.js';
import { findTemporalCli } from '../../worker/server/find.js';
import { searchAttributes } from '../../workflows/messages/names.js';
import { shared } from '../setup/shared.js';
import { connect } from '../setup/temporal.js';
import { outcomes, type Recorded } from './outcomes.js';

/** Histories of shipped versions: one file an outcome, never recorded anew once shipped (design, rule 11). */
const folder = new URL('./recorded/', import.meta.url);
const fileOf = (name: string): URL => new URL(`${name}.json`, folder);
const missing = Object.keys(outcomes).filter((name) => !existsSync(fileOf(name)));

describe.runIf(process.env.OSTLER_RECORD_HISTORIES)('recording', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await startDevServer({
      searchAttributes,
      dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 60 },
    });
  });
  afterAll(() => server.stop());

  it.each(missing)('keeps the history of %s', async (name) => {
    const on = await connect(server.address);
    const outcome = outcomes[name] as (typeof outcomes)[string];
    const { workflowId, runId }: Recorded = await outcome(on);
    const show = ['workflow', 'show', '--address', server.address, '--output', 'json', '--workflow-id', workflowId];
    const { stdout } = await promisify(execFile)(await findTemporalCli(), [
      ...show,
      ...(runId ? ['--run-id', runId] : []),
    ]);
    await writeFile(fileOf(name), stdout.replaceAll(fileURLToPath(new URL('../../', import.meta.url)), 'ostler/'));
    expect(JSON.parse(stdout).events.length).toBeGreaterThan(5);
  });
});

describe('every stored history replays', () => {
  it.skipIf(process.env.OSTLER_RECORD_HISTORIES)('has one for every outcome of every shipped workflow', async () => {
    const recorded = (await readdir(folder)).map((file) => file.replace(/\.json$/, ''));
    expect(recorded).toEqual(expect.arrayContaining(Object.keys(outcomes)));
  });

  it('under the present code', async () => {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
    const histories = await Promise.all(
      files.map(async (file) => ({
        workflowId: file,
        history: JSON.parse(await readFile(new URL(file, folder), 'utf8')),
      })),
    );
    const broken: string[] = [];
    let replayed = 0;
    const workflowBundle = { codePath: await shared('workflow-bundle') };
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
      replayed += 1;
      if (error) broken.push(`${workflowId}: ${error.message}`);
    }
    expect(broken).toEqual([]);
    expect(replayed).toBe(files.length);
  });
});
