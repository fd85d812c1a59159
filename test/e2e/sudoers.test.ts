import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { intentArgv } from '../../domain/commands.js';
import { pacemakerReads } from '../../domain/pacemaker-commands.js';
import { renderSudoers } from '../../domain/sudoers.js';
import { type PrivateSudo, privateSudo } from './private-sudo.js';

const user = 'ostlertest';
const intent = '0123456789abcdef';
const unit = 'nova-compute.service';
const oddUnit = 'site:nova\\x2dcompute@a.service';

const RUN = '/usr/bin/systemd-run';
const CTL = '/bin/systemctl';
const right = intentArgv('try-restart', intent, unit);
const withIntent = (text: string): string[] => right.map((word) => (word.startsWith('ostler-') ? text : word));

let sudo: PrivateSudo;

beforeAll(async () => {
  const fragment = renderSudoers({ role: 'compute', user, units: { 'nova-compute': [oddUnit] } });
  sudo = await privateSudo(fragment as string, user);
});

afterAll(() => sudo.close());

describe('the sudoers fragment, judged by a real sudo', () => {
  it('is accepted by visudo', async () => {
    expect(await sudo.check()).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['a unit of Debian', right],
    ['a unit of RDO', intentArgv('try-restart', intent, 'openstack-nova-compute.service')],
    ['a unit of Kolla', intentArgv('try-restart', 'ffffffffffffffff', 'kolla-nova_libvirt-container.service')],
    ['a unit of the site, whose name sudoers must have escaped', intentArgv('try-restart', intent, oddUnit)],
    ['a unit that is down, by starting it', intentArgv('start', intent, unit)],
  ])('lets the user restart %s', async (_what, argv) => {
    expect(await sudo.ask(...argv)).toMatchObject({ listed: true, ran: argv });
  });

  const hostile: [what: string, argv: string[]][] = [
    ['an option more', [RUN, '--unit', `ostler-${intent}`, '--remain-after-exit', '--uid=0', CTL, 'try-restart', unit]],
    ['an option more, at the end', [...right, '--no-block']],
    ['an option less', right.filter((word) => word !== '--remain-after-exit')],
    ['a unit that is not in the catalogue', [...right.slice(0, -1), 'ssh.service']],
    ['the same unit with another suffix', [...right.slice(0, -1), 'nova-compute.socket']],
    ['the unit without its suffix', [...right.slice(0, -1), 'nova-compute']],
    ['a second unit', [...right, 'ssh.service']],
    ['a newline and a second unit in the last word', [...right.slice(0, -1), `${unit}\nssh.service`]],
    ['a newline in the intent', withIntent('ostler-01234567\n9abcdef')],
    ['17 digits', withIntent(`ostler-${intent}0`)],
    ['15 digits', withIntent(`ostler-${intent.slice(1)}`)],
    ['upper-case digits', withIntent(`ostler-${intent.toUpperCase()}`)],
    ['a letter that is no digit', withIntent('ostler-0123456789abcdeg')],
    ['no intent at all', withIntent('ostler-')],
    ['a blank inside the intent', withIntent('ostler-01234567 9abcdef')],
    ['a path in the intent', withIntent('ostler-../../../../ab')],
    ['another prefix', withIntent(`system-${intent}`)],
    ['the --unit=NAME form', [RUN, `--unit=ostler-${intent}`, '--remain-after-exit', CTL, 'try-restart', unit]],
    ['the verb restart', right.map((word) => (word === 'try-restart' ? 'restart' : word))],
    ['the verb stop', right.map((word) => (word === 'try-restart' ? 'stop' : word))],
    ['systemctl without systemd-run', [CTL, 'try-restart', unit]],
    ['another program in the place of systemctl', right.map((word) => (word === CTL ? '/bin/sh' : word))],
    ['systemd-run alone', [RUN]],
    ['a shell', ['/bin/sh', '-c', 'true']],
    ['--user of systemd-run', [RUN, '--user', ...right.slice(1)]],
    ['an empty word at the end', [...right, '']],
    ['an empty word in the middle', [...right.slice(0, -1), '', unit]],
    ['another host', [RUN, '--host=other', ...right.slice(1)]],
    ['another user to run as', ['-u', 'daemon', ...right]],
    ['an environment to keep', ['-E', ...right]],
    ['an editor as root', ['-e', '/etc/passwd']],
  ];

  it.each(hostile)('refuses %s', async (_what, argv) => {
    const answer = await sudo.ask(...argv);
    expect(answer.ran).toBeUndefined();
    expect(answer).toMatchObject({ listed: false, stderr: expect.stringContaining('sudo') });
  });

  it('refuses a program of the same name in another folder', async () => {
    expect(await sudo.ask(sudo.lookalike, ...right.slice(1))).toMatchObject({ listed: false, ran: undefined });
  });

  it.each(['/usr/bin/../bin/systemd-run', '../../usr/bin/systemd-run', 'systemd-run'])(
    'has root run the program of the rule and no other when it is called %s',
    async (path) => {
      const { ran } = await sudo.ask(path, ...right.slice(1));
      expect([undefined, right]).toContainEqual(ran);
    },
  );

  // docs/security.md tells what this means and why it is no way to anything else.
  it('cannot tell one word with a blank from two, because sudo compares words joined by blanks', async () => {
    const joined = [RUN, '--unit', `ostler-${intent} --remain-after-exit`, CTL, 'try-restart', unit];
    expect(await sudo.ask(...joined)).toMatchObject({ listed: true, ran: joined });
  });
});

describe('the fragment of a controller', () => {
  let reads: PrivateSudo;
  beforeAll(async () => {
    reads = await privateSudo(renderSudoers({ role: 'controller', user }) as string, user);
  });
  afterAll(() => reads.close());

  it('is accepted by visudo', async () => {
    expect(await reads.check()).toMatchObject({ exitCode: 0 });
  });

  it.each(Object.entries(pacemakerReads))('lets the user read %s', async (_what, argv) => {
    expect(await reads.ask(...argv)).toMatchObject({ listed: true, ran: argv });
  });

  const [xml, constraints] = [[...pacemakerReads.xml], [...pacemakerReads.constraints]];
  it.each([
    ['a file to write the status to', [...xml, '--output-to=/etc/passwd']],
    ['an agent to run for every event', [...xml, '-E', '/tmp/agent']],
    ['another section of the CIB, where passwords are', [...constraints.slice(0, -1), 'resources']],
    ['the whole CIB', constraints.slice(0, -2)],
    ['a change of the CIB', constraints.map((word) => (word === '-Q' ? '-R' : word))],
    ['a read without its limit', xml.slice(4)],
    ['another limit', xml.map((word) => (word === '10' ? '100000' : word))],
    ['another program under the limit', [...xml.slice(0, 4), '/bin/sh', '-c', 'true']],
    ['another command of pcs', [...pacemakerReads.text.slice(0, -1), 'stop']],
    ['a restart', right],
  ])('refuses %s', async (_what, argv) => {
    expect(await reads.ask(...argv)).toMatchObject({ listed: false, ran: undefined });
  });
});
