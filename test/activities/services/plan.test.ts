import { describe, expect, it } from 'vitest';
import { ServiceSite } from './site.js';

describe('the plan of a change of services', () => {
  it('leaves out what is as wanted already, and what is masked', async () => {
    const site = await ServiceSite.start({ computes: 4 });
    await site.host('compute-2').stopUnit('nova-compute');
    site.host('compute-3').mask(true, 'nova-compute');
    const plan = await site.plan('stop', 'nova-compute', { maxUnavailable: 4 });
    expect(plan).toMatchObject({
      nodes: ['compute-1', 'compute-4'],
      excluded: { already: ['compute-2'], masked: ['compute-3'] },
      units: { steps: ['nova-compute on 2 hosts'] },
    });
  });

  it('refuses a stop of more hosts than may be down, and says what would permit it', async () => {
    const site = await ServiceSite.start({ computes: 3 });
    await expect(site.plan('stop', 'nova-compute')).rejects.toMatchObject({
      type: 'PlanRefused',
      message: expect.stringMatching(/3 of 3 compute hosts.*at most 1 may be.*--max-unavailable 3/),
    });
    expect((await site.plan('stop', 'nova-compute', { selection: 'compute-2' })).nodes).toEqual(['compute-2']);
  });

  it('counts the hosts that are short of it already', async () => {
    const site = await ServiceSite.start({ computes: 3 });
    site.host('compute-1').crash('nova-compute');
    await expect(site.plan('stop', 'nova-compute', { selection: 'compute-2' })).rejects.toMatchObject({
      message: expect.stringContaining('down on 2 of 3'),
    });
  });

  it('starts what is disabled only by its name', async () => {
    const site = await ServiceSite.start();
    site.host().enable(false, 'nova-compute');
    await site.host().stopUnit('nova-compute');
    await expect(site.plan('start', 'nova')).rejects.toMatchObject({
      message: expect.stringContaining('`ostler service start nova-compute` means it'),
    });
    expect((await site.plan('start', 'nova-compute')).nodes).toEqual(['compute-1']);
  });

  it('starts what runs on demand only by its name, and stops it with its module', async () => {
    const site = await ServiceSite.start({
      controllers: 1,
      services: ['cinder-volume', 'cinder-backup', 'nova-compute'],
    });
    expect((await site.plan('stop', 'cinder')).units?.steps).toEqual([
      'cinder-backup on controller-1',
      'cinder-volume on controller-1',
    ]);
    for (const service of ['cinder-backup', 'cinder-volume']) await site.host('controller-1').stopUnit(service);
    expect((await site.plan('start', 'cinder')).units).toMatchObject({
      steps: ['cinder-volume on controller-1'],
      leftOut: [expect.stringContaining('cinder-backup runs only while there is work for it')],
    });
    expect((await site.plan('start', 'cinder-backup')).units?.steps).toEqual(['cinder-backup on controller-1']);
  });

  it('says what else lives in the same web server, and counts it once', async () => {
    const site = await ServiceSite.start({
      controllers: 1,
      distribution: 'rdo',
      services: ['horizon', 'nova-compute'],
    });
    expect((await site.plan('stop', 'horizon')).units?.steps).toEqual([
      expect.stringMatching(/^horizon on controller-1 \(httpd\.service; with it keystone, cinder-api, /),
    ]);
  });

  it('refuses what Ostler never touches, with the reason', async () => {
    const site = await ServiceSite.start({ controllers: 1, services: ['neutron-ovs-cleanup', 'nova-compute'] });
    await expect(site.plan('stop', 'neutron-ovs-cleanup')).rejects.toMatchObject({
      type: 'PlanRefused',
      message: expect.stringContaining('takes the ports of running guests'),
    });
  });

  it('does not take the majority of Galera away', async () => {
    const site = await ServiceSite.start({ controllers: 3, services: ['mysql', 'nova-compute'] });
    const all = { maxUnavailable: 3 };
    await expect(site.plan('stop', 'mysql', { ...all, selection: 'controller-1,controller-2' })).rejects.toMatchObject({
      message: expect.stringContaining('Galera would have 1 of 3'),
    });
    expect((await site.plan('stop', 'mysql', { selection: 'controller-1' })).nodes).toEqual(['controller-1']);
  });

  it('does not start a Galera of which nobody runs', async () => {
    const site = await ServiceSite.start({ controllers: 3, services: ['mysql', 'nova-compute'] });
    for (const one of [1, 2, 3]) await site.host(`controller-${one}`).stopUnit('mysql');
    await expect(site.plan('start', 'mysql')).rejects.toMatchObject({
      message: expect.stringContaining('the one with the newest data has to be started first'),
    });
  });

  it('gates again when a batch is admitted', async () => {
    const site = await ServiceSite.start({ controllers: 3, services: ['mysql', 'nova-compute'] });
    await site.host('controller-2').stopUnit('mysql');
    const hosts = await site.admitted('stop', 'mysql', ['controller-1'], 'controller');
    expect(hosts['controller-1']).toMatchObject({
      state: 'vetoed',
      note: { why: expect.stringContaining('Galera would have 1 of 3') },
    });
  });

  it('looks again at the whole Galera before it starts a member', async () => {
    const site = await ServiceSite.start({ controllers: 3, services: ['mysql', 'nova-compute'] });
    for (const one of [1, 2, 3]) await site.host(`controller-${one}`).stopUnit('mysql');
    const hosts = await site.admitted('start', 'mysql', ['controller-1'], 'controller');
    expect(hosts['controller-1']).toMatchObject({
      state: 'vetoed',
      note: { why: expect.stringContaining('no member of Galera runs') },
    });
    await site.host('controller-2').startUnit('mysql');
    expect(await site.admitted('start', 'mysql', ['controller-1'], 'controller')).toMatchObject({
      'controller-1': { ticket: { units: [{ target: 'mysql' }] } },
    });
  });

  it('says why nothing is known of the hosts where that keeps it from anything', async () => {
    const site = await ServiceSite.start({ computes: 2 });
    for (const node of ['compute-1', 'compute-2']) await site.host(node).powerOff();
    await expect(site.plan('start', 'nova-compute')).rejects.toMatchObject({
      type: 'PlanRefused',
      message: expect.stringMatching(/2 unreachable \(compute-1, compute-2\); nova-compute is not known: /),
    });
  });

  it('has the same hash for the same, and another one when a host is not as it was', async () => {
    const site = await ServiceSite.start({ computes: 4 });
    const more = { maxUnavailable: 4 };
    const { hash } = await site.plan('stop', 'nova-compute', more);
    expect((await site.plan('stop', 'nova-compute', more)).hash).toBe(hash);
    await site.host('compute-4').stopUnit('nova-compute');
    expect((await site.plan('stop', 'nova-compute', more)).hash).not.toBe(hash);
  });

  it('asks which hosts are meant where a module has some of several roles', async () => {
    const site = await ServiceSite.start({ controllers: 1, services: ['nova-api', 'nova-compute'] });
    await expect(site.plan('stop', 'nova')).rejects.toMatchObject({
      type: 'InvalidRequest',
      message: expect.stringContaining('--on role=controller'),
    });
    expect((await site.plan('stop', 'nova', { role: 'compute' })).role).toBe('compute');
  });
});
