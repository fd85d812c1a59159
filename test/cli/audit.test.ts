import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { recordInLedger } from '../../activities/audit/ledger.js';
import type { Finding } from '../../domain/audit/finding.js';
import { recordOf } from '../../domain/audit/reported.js';
import { siteQueue } from '../../workflows/messages/names.js';
import { startWorker } from '../setup/temporal.js';
import { FakeSite } from '../workflows/fake-site.js';
import { ostler, start } from './fixtures/operator.js';
import { polled, type Space, space, until } from './fixtures/space.js';

let here: Space;
beforeAll(async () => {
  here = await space({ setUp: true });
});

const memory = (severity: Finding['severity'], node = 'c1'): Finding => ({
  check: 'reachable',
  node,
  severity,
  what: `${node} is short of memory`,
  evidence: [{ value: '97 %', threshold: 'error at 85 %', command: 'free' }],
  next: 'add some',
});

/** A site of two nodes with this to find, whose audits are told to a real ledger. `find` is what the next audit finds. */
async function cloudWith(findings: Finding[] = []) {
  const found: Record<string, Finding[]> = { c1: findings };
  const site = new FakeSite({ hosts: ['c1', 'c2'], findings: found });
  const { server: on, namespace, client } = here;
  const taskQueue = siteQueue(site.cloud);
  const activities = {
    ...site.activities(),
    recordAudit: async (what: Parameters<typeof recordOf>[0]) => recordInLedger(client, recordOf(what)),
  };
  await startWorker({ on, namespace, taskQueue, activities });
  await polled(client, taskQueue, 2);
  return {
    cloud: site.cloud,
    find(...next: Finding[]): void {
      found.c1 = next;
    },
  };
}

const audit = (cloud: string, ...words: string[]) => ostler(['audit', ...words, '--cloud', cloud, ...here.flags]);

it('leaves with 6 when no worker polls, naming the queue', async () => {
  const { code, err } = await audit('nowhere');
  expect(code).toBe(6);
  expect(err).toMatch(/no worker polls ostler,[\s\S]*ostler worker/);
});

describe('with a worker', () => {
  beforeAll(async () => void (await here.ostlerWorker()));

  it('leaves with 0 when all is well, 3 for warnings and what is unknown, 4 for errors', async () => {
    const { cloud, find } = await cloudWith();
    expect((await audit(cloud)).code).toBe(0);
    find(memory('warn'));
    expect((await audit(cloud)).code).toBe(3);
    find(memory('unknown'));
    expect((await audit(cloud)).code).toBe(3);
    find(memory('error'), memory('warn', 'c2'));
    const { code, out } = await audit(cloud);
    expect(code, out).toBe(4);
    expect(out).toContain('c1 is short of memory');
  });

  it('prints one document with --json, and the same again without asking', async () => {
    const { cloud, find } = await cloudWith([memory('warn')]);
    const { json } = await audit(cloud, '--json');
    expect(json()).toMatchObject({ cloud, findings: [{ key: 'reachable/c1', severity: 'warn' }], omitted: 0 });
    find();
    const last = await audit(cloud, 'last', '--json');
    expect(last.code, last.err).toBe(3);
    expect(last.json()).toEqual(json());
  });

  it('writes a page and JUnit XML where it is told to, and says when it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ostler-audit-'));
    const { cloud } = await cloudWith([memory('error')]);
    const { code, err } = await audit(cloud, '--html', join(folder, 'a.html'), '--junit', join(folder, 'a.xml'));
    expect(code, err).toBe(4);
    expect(await readFile(join(folder, 'a.html'), 'utf8')).toContain('c1 is short of memory');
    expect(await readFile(join(folder, 'a.xml'), 'utf8')).toContain('<testsuite');
    const nowhere = await audit(cloud, '--html', join(folder, 'no', 'such.html'));
    expect(nowhere.code).toBe(1);
    expect(nowhere.err).toContain('ostler audit last');
  });

  it('says what is other than before, and what has come and gone', async () => {
    const { cloud, find } = await cloudWith([memory('warn')]);
    await audit(cloud);
    find(memory('error'));
    await audit(cloud);
    const worse = await audit(cloud, 'diff');
    expect(worse.out).toMatch(/worse +warn +error +reachable\/c1/);
    await audit(cloud);
    expect((await audit(cloud, 'diff')).out).toBe('nothing has changed\n');
    expect((await audit(cloud, 'diff', '--since', '1h')).out).toMatch(/new +ok +error +reachable\/c1/);
    find();
    await audit(cloud);
    const { out } = await audit(cloud, 'history', 'host');
    expect(out.trim().split('\n').slice(1)).toMatchObject([
      expect.stringMatching(/error +ok +reachable\/c1/),
      expect.stringMatching(/warn +error +reachable\/c1/),
      expect.stringMatching(/ok +warn +reachable\/c1/),
    ]);
    expect((await audit(cloud, 'history', 'reachable', '--node', 'c2')).out).toBe('no change is on record\n');
  });

  it('lets a finding be acknowledged: it counts for nothing until then, or until it gets worse', async () => {
    const { cloud, find } = await cloudWith([memory('warn')]);
    await audit(cloud);
    const ack = await audit(cloud, 'ack', 'reachable/c1', '--until', '2d', '--reason', 'TICKET-1');
    expect(ack.code, ack.err).toBe(0);
    const known = await audit(cloud, '--json');
    expect(known.code).toBe(0);
    expect(known.json().findings[0].ack).toMatchObject({ actor: 'ada@bastion', reason: 'TICKET-1' });
    find(memory('error'));
    expect((await audit(cloud)).code).toBe(4);
  });

  it('acknowledges every finding that fits a pattern', async () => {
    const { cloud } = await cloudWith([memory('warn'), memory('warn', 'c2')]);
    await audit(cloud);
    const { json } = await audit(cloud, 'ack', 'reachable/*', '--until', '2d', '--reason', 'T', '--json');
    expect(json().keys).toEqual(['reachable/c1', 'reachable/c2']);
    expect((await audit(cloud)).code).toBe(0);
  });

  it('refuses to acknowledge what is not there, for no reason, or for a time that is over', async () => {
    const { cloud } = await cloudWith([memory('warn')]);
    await audit(cloud);
    const wrong = await audit(cloud, 'ack', 'reachable/c7', '--until', '2d', '--reason', 'T');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('did you mean reachable/c1?');
    expect((await audit(cloud, 'ack', 'reachable/c1', '--until', '2d')).code).toBe(2);
    expect((await audit(cloud, 'ack', 'reachable/c1', '--until', '2020-01-01', '--reason', 'T')).code).toBe(2);
    expect((await audit(cloud, 'ack', 'reachable/c1', '--until', 'soon', '--reason', 'T')).code).toBe(2);
  });

  it('says of a cloud that was never audited how to begin', async () => {
    for (const word of ['last', 'diff', 'history']) {
      const { code, err } = await audit('fresh', word, ...(word === 'history' ? ['reachable'] : []));
      expect(code).toBe(2);
      expect(err).toContain('do it now: ostler audit');
    }
  });

  it('says which check may be meant', async () => {
    const { cloud } = await cloudWith();
    const { code, err } = await audit(cloud, 'history', 'reachabel');
    expect(code).toBe(2);
    expect(err).toContain('did you mean reachable?');
  });

  it('leaves an audit alone on Ctrl-C, and refuses a second one beside it', async () => {
    const { server: on, namespace, client } = here;
    const site = new FakeSite({ hosts: ['c1'] });
    let open = (): void => {};
    const held = new Promise<void>((resolve) => {
      open = resolve;
    });
    const activities = {
      ...site.activities(),
      auditNodes: async () => {
        await held;
        return { findings: [], omitted: 0 };
      },
      recordAudit: async (what: Parameters<typeof recordOf>[0]) => recordInLedger(client, recordOf(what)),
    };
    await startWorker({ on, namespace, taskQueue: siteQueue(site.cloud), activities });
    await polled(client, siteQueue(site.cloud), 2);
    const running = start(['audit', '--cloud', site.cloud, ...here.flags]);
    await until(
      async () => (await client.workflow.getHandle(`audit/${site.cloud}`).describe()).status.name === 'RUNNING',
    );
    const second = await audit(site.cloud);
    expect(second.code).toBe(5);
    expect(second.err).toContain(`audit/${site.cloud} is running already`);
    running.interrupt();
    expect(await running.ended).toBe(130);
    open();
    await client.workflow.getHandle(`audit/${site.cloud}`).result();
    expect((await audit(site.cloud, 'last')).code).toBe(0);
  });
});
