import { beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../domain/plan.js';
import type { ServiceStatus } from '../../domain/service-status.js';
import { siteQueue } from '../../workflows/messages/names.js';
import { startWorker } from '../setup/temporal.js';
import { FakeServices, type FakeServicesOptions } from '../workflows/fake-services.js';
import { ostler } from './fixtures/operator.js';
import { polled, type Space, space } from './fixtures/space.js';

let here: Space;
beforeAll(async () => {
  here = await space({ setUp: true });
  await here.ostlerWorker();
});

/** A worker of Ostler's own workflows, beside a site whose services are like this. */
async function cloudWith(options: Partial<FakeServicesOptions>) {
  const site = new FakeServices({ hosts: ['c1'], ...options });
  const { server: on, namespace, client } = here;
  const taskQueue = siteQueue(site.cloud);
  await startWorker({ on, namespace, taskQueue, activities: site.activities() });
  await polled(client, taskQueue, 2);
  const run = (argv: string[], answer?: boolean) =>
    ostler(['service', ...argv, '--cloud', site.cloud, ...here.flags], answer === undefined ? {} : { yes: answer });
  return { site, cloud: site.cloud, run };
}

const well: ServiceStatus = {
  module: 'nova',
  service: 'nova-compute',
  node: 'c1',
  manager: 'systemd',
  name: 'nova-compute.service',
  state: 'healthy',
  atBoot: 'enabled',
  severity: 'ok',
};

describe('ostler service status', () => {
  it('leaves with 0 when all is well, and draws a table without what is not installed', async () => {
    const absent: ServiceStatus = { ...well, service: 'nova-ssh', state: 'not installed' };
    const { run, cloud } = await cloudWith({ services: [well, absent] });
    const { code, out, err } = await run(['status', 'nova']);
    expect(code, err).toBe(0);
    expect(out).toBe(`    SERVICE       NODE  STATE    AT BOOT  BY       NAME
ok  nova-compute  c1    healthy  enabled  systemd  nova-compute.service

${cloud}: 1 healthy; 1 service not installed where there could be one
`);
  });

  it.each([
    ['warn', 3],
    ['error', 4],
  ] as const)('leaves by the worst: %s is %i, trouble first, with what to do about it', async (severity, exitCode) => {
    const bad: ServiceStatus = {
      ...well,
      node: 'c2',
      state: 'inactive',
      severity,
      why: 'it ended by itself\u001b[2J',
      next: 'journalctl -u nova-compute.service',
    };
    const { run } = await cloudWith({ services: [well, bad] });
    const { code, out } = await run(['status', 'nova']);
    expect(code).toBe(exitCode);
    expect(out).toMatch(
      new RegExp(`^${severity} +nova-compute on c2 is inactive: it ended by itself\\\\x1b\\[2J\n +→ journalctl -u`),
    );
    expect(out.indexOf('c2    inactive')).toBeLessThan(out.indexOf('c1    healthy'));
  });

  it('--json is one document', async () => {
    const { run, cloud } = await cloudWith({ services: [well] });
    const { json } = await run(['status', 'nova', '--json']);
    expect(json()).toEqual({ cloud, target: 'nova', severity: 'ok', services: [well] });
  });

  it('leaves with 2 for what nobody knows, and says what may be meant', async () => {
    const { run } = await cloudWith({});
    const { code, err } = await run(['status', 'glanse']);
    expect(code).toBe(2);
    expect(err).toContain('did you mean glance?');
  });
});

const units: Plan['units'] = { steps: ['nova-compute on c1'], leftOut: ['libvirtd is masked (libvirtd.service)'] };

describe('ostler service start, stop, enable and disable', () => {
  it('show the plan, and start nothing when the answer is no', async () => {
    const { run, site } = await cloudWith({ plan: { units } });
    const { code, err, asked } = await run(['stop', 'nova-compute', '--reason', 'x'], false);
    expect(code).toBe(1);
    expect(asked).toEqual([`Stop nova-compute on 1 host of ${site.cloud}?`]);
    expect(err).toMatch(/^Stop nova-compute on 1 compute host of /m);
    expect(err).toMatch(/^1 +nova-compute on c1$/m);
    expect(err).toMatch(/^left out +libvirtd is masked/m);
    expect(site.changed).toEqual([]);
  });

  it('are agreed to by typing the name where something will run nowhere', async () => {
    const outage = { steps: ['haproxy on 3 hosts'], leftOut: [], outages: ['haproxy'] };
    const { site } = await cloudWith({ plan: { units: outage } });
    const typing = (line: string) =>
      ostler(['service', 'stop', 'haproxy', '--reason', 'x', '--cloud', site.cloud, ...here.flags], { line });
    const no = await typing('yes');
    expect([no.code, no.asked]).toEqual([
      1,
      [`haproxy will run on no controller. Stop haproxy on 1 host of ${site.cloud}? Type haproxy to do it`],
    ]);
    expect(no.err).toMatch(/^outage +haproxy: on no controller afterwards$/m);
    expect(site.changed).toEqual([]);
    expect((await typing('haproxy')).code).toBe(0);
    expect(site.changed).toMatchObject([{ node: 'c1', verb: 'stop' }]);
  });

  it.each(['start', 'stop', 'enable', 'disable'])('%s is carried out and watched to its end', async (verb) => {
    const { run, site } = await cloudWith({ plan: { units } });
    const { code, err, out } = await run([verb, 'nova-compute', '--reason', 'OPS-1', '--yes']);
    expect(code, err).toBe(0);
    expect(out).toContain(`${verb} nova-compute · ${site.cloud}`);
    expect(site.changed).toMatchObject([{ node: 'c1', verb }]);
  });

  it('ask for a reason, and for a terminal or --yes', async () => {
    const { run } = await cloudWith({});
    expect((await run(['stop', 'nova-compute', '--yes'])).err).toContain('a reason is required');
    expect((await run(['stop', 'nova-compute', '--reason', 'x'])).code).toBe(2);
  });

  it('leave with 5 when it is refused, with the reason', async () => {
    const { run } = await cloudWith({ refusals: { mysql: { kind: 'refused', why: 'Galera would have 1 of 3' } } });
    const { code, err } = await run(['stop', 'mysql', '--reason', 'x', '--yes']);
    expect([code, err]).toEqual([5, expect.stringContaining('Galera would have 1 of 3')]);
  });

  it('make a run of each part of all, one after the other', async () => {
    const { run, site, cloud } = await cloudWith({ plan: { units }, parts: ['mysql.controller', 'nova.compute'] });
    const { code, err } = await run(['start', 'all', '--reason', 'OPS-1', '--yes']);
    expect(code, err).toBe(0);
    expect(err).toContain(`Start all of ${cloud}, in 2 runs one after the other`);
    expect(site.changed).toHaveLength(2);
    expect((await ostler(['runs', '--cloud', cloud, ...here.flags])).out).toMatch(/start\/\S+\/nova\.compute@/);
  });
});

describe('ostler service restart', () => {
  it('is the rolling restart of a service of computes', async () => {
    const { run, site } = await cloudWith({});
    const { code, err } = await run(['restart', 'nova-compute', '--reason', 'OPS-1', '--yes']);
    expect(code, err).toBe(0);
    expect(site.acts).toMatchObject([{ node: 'c1', target: 'nova-compute' }]);
  });

  it('asks for the restart of a module of controllers', async () => {
    const { run, site } = await cloudWith({ refusal: 'nothing of glance runs' });
    const { code, err } = await run(['restart', 'glance', '--dry-run']);
    expect([code, err]).toEqual([5, expect.stringContaining('nothing of glance runs')]);
    expect(site.planned).toMatchObject([
      { operation: 'restart', target: 'controllers', controller: { module: 'glance' } },
    ]);
  });

  it('is one run after the other where there are several', async () => {
    const { run, site } = await cloudWith({ plan: { units }, parts: ['libvirtd.compute'] });
    const { code, err } = await run(['restart', 'nova', '--on', 'compute-1', '--reason', 'OPS-1', '--yes']);
    expect(code, err).toBe(0);
    expect(site.acts).toMatchObject([{ node: 'c1', target: 'libvirtd' }]);
    expect(site.planned.at(-1)).toMatchObject({ target: 'libvirtd', role: 'compute', selection: 'compute-1' });
  });

  it('says why it does not restart what must not be', async () => {
    const { run } = await cloudWith({});
    const { code, err } = await run(['restart', 'neutron-ovs-cleanup', '--reason', 'x', '--yes']);
    expect([code, err]).toEqual([2, expect.stringContaining('takes the ports of running guests')]);
  });
});
