import { describe, expect, it } from 'vitest';
import { parseServices, servicesScript, UnreadableServices } from '../../../activities/controllers/survey-script.js';
import { controllerReads, haproxyRead, NODE_NAME_READ, stateRead } from '../../../domain/controller-commands.js';
import { fixture } from '../pacemaker/recorded.js';
import { everything, fakeController, prints } from './fake-controller.js';

const sockets = ['/run/haproxy/admin.sock', '/var/lib/haproxy/stats'];
const names = ['controller-1.domain.tld', 'controller-1'];
const script = servicesScript(sockets, names, 'all');

const answers = `
*'cibadmin -Q -onodes') ${prints('pacemaker-2.1.5/nodes.xml')} ;;
*'crm_node -n') echo controller-1 ;;
*'crmadmin -S controller-1') echo 'Controller on controller-1 in state S_IDLE: ok' ;;
*'--formatter json') ${prints('rabbitmq-3.10/three-running.json')} ;;
*'show stat'*'/run/haproxy/admin.sock') ${prints('haproxy-2.6/all-up.csv')} ;;
*'show stat'*) echo 'socat: No such file or directory' >&2; exit 1 ;;
*quorum_status*) ${prints('ceph/firefly.json')} ;;`;
const mysql = { mysql: prints('galera-26.4/synced.txt') };

/** What a host says to the script, and what its sudo was asked. */
function onHost(arms = answers, more: Parameters<typeof fakeController>[1] = { programs: mysql }) {
  const host = fakeController(arms, more);
  const { stdout, stderr } = host.run(script);
  return { ...parseServices(stdout, sockets), stderr, asked: host.asked() };
}

describe('the script of a survey, run by a real sh', () => {
  it('asks for everything that is installed, once, and has it word for word', () => {
    const { printed, asked, stderr, bootId } = onHost();
    expect(stderr).toBe('');
    expect(bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(asked).toEqual(
      [
        controllerReads.nodes,
        NODE_NAME_READ,
        stateRead('controller-1'),
        ...sockets.map(haproxyRead),
        controllerReads.rabbitmq,
        controllerReads['ceph-mon'],
      ].map((argv) => argv.join(' ')),
    );
    const whole = (name: string) => ({ stdout: fixture(name), stderr: '', exitCode: 0 });
    expect(Object.fromEntries(printed)).toEqual({
      nodes: whole('pacemaker-2.1.5/nodes.xml'),
      fsa: { stdout: 'Controller on controller-1 in state S_IDLE: ok\n', stderr: '', exitCode: 0 },
      galera: whole('galera-26.4/synced.txt'),
      rabbitmq: whole('rabbitmq-3.10/three-running.json'),
      'haproxy /run/haproxy/admin.sock': whole('haproxy-2.6/all-up.csv'),
      'haproxy /var/lib/haproxy/stats': { stdout: '', stderr: 'socat: No such file or directory', exitCode: 1 },
      'ceph-mon': whole('ceph/firefly.json'),
    });
  });

  it.each([
    ['/usr/sbin/cibadmin', ['nodes', 'fsa']],
    ['/usr/sbin/mysqld', ['galera']],
    ['/usr/sbin/rabbitmqctl', ['rabbitmq']],
    ['/usr/sbin/haproxy', sockets.map((socket) => `haproxy ${socket}`)],
    ['/usr/bin/ceph-mon', ['ceph-mon']],
  ])('has nothing of what is not installed: %s', (path, missing) => {
    const all = onHost();
    const { printed, asked } = onHost(answers, {
      programs: mysql,
      installed: everything.filter((one) => one !== path),
    });
    expect([...all.printed.keys()].filter((name) => !printed.has(name))).toEqual(missing);
    expect(asked.length).toBeLessThanOrEqual(all.asked.length);
  });

  it.each(['/usr/sbin/mariadbd', '/usr/libexec/mysqld'])('finds the database as %s, too', (path) => {
    expect([...onHost(answers, { programs: mysql, installed: [path] }).printed.keys()]).toEqual(['galera']);
  });

  it.each([
    ['pacemaker', ['nodes', 'fsa']],
    ['haproxy', ['nodes', 'fsa', ...sockets.map((socket) => `haproxy ${socket}`)]],
  ] as const)('that is to look at %s asks for no more', (depth, asked) => {
    const { stdout } = fakeController(answers, { programs: mysql }).run(servicesScript(sockets, names, depth));
    expect([...parseServices(stdout, sockets).printed.keys()]).toEqual(asked);
  });

  it('asks nothing on a host that has nothing, and still says which boot it is in', () => {
    const { printed, asked, bootId } = onHost(answers, { installed: [] });
    expect([...printed.keys()]).toEqual([]);
    expect(asked).toEqual([]);
    expect(bootId).not.toBe('');
  });

  it('ends a command that hangs, and goes on with the others', () => {
    const { printed } = onHost(answers.replace(/\*quorum_status.*;;/, '*quorum_status*) exec sleep 100 ;;'));
    expect(printed.get('ceph-mon')).toEqual({ stdout: '', stderr: '', exitCode: 124 });
    const hung = onHost(answers.replace(/\*'--formatter.*;;/, `*'--formatter json') exec sleep 100 ;;`));
    expect(hung.printed.get('rabbitmq')?.exitCode).toBe(124);
    expect(hung.printed.get('ceph-mon')?.exitCode).toBe(0);
  });

  it('kills one that will not be ended', () => {
    const { printed } = onHost(
      answers.replace(/\*quorum_status.*;;/, "*quorum_status*) trap '' TERM; while :; do sleep 1; done ;;"),
    );
    expect(printed.get('ceph-mon')).toMatchObject({ stdout: '', exitCode: 137 });
  });

  it('keeps what a command complains of apart from what it prints', () => {
    const { printed } = onHost(
      answers.replace(/\*quorum_status.*;;/, `*quorum_status*) echo 'a warning' >&2; echo '{"a":1}'; echo more >&2 ;;`),
    );
    expect(printed.get('ceph-mon')).toEqual({ stdout: '{"a":1}\n', stderr: 'a warning\nmore', exitCode: 0 });
  });

  it('tells of a long complaint its beginning, without colours and secrets', () => {
    const paused = answers.replace(
      /\*'--formatter.*;;/,
      `*cluster_status*) ${prints('rabbitmq-3.10/paused.txt')} >&2; echo 'password=hunter2 ${'x'.repeat(400)}' >&2; exit 64 ;;`,
    );
    const { stderr, exitCode } = onHost(paused).printed.get('rabbitmq') ?? {};
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(/^Error: this command requires the 'rabbit' app to be running on the target node/);
    expect(stderr).not.toContain('\u001b');
    expect(stderr).not.toContain('hunter2');
    expect(stderr?.length).toBeLessThanOrEqual(300);
  });

  it('asks an old rabbitmqctl again, in its own words', () => {
    const old = answers.replace(
      /\*'--formatter.*;;/,
      `*'--formatter json') ${prints('rabbitmq-3.3/no-formatter.txt')} >&2; exit 1 ;;
*'rabbitmqctl cluster_status') ${prints('rabbitmq-3.3/healthy.txt')} ;;`,
    );
    const { printed, asked } = onHost(old);
    expect(printed.get('rabbitmq')).toEqual({ stdout: fixture('rabbitmq-3.3/healthy.txt'), stderr: '', exitCode: 0 });
    expect(asked).toContain(controllerReads['old-rabbitmq'].join(' '));
  });

  it('does not ask for the state of Pacemaker where it has another name than those that sudo permits', () => {
    const { printed, asked } = onHost(answers.replace('echo controller-1 ;;', 'echo elsewhere ;;'));
    expect(printed.has('fsa')).toBe(false);
    expect(asked.filter((line) => line.includes('crmadmin'))).toEqual([]);
  });

  it('says what sudo says where it permits nothing', () => {
    const { printed } = onHost('');
    const refused = { stdout: '', stderr: 'sudo: a password is required', exitCode: 1 };
    expect(printed.get('nodes')).toEqual(refused);
    expect(printed.get('rabbitmq')).toEqual(refused);
    expect(printed.has('fsa')).toBe(false);
  });

  it('runs nothing but what the sudo rules have', () => {
    expect(new Set(script.match(/'\/[^' ]+'/g)).size).toBeGreaterThan(5);
    const programs = new Set([...script.matchAll(/sudo -n '([^']+)'/g)].map(([, program]) => program));
    expect([...programs]).toEqual(['/usr/bin/timeout']);
  });
});

describe('an answer', () => {
  const whole = fakeController(answers, { programs: mysql }).run(script).stdout;

  it.each([
    ['is empty', ''],
    ['lacks its end', whole.slice(0, -30)],
    ['breaks off in the middle', whole.slice(0, 2_000)],
    ['does not say in which boot', whole.replace(/^boot .*$/m, 'boot ')],
    ['is a refusal', 'This account is currently not available.\n'],
  ])('that %s is refused', (_what, stdout) => {
    expect(() => parseServices(stdout, sockets)).toThrow(UnreadableServices);
  });

  it('after a login shell that greets is read', () => {
    expect(parseServices(`Welcome!\n${whole}\n`, sockets).printed.size).toBe(7);
  });
});
