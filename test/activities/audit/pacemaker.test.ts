import { describe, expect, it } from 'vitest';
import { pacemakerCloudChecks } from '../../../activities/audit/pacemaker.js';
import { prints } from '../controllers/fake-controller.js';
import { clusterSite, type FakeHost, never } from './cluster-site.js';

const member = (status: string, constraints = 'healthy'): FakeHost => ({
  installed: ['/usr/sbin/cibadmin'],
  answers: {
    '"-l "*': 'exit 0',
    '*--output-as=xml*': prints(`pacemaker-2.1.5/${status}.xml`),
    '*-oconstraints*': prints(`pacemaker-2.1.5/${constraints}-constraints.xml`),
    '*-ocrm_config*': "echo '<crm_config/>'",
  },
});
const nothing: FakeHost = { installed: [] };
const find = async (...hosts: FakeHost[]) => {
  const site = clusterSite(Object.fromEntries(hosts.map((host, index) => [`controller-${index + 1}`, host])));
  return { findings: await pacemakerCloudChecks.find(site, ['pacemaker'], {}, never), sent: site.sent };
};

describe('Pacemaker in an audit', () => {
  it('is well by real controllers that are, each asked once', async () => {
    const { findings, sent } = await find(member('healthy'), member('healthy'), member('healthy'));
    expect(findings).toEqual([]);
    expect(sent).toHaveLength(3);
  });

  it('tells what a real cluster shows', async () => {
    const { findings } = await find(member('standby'), member('standby'), member('standby'));
    expect(findings).toMatchObject([{ check: 'pacemaker', about: 'standby', severity: 'warn' }]);
    const moved = await find(member('moved', 'moved'), member('moved', 'moved'), member('moved', 'moved'));
    expect(moved.findings).toMatchObject([{ about: expect.stringMatching(/:cli-constraint$/), severity: 'warn' }]);
  });

  it('says nothing of a controller that is not reached and that the others see', async () => {
    expect((await find(member('healthy'), member('healthy'))).findings).toEqual([]);
  });

  it('does not know of one whose sudo refuses', async () => {
    const { findings } = await find(member('healthy'), member('healthy'), { installed: ['/usr/sbin/cibadmin'] });
    expect(findings).toMatchObject([
      { node: 'controller-3', severity: 'unknown', next: expect.stringContaining('ostler sudoers') },
    ]);
  });

  it('has nothing to say where nobody has it, and is unknown where nobody is reached', async () => {
    expect((await find(nothing, nothing, nothing)).findings).toEqual([]);
    expect((await find()).findings).toMatchObject([{ severity: 'unknown' }]);
  });

  it('expects it everywhere where it is on one', async () => {
    const { findings } = await find(member('healthy'), member('healthy'), nothing);
    expect(findings).toMatchObject([{ node: 'controller-3', about: 'not-installed', severity: 'error' }]);
  });
});
