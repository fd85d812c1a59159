import { beforeAll, describe, expect, it } from 'vitest';
import type { ControllerAnswer } from '../../domain/cluster.js';
import { siteQueue } from '../../workflows/messages/names.js';
import { aClone, allSee, aView, aVip, names, silence, stopped, withNode } from '../domain/cluster-samples.js';
import { startWorker } from '../setup/temporal.js';
import { FakeSite } from '../workflows/fake-site.js';
import { ostler } from './fixtures/operator.js';
import { polled, type Space, space, until } from './fixtures/space.js';

let here: Space;
beforeAll(async () => {
  here = await space({ setUp: true });
});

/** A worker of Ostler's own workflows, beside a site whose controllers answer this. */
async function cloudWhere(answers: ControllerAnswer[], refusal?: string): Promise<string> {
  const site = new FakeSite({ hosts: [], answers, ...(refusal && { refusal }) });
  const { server: on, namespace, client } = here;
  const taskQueue = siteQueue(site.cloud);
  await startWorker({ on, namespace, taskQueue, activities: site.activities() });
  await polled(client, taskQueue, 2);
  return site.cloud;
}

const status = (cloud: string, ...flags: string[]) =>
  ostler(['cluster', 'status', '--cloud', cloud, ...flags, ...here.flags]);

it('leaves with 6 when no worker polls, naming the queue', async () => {
  const { code, err } = await status('nowhere');
  expect(code).toBe(6);
  expect(err).toMatch(/no worker polls ostler,[\s\S]*ostler worker/);
});

describe('with a worker', () => {
  beforeAll(async () => void (await here.ostlerWorker()));

  it('leaves with 6 when nobody looks after that cloud', async () => {
    const { code, err } = await status('nowhere');
    expect(code).toBe(6);
    expect(err).toContain('no worker polls ostler-nowhere');
  });

  it('leaves with 0 for a healthy cluster, and draws it', async () => {
    const cloud = await cloudWhere(allSee(aView()));
    const { code, out, err } = await status(cloud);
    expect(code, err).toBe(0);
    expect(out).toBe(`quorum      yes
decides     c1
properties  no-quorum-policy=stop
as seen by  c1

    NODE  STATE   RUNS  SAYS
ok  c1    online  2     quorum
ok  c2    online  1     quorum
ok  c3    online  1     quorum

    RESOURCE  STATE      ON          AGENT
ok  vip       Started    c1          ocf:heartbeat:IPaddr2
ok  clone_p   3 Started  c1, c2, c3  ocf:pacemaker:Dummy

${cloud}: the cluster is healthy, as c1, c2, c3 see it
`);
  });

  it('leaves with 3 for warnings, each with what was seen and what to do', async () => {
    const cloud = await cloudWhere(allSee(withNode('c3', { standby: true })));
    const { code, out } = await status(cloud);
    expect(code).toBe(3);
    expect(out).toMatch(
      /^warn {2}c3 is in standby\n {2}Pacemaker has c3 as online, standby\n {2}→ .*`pcs node unstandby c3`/,
    );
    expect(out).toMatch(/warn {2}c3 +online, standby +1 +quorum\nok/);
    expect(out).toContain(`${cloud}: 1 warning`);
  });

  it('leaves with 4 for errors, trouble first', async () => {
    const resources = [aVip({ role: 'Stopped', nodes: [], disabled: true }), ...aClone(['c1', 'c2']), stopped()];
    const view = withNode('c3', { online: false }, { resources });
    const cloud = await cloudWhere([...allSee(view).slice(0, 2), silence('c3')]);
    const { code, out } = await status(cloud);
    expect(code).toBe(4);
    expect(out).toMatch(/^error {2}c3 is offline\n {2}Pacemaker has c3 as OFFLINE; c3 did not answer\n/);
    expect(out).toMatch(/NODE +STATE +RUNS +SAYS\nerror {2}c3 +offline +0 +no answer\nok/);
    expect(out).toMatch(
      /AGENT\nerror {2}vip +Stopped, disabled +- +ocf:heartbeat:IPaddr2\nok {5}clone_p +2 Started, 1 Stopped/,
    );
    expect(out).toContain(`${cloud}: 2 errors`);
  });

  it('says who sees what not all of them see', async () => {
    const [c1, c2, c3] = [aView(), aView(), aView({ quorum: false })].map((view, index) => ({
      controller: names[index] as string,
      state: 'read' as const,
      view,
    })) as [ControllerAnswer, ControllerAnswer, ControllerAnswer];
    const { out } = await status(await cloudWhere([c1, c2, c3]));
    expect(out).toContain('the cluster has lost its quorum, says c3');
    expect(out).toMatch(/ok +c3 +online +1 +no quorum/);
  });

  it('draws no tables when no controller has a view', async () => {
    const cloud = await cloudWhere(names.map((name) => silence(name)));
    const { code, out } = await status(cloud);
    expect(code).toBe(4);
    expect(out).toContain('c2 does not say how it sees the cluster');
    expect(out).not.toContain('NODE');
  });

  it('makes hostile text of hosts harmless', async () => {
    const cloud = await cloudWhere([{ ...silence('c1'), why: 'gone\u001b[2J' } as ControllerAnswer]);
    expect((await status(cloud)).out).toContain('gone\\x1b[2J');
  });

  it('prints one document with --json', async () => {
    const answers = allSee(withNode('c3', { standby: true }));
    const cloud = await cloudWhere(answers);
    const { code, json } = await status(cloud, '--json');
    expect(code).toBe(3);
    expect(json()).toEqual({
      cloud,
      severity: 'warn',
      findings: [expect.objectContaining({ kind: 'standby', severity: 'warn', about: 'c3', seenBy: names })],
      vips: [{ id: 'vip', nodes: ['c1'] }],
      vipsSeenBy: 'c1',
      controllers: answers,
    });
  });

  it('leaves with 2 when the inventory has no controllers', async () => {
    const { code, err } = await status(await cloudWhere([], 'no node of prod has the role controller'));
    expect(code).toBe(2);
    expect(err).toMatch(/no node of prod has the role controller[\s\S]*ostler nodes/);
  });

  it('leaves a history under an id that tells what it was, and is no run', async () => {
    const cloud = await cloudWhere(allSee(aView()));
    await status(cloud);
    await until(async () => {
      const query = `WorkflowType = 'clusterStatus' AND ExecutionStatus = 'Completed'`;
      for await (const { workflowId } of here.client.workflow.list({ query }))
        if (workflowId.startsWith(`cluster-status/${cloud}/`)) return true;
      return false;
    });
    const { code, json } = await ostler(['runs', '--json', '--cloud', cloud, ...here.flags]);
    expect(code).toBe(0);
    expect(json().runs).toEqual([]);
  });
});
