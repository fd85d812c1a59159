import { describe, expect, it } from 'vitest';
import type { ServiceStatus } from '../../../domain/service-status.js';
import { attempt } from '../systemd/site.js';
import { ServiceSite } from './site.js';

const of = (services: ServiceStatus[], service: string, node = 'compute-1'): ServiceStatus => {
  const found = services.find((one) => one.service === service && one.node === node);
  if (!found) throw new Error(`${service} on ${node} was not read`);
  return found;
};

describe('the status of services', () => {
  it('reads every service of a host in one exec', async () => {
    const site = await ServiceSite.start();
    let execs = 0;
    site.host().beforeExec = () => {
      execs++;
    };
    const services = await site.status('all');
    expect(execs).toBe(1);
    expect(of(services, 'nova-compute')).toMatchObject({
      state: 'healthy',
      severity: 'ok',
      manager: 'systemd',
      name: 'nova-compute.service',
      atBoot: 'enabled',
    });
    expect(of(services, 'ceilometer-compute')).toMatchObject({ state: 'not installed', severity: 'ok' });
    expect(services.some(({ service }) => service === 'glance-api')).toBe(false);
  });

  it('tells what ended by itself from what was stopped by hand', async () => {
    const site = await ServiceSite.start({ computes: 2 });
    site.host('compute-1').endByItself('nova-compute');
    await site.host('compute-2').stopUnit('nova-compute');
    const services = await site.status('nova-compute');
    expect(of(services, 'nova-compute')).toMatchObject({
      state: 'inactive',
      severity: 'error',
      why: 'it ended by itself, with exit 0; nobody stopped it',
    });
    expect(of(services, 'nova-compute', 'compute-2')).toMatchObject({
      state: 'inactive',
      why: 'it was stopped by hand',
    });
  });

  it('tells masked, disabled and failed ones apart', async () => {
    const site = await ServiceSite.start({ computes: 3 });
    site.host('compute-1').mask(true, 'nova-compute');
    await site.host('compute-1').stopUnit('nova-compute');
    site.host('compute-2').enable(false, 'nova-compute');
    site.host('compute-3').crash('nova-compute');
    const services = await site.status('nova-compute');
    expect(of(services, 'nova-compute')).toMatchObject({ state: 'masked', severity: 'warn' });
    expect(of(services, 'nova-compute', 'compute-2')).toMatchObject({ state: 'healthy', severity: 'warn' });
    expect(of(services, 'nova-compute', 'compute-3')).toMatchObject({
      state: 'failed',
      severity: 'error',
      why: 'it ended with exit 1',
    });
  });

  it('calls a host that does not answer unknown, and never well', async () => {
    const site = await ServiceSite.start({ computes: 2 });
    await site.host('compute-2').powerOff();
    const services = await site.status('nova-compute');
    expect(of(services, 'nova-compute')).toMatchObject({ state: 'healthy' });
    expect(of(services, 'nova-compute', 'compute-2')).toMatchObject({ state: 'unknown', severity: 'error' });
  });

  it("goes by Nova's word on a nova-compute that runs and does not report", async () => {
    const row = { host: 'compute-1', status: 'enabled', state: 'down', updatedAt: '', disabledReason: '' } as const;
    const site = await ServiceSite.start({}, { listing: async () => () => ({ row }) });
    expect(of(await site.status('nova'), 'nova-compute')).toMatchObject({
      state: 'unhealthy',
      severity: 'error',
      why: 'it runs, and Nova calls it down: it does not report',
    });
  });

  it('does not call well what Nova cannot be asked about', async () => {
    const site = await ServiceSite.start({}, { listing: () => Promise.reject(new Error('no answer from Keystone')) });
    expect(of(await site.status('nova'), 'nova-compute')).toMatchObject({
      state: 'unknown',
      why: expect.stringContaining('no answer from Keystone'),
    });
  });

  it('tells what Pacemaker runs by the cluster, and not by systemd', async () => {
    const site = await ServiceSite.start({ controllers: 3, cluster: true, services: ['haproxy', 'nova-compute'] });
    const services = await site.status('haproxy');
    expect(of(services, 'haproxy', 'controller-1')).toMatchObject({ manager: 'pacemaker', name: 'clone_p_haproxy' });
  });

  it.each([
    ['another cloud', { cloud: 'other', target: 'nova' }],
    ['what nobody knows', { cloud: 'sim', target: 'nowa' }],
    ['hosts that are not there', { cloud: 'sim', target: 'nova', selection: 'compute-9' }],
  ])('refuses %s', async (_what, request) => {
    const site = await ServiceSite.start();
    await expect(attempt(site.activities.readServices, request)).rejects.toMatchObject({ type: 'InvalidRequest' });
  });
});
