import { describe, expect, it } from 'vitest';
import { changeIntentArgv, controllerArgvs, sudoCommands } from '../../domain/commands.js';
import {
  type ControllerChange,
  changeArgv,
  controllerChangesOf,
  controllerReadsOf,
  haproxyRead,
  memberNames,
} from '../../domain/controller-commands.js';
import { controllerNodes } from './controller-samples.js';
import { aNode, anInventory } from './samples.js';

const site = anInventory([...controllerNodes, aNode('compute-1')]);
const intent = '0123456789abcdef';
const socket = '/run/haproxy/admin.sock';

describe('the words of a change', () => {
  it.each<[ControllerChange, string[]]>([
    [{ kind: 'standby', member: 'c2' }, ['/usr/sbin/crm_attribute', '-N', 'c2', '-n', 'standby', '-v', 'on']],
    [{ kind: 'unstandby', member: 'c2' }, ['/usr/sbin/crm_attribute', '-N', 'c2', '-n', 'standby', '-D']],
    [
      { kind: 'mark', member: 'c2', mark: intent },
      ['/usr/sbin/crm_attribute', '-N', 'c2', '-n', 'ostler', '-v', intent],
    ],
    [{ kind: 'unmark', member: 'c2' }, ['/usr/sbin/crm_attribute', '-N', 'c2', '-n', 'ostler', '-D']],
    [{ kind: 'cleanup', member: 'c2' }, ['/usr/sbin/crm_resource', '--cleanup', '-N', 'c2']],
    [
      { kind: 'disable-server', socket, proxy: 'keystone-1', server: 'c2' },
      ['/bin/sh', '-c', `echo "disable server keystone-1/c2" | socat -t5 stdio unix-connect:${socket}`],
    ],
    [
      { kind: 'enable-server', socket, proxy: 'keystone-1', server: 'c2' },
      ['/bin/sh', '-c', `echo "enable server keystone-1/c2" | socat -t5 stdio unix-connect:${socket}`],
    ],
    [{ kind: 'prefer', vip: 'vip', member: 'c2' }, ['/usr/sbin/crm_resource', '--move', '-r', 'vip', '-N', 'c2']],
    [
      { kind: 'unprefer', vip: 'vip', member: 'c2' },
      ['/usr/sbin/cibadmin', '-D', '-oconstraints', '-X<rsc_location id="cli-prefer-vip" node="c2"/>'],
    ],
    [{ kind: 'reboot' }, ['/bin/systemctl', 'reboot']],
    [{ kind: 'void' }, ['/bin/true']],
  ])('%j', (change, argv) => {
    expect(changeArgv(change)).toEqual(argv);
    expect(changeIntentArgv(intent, change)).toEqual([
      ...['/usr/bin/systemd-run', '--unit', `ostler-${intent}`, '--remain-after-exit'],
      ...argv,
    ]);
  });

  it.each(['', '0123', `${intent}0`, intent.toUpperCase(), '0123456789abcde -D', 'on'])('have no mark %j', (mark) => {
    expect(() => changeArgv({ kind: 'mark', member: 'c2', mark })).toThrow(RangeError);
  });

  it.each(['', 'x', `${intent}\n`, '../../../../../ab'])('have no intent %j', (bad) => {
    expect(() => changeIntentArgv(bad, { kind: 'void' })).toThrow(RangeError);
  });
});

describe('the names that a controller may have elsewhere', () => {
  it.each([
    [{ name: 'c2' }, ['c2']],
    [{ name: 'c2.domain.tld' }, ['c2.domain.tld', 'c2']],
    [{ name: 'c2', clusterName: 'node-2' }, ['node-2']],
    // Fuel: Pacemaker has the full name, and HAProxy the short one.
    [{ name: 'c2', clusterName: 'node-2.domain.tld' }, ['node-2.domain.tld', 'node-2']],
  ])('of %j are %j', (node, all) => {
    expect(memberNames(node)).toEqual(all);
  });
});

describe('what a site lets be done', () => {
  it('has every change of every controller, and none of a compute', () => {
    const changes = controllerChangesOf(site);
    const count = (kind: ControllerChange['kind']) => changes.filter((one) => one.kind === kind).length;
    expect(count('standby')).toBe(3);
    expect(count('prefer')).toBe(2 * 3);
    expect(count('unprefer')).toBe(2 * 3);
    expect(count('disable-server')).toBe(1 * 2 * 3);
    expect(count('enable-server')).toBe(1 * 2 * 3);
    expect(JSON.stringify(changes)).not.toContain('compute');
  });

  it('undoes everything that it does', () => {
    const kinds = new Set(controllerChangesOf(site).map(({ kind }) => kind));
    for (const [does, undoes] of [
      ['standby', 'unstandby'],
      ['mark', 'unmark'],
      ['disable-server', 'enable-server'],
      ['prefer', 'unprefer'],
    ] as const) {
      expect([kinds.has(does), kinds.has(undoes)]).toEqual([true, true]);
    }
  });

  it('goes by the names that the site has for its controllers', () => {
    const nodes = [aNode('c1', { roles: ['controller'], clusterName: 'node-1' })];
    const text = controllerArgvs(anInventory(nodes)).flat().join(' ');
    expect(text).toContain('node-1');
    expect(text).not.toMatch(/\bc1\b/);
  });

  it('limits every read, and reads each socket', () => {
    const reads = controllerReadsOf({ ...site, cluster: { ...site.cluster, haproxySockets: [socket, '/b'] } });
    expect(reads.every((argv) => argv[0] === '/usr/bin/timeout')).toBe(true);
    expect(reads).toEqual(expect.arrayContaining([haproxyRead(socket), haproxyRead('/b')]));
  });
});

describe('the sudo rules of a controller', () => {
  const rules = sudoCommands('controller', {}, undefined, site);
  const commands = controllerArgvs(site).map((words) => words.join(' '));

  it('are the reads alone without a site, and for other roles', () => {
    const without = sudoCommands('controller', {});
    expect(without.some((rule) => /standby|disable server|reboot/.test(rule))).toBe(false);
    expect(without.every((rule) => rules.includes(rule))).toBe(true);
    expect(sudoCommands('compute', {}, undefined, site)).toEqual(sudoCommands('compute', {}));
  });

  it('have one line for each command, each once', () => {
    expect(rules).toEqual(
      expect.arrayContaining(commands.map((command) => command.replaceAll('0'.repeat(16), '[0-9a-f]'.repeat(16)))),
    );
    expect(new Set(rules).size).toBe(rules.length);
  });

  it('are literal: sixteen digits vary, and there is no other pattern', () => {
    for (const rule of rules) {
      const rest = rule.replaceAll('[0-9a-f]'.repeat(16), '');
      expect(rest).not.toMatch(/[*?[\]\\!]/);
      expect(rule.startsWith('/')).toBe(true);
    }
  });

  it('have a shell only for what is said to HAProxy, word for word', () => {
    for (const rule of rules.filter((rule) => rule.includes('/bin/sh'))) {
      expect(rule).toMatch(
        /\/bin\/sh -c echo "(?:show stat|(?:dis|en)able server [a-z0-9-]+\/c[123])" \| socat -t5 stdio unix-connect:\/run\/haproxy\/admin\.sock$/,
      );
    }
  });
});
