import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditReads } from '../../domain/audit/node-commands.js';
import { monOkToStop, osdOkToStop } from '../../domain/ceph-commands.js';
import { changeIntentArgv, intentArgv } from '../../domain/commands.js';
import { type ControllerChange, controllerReadsOf, haproxyRead } from '../../domain/controller-commands.js';
import { pacemakerReads } from '../../domain/pacemaker-commands.js';
import { renderSudoers } from '../../domain/sudoers.js';
import { aNode, anInventory } from '../domain/samples.js';
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
    ['a unit no more, by stopping it', intentArgv('stop', intent, unit)],
    ['a unit at boot, by enabling it', intentArgv('enable', intent, unit)],
    ['a unit at boot no more, by disabling it', intentArgv('disable', intent, unit)],
    ['nothing, and look at the containers', [...auditReads.docker]],
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
    ['the verb mask', right.map((word) => (word === 'try-restart' ? 'mask' : word))],
    ['the verb kill', right.map((word) => (word === 'try-restart' ? 'kill' : word))],
    ['an enabling that also starts', [...intentArgv('enable', intent, unit).slice(0, -1), '--now', unit]],
    ['another look at the containers', [...auditReads.docker.slice(0, -1), '{{.Command}}']],
    ['a container that is run', ['/usr/bin/docker', 'run', '-v', '/:/host', 'alpine']],
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

describe('the fragment of a host of OSDs of a site', () => {
  const site = anInventory([aNode('storage-1', { roles: ['ceph-osd'] }), aNode('c1', { roles: ['controller'] })]);
  const scope = { kind: 'host', host: 'storage-1' } as const;
  const [set, asks] = [changeIntentArgv(intent, { kind: 'noout', scope }), osdOkToStop('storage-1')];
  const script = asks.at(-1) as string;
  let ceph: PrivateSudo;
  beforeAll(async () => {
    ceph = await privateSudo(renderSudoers({ role: 'ceph-osd', user, site }) as string, user);
  });
  afterAll(() => ceph.close());

  it('is accepted by visudo', async () => {
    expect(await ceph.check()).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['hold the places of its OSDs', set],
    ['let them go', changeIntentArgv(intent, { kind: 'unset-noout', scope })],
    ['do so before Nautilus', changeIntentArgv(intent, { kind: 'noout', scope: { kind: 'cluster' } })],
    ['ask whether it may stop', asks],
    ['ask whether a monitor may', monOkToStop('c1')],
    ['restart its OSDs', intentArgv('try-restart', intent, 'ceph-osd.target')],
  ])('lets the user %s', async (_what, argv) => {
    expect(await ceph.ask(...argv)).toMatchObject({ listed: true, ran: argv });
  });

  it.each([
    ['another host', [...set.slice(0, -1), 'storage-2']],
    ['another flag', set.map((word) => (word === 'noout' ? 'nodown' : word))],
    ['two flags', set.map((word) => (word === 'noout' ? 'noout,nodown' : word))],
    ['a change without an intent', set.slice(4)],
    ['another script', [...asks.slice(0, -1), script.replace('ok-to-stop', 'out')]],
    ['a script that goes on', [...asks.slice(0, -1), `${script}; ceph auth ls`]],
    ['one OSD', intentArgv('try-restart', intent, 'ceph-osd@0.service')],
  ])('refuses %s', async (_what, argv) => {
    expect(await ceph.ask(...argv)).toMatchObject({ listed: false, ran: undefined });
  });
});

describe('the fragment of a controller of a site', () => {
  const socket = '/run/haproxy/admin.sock';
  const mark = 'fedcba9876543210';
  const site = anInventory([
    aNode('controller-1', { roles: ['controller'] }),
    aNode('controller-2.domain.tld', { roles: ['controller'] }),
    aNode('controller-3', { roles: ['controller'], clusterName: 'node-3' }),
    aNode('compute-1'),
  ]);
  const change = (one: ControllerChange): string[] => changeIntentArgv(intent, one);
  const server = { socket, proxy: 'keystone-1', server: 'controller-1' };

  let acts: PrivateSudo;
  beforeAll(async () => {
    acts = await privateSudo(renderSudoers({ role: 'controller', user, site }) as string, user);
  });
  afterAll(() => acts.close());

  it('is accepted by visudo', async () => {
    expect(await acts.check()).toMatchObject({ exitCode: 0 });
  });

  it.each<[ControllerChange]>([
    [{ kind: 'standby', member: 'controller-1' }],
    [{ kind: 'unstandby', member: 'controller-1' }],
    [{ kind: 'standby', member: 'controller-2.domain.tld' }],
    [{ kind: 'standby', member: 'controller-2' }],
    [{ kind: 'standby', member: 'node-3' }],
    [{ kind: 'mark', member: 'controller-1', mark }],
    [{ kind: 'unmark', member: 'controller-1' }],
    [{ kind: 'cleanup', member: 'controller-1' }],
    [{ kind: 'disable-server', ...server }],
    [{ kind: 'enable-server', ...server }],
    [{ kind: 'prefer', vip: 'vip__public', member: 'controller-1' }],
    [{ kind: 'unprefer', vip: 'vip__public', member: 'controller-1' }],
    [{ kind: 'ban', resource: 'clone_p_haproxy', member: 'controller-1' }],
    [{ kind: 'unban', resource: 'clone_p_haproxy', member: 'controller-2.domain.tld' }],
    [{ kind: 'reboot' }],
    [{ kind: 'void' }],
  ])('lets the user make the change %j', async (one) => {
    expect(await acts.ask(...change(one))).toMatchObject({ listed: true, ran: change(one) });
  });

  it.each(controllerReadsOf(site).map((argv) => [argv.slice(4).join(' '), argv] as const))(
    'lets the user read %s',
    async (_what, argv) => {
      expect(await acts.ask(...argv)).toMatchObject({ listed: true, ran: argv });
    },
  );

  const standby = change({ kind: 'standby', member: 'controller-1' });
  const drain = change({ kind: 'disable-server', ...server });
  const marking = change({ kind: 'mark', member: 'controller-1', mark });
  const unprefer = change({ kind: 'unprefer', vip: 'vip__public', member: 'controller-1' });
  const haproxy = { resource: 'clone_p_haproxy', member: 'controller-1' };
  const ban = change({ kind: 'ban', ...haproxy });
  const unban = change({ kind: 'unban', ...haproxy });
  const stat = haproxyRead(socket);
  /** The same words, with one text in the place of another. */
  const but = (argv: readonly string[], from: string, to: string): string[] =>
    argv.map((word) => word.replace(from, to));

  it.each<[string, string[]]>([
    ['another node', but(standby, 'controller-1', 'controller-9')],
    ['a compute', but(standby, 'controller-1', 'compute-1')],
    ["the inventory's name where the cluster has another", but(standby, 'controller-1', 'controller-3')],
    ['another attribute', but(standby, 'standby', 'maintenance')],
    ['another value', but(standby, 'on', 'off')],
    ['a standby of every node', standby.filter((word) => word !== '-N' && word !== 'controller-1')],
    ['a standby with an option more', [...standby, '--quiet']],
    ['a standby under no intent', standby.slice(4)],
    ['another backend', but(drain, 'keystone-1', 'glance-api')],
    ['another server', but(drain, 'controller-1', 'controller-9')],
    ['another command of HAProxy', but(drain, 'disable server', 'shutdown sessions server')],
    ['a second command of HAProxy', but(drain, 'controller-1"', 'controller-1; show info"')],
    ['another socket', but(drain, socket, '/tmp/my.sock')],
    ['a file in the place of the socket', but(drain, `unix-connect:${socket}`, 'open:/etc/shadow')],
    ['a command after that to HAProxy', drain.map((word) => (word.includes('socat') ? `${word}; id` : word))],
    ['a shell with another script', [...drain.slice(0, -1), 'id']],
    ['a shell with a script from stdin', drain.slice(0, -2)],
    ['a read of HAProxy that writes', but(stat, 'show stat', 'disable server keystone-1/controller-1')],
    ['a read of HAProxy without its limit', stat.slice(4)],
    ['a mark of 17 digits', but(marking, mark, `${mark}0`)],
    ['a mark of 15 digits', but(marking, mark, mark.slice(1))],
    ['a mark in capitals', but(marking, mark, mark.toUpperCase())],
    ['a mark that is a word', but(marking, mark, 'on')],
    ['a mark with a blank in it', but(marking, mark, `${mark.slice(0, 7)} ${mark.slice(8)}`)],
    ['a mark with an option', [...marking.slice(0, -1), '-D']],
    ['a constraint of our own kind for another resource', but(unprefer, 'vip__public', 'p_mysql')],
    ['another constraint', but(unprefer, 'cli-prefer-vip__public', 'vip__public-on-controller-1')],
    ['the constraint of another node', but(unprefer, 'controller-1', 'controller-9')],
    ['the constraint of any node', but(unprefer, ' node="controller-1"', '')],
    ['every constraint', but(unprefer, ' id="cli-prefer-vip__public"', '')],
    ['the resource itself', but(unprefer, '-oconstraints', '-oresources')],
    ['a deletion of all that match', unprefer.map((word) => (word === '-D' ? '-d' : word))],
    [
      'another address',
      but(change({ kind: 'prefer', vip: 'vip__public', member: 'controller-1' }), 'vip__public', 'p'),
    ],
    ['a ban', but(change({ kind: 'prefer', vip: 'vip__public', member: 'controller-1' }), '--move', '--ban')],
    ['a ban of another resource', but(ban, 'clone_p_haproxy', 'clone_p_other')],
    ['a ban of another node', but(ban, 'controller-1', 'controller-9')],
    ['a ban of whatever node has it', ban.slice(0, -2)],
    ['a restart in the place of a ban', but(ban, '--ban', '--restart')],
    ['the ban of another resource taken away', but(unban, 'clone_p_haproxy', 'clone_p_other')],
    ['a poweroff', but(change({ kind: 'reboot' }), 'reboot', 'poweroff')],
    ['a reboot by force', [...change({ kind: 'reboot' }), '--force']],
    ['a cleanup of everybody', change({ kind: 'cleanup', member: 'controller-1' }).slice(0, -2)],
    [
      'a simulation that injects',
      ['/usr/bin/timeout', '-k', '2', '10', '/usr/sbin/crm_simulate', '-L', '-R', '-u', 'a'],
    ],
    [
      'another parameter of an address',
      ['/usr/bin/timeout', '-k', '2', '10', '/usr/sbin/crm_resource', '-r', 'p_mysql', '-g', 'password'],
    ],
    ['another command of RabbitMQ', ['/usr/bin/timeout', '-k', '2', '20', '/usr/sbin/rabbitmqctl', 'stop']],
    [
      'another command of Ceph',
      ['/usr/bin/timeout', '-k', '2', '25', '/usr/bin/ceph', '--connect-timeout', '20', 'osd', 'tree'],
    ],
  ])('refuses %s', async (_what, argv) => {
    const answer = await acts.ask(...argv);
    expect(answer).toMatchObject({ listed: false, ran: undefined });
  });

  // sudo compares words joined by blanks, so these are permitted: what they come to must do no harm.
  describe('a script that is split into several words', () => {
    const [script = ''] = drain.slice(-1);
    const places = [...script.matchAll(/ /g)].map(({ index }) => index);

    it('cannot be told from the whole one', async () => {
      const split = [...drain.slice(0, -1), 'echo', script.slice('echo '.length)];
      expect(await acts.ask(...split)).toMatchObject({ listed: true, ran: split });
    });

    it.each(places.map((place) => [script.slice(0, place), script.slice(place + 1)]))(
      'runs "%s" alone, which says nothing to HAProxy',
      async (first, rest) => {
        const folder = await mkdtemp(join(tmpdir(), 'ostler-split-'));
        await writeFile(join(folder, 'socat'), '#!/bin/sh\necho "socat $*"\n', { mode: 0o755 });
        const { stdout } = spawnSync('/bin/sh', ['-c', first, rest], {
          env: { PATH: `${folder}:/usr/bin:/bin` },
          encoding: 'utf8',
        });
        await rm(folder, { recursive: true });
        expect([
          '',
          '\n',
          'disable server keystone-1/controller-1\n',
          'socat \n',
          'socat -t5\n',
          'socat -t5 stdio\n',
        ]).toContain(stdout);
      },
    );
  });
});
