import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probeScript } from '../../../activities/systemd/probe.js';
import { type RestartOrder, refusals, restartScript } from '../../../activities/systemd/restart-script.js';
import { runScript } from './fake-host.js';
import { BOOT_ID } from './recorded.js';

const fence = { bootId: BOOT_ID, invocationId: 'f'.repeat(32), startedUs: 31_000_210, mainPid: 2_451 };
const order: RestartOrder = {
  unit: 'nova-compute.service',
  verb: 'try-restart',
  fence,
  intent: '0123456789abcdef',
  needs: ['libvirtd.service'],
};
const shown = [
  'MainPID=2451',
  'ExecMainStartTimestampMonotonic=31000210',
  'LoadState=loaded',
  'ActiveState=active',
  'Job=',
  `InvocationID=${fence.invocationId}`,
].join('\n');
const host = { bootId: BOOT_ID, shown };
const argv = [
  ...['-n', '/usr/bin/systemd-run', '--unit', 'ostler-0123456789abcdef', '--remain-after-exit'],
  ...['/bin/systemctl', 'try-restart', 'nova-compute.service'],
];

/** What a host shows when one line of it is another. */
const showing = (name: string, line: string): string => shown.replace(new RegExp(`^${name}=.*$`, 'm'), line);

describe('the script of a restart, run by a real sh', () => {
  it('asks sudo for exactly the one command, and ends as sudo does', () => {
    expect(runScript(restartScript(order), host)).toMatchObject({ exitCode: 0, sudo: argv, stderr: '' });
    expect(runScript(restartScript(order), { ...host, sudoExit: 1 })).toMatchObject({ exitCode: 1, sudo: argv });
  });

  it('knows a target, which has no process, by when it became active', () => {
    const target = { ...order, unit: 'ceph-osd.target', fence: { ...fence, mainPid: 0 }, needs: [] };
    const lines = (activeSince: number): string =>
      ['LoadState=loaded', 'ActiveState=active', 'Job=', `InvocationID=${fence.invocationId}`]
        .concat(`ActiveEnterTimestampMonotonic=${activeSince}`)
        .join('\n');
    expect(runScript(restartScript(target), { ...host, shown: lines(31_000_210) })).toMatchObject({ exitCode: 0 });
    const later = runScript(restartScript(target), { ...host, shown: lines(31_000_211) });
    expect(later).toMatchObject({ exitCode: 82 });
    expect(later.sudo).toBeUndefined();
  });

  it.each<[number, string, object]>([
    [80, 'another boot', { bootId: BOOT_ID.replace('0', '1') }],
    [80, 'no boot id', { bootId: '' }],
    [81, 'a unit that was stopped', { shown: showing('ActiveState', 'ActiveState=inactive') }],
    [81, 'a unit that was masked while it runs', { shown: showing('LoadState', 'LoadState=masked') }],
    [81, 'a unit that reloads', { shown: showing('ActiveState', 'ActiveState=reloading') }],
    [81, 'a state that only begins like it', { shown: showing('ActiveState', 'ActiveState=activex') }],
    [81, 'nothing said at all', { shown: '' }],
    [82, 'another main process', { shown: showing('MainPID', 'MainPID=2452') }],
    [82, 'another start', { shown: showing('ExecMainStart.*', 'ExecMainStartTimestampMonotonic=310002100') }],
    [82, 'another invocation', { shown: showing('InvocationID', `InvocationID=${'e'.repeat(32)}`) }],
    [82, 'no invocation where there was one', { shown: showing('InvocationID', 'InvocationID=') }],
    [83, 'a queued job', { shown: showing('Job', 'Job=712') }],
    [84, 'a systemd that does not answer', { shown: 'silent' }],
    [85, 'a needed unit that is down', { needed: 'ActiveState=failed' }],
    [85, 'a needed unit of which nothing is known', { needed: 'silent' }],
  ])('refuses with %i on %s, and sudo is not called', (exitCode, _what, change) => {
    const ran = runScript(restartScript(order), { ...host, ...change });
    expect(ran).toMatchObject({ exitCode, stderr: '' });
    expect(ran.sudo).toBeUndefined();
    expect(refusals[exitCode as keyof typeof refusals]).toBeTypeOf('string');
  });

  it.each([
    ['Job=', showing('Job', 'Job=')],
    ['Job=0', showing('Job', 'Job=0')],
    ['no Job line, as systemd 219', shown.replace('Job=\n', '')],
  ])('takes %s for no job', (_how, text) => {
    expect(runScript(restartScript(order), { ...host, shown: text })).toMatchObject({ exitCode: 0, sudo: argv });
  });

  it('does without InvocationID on a host that has none', () => {
    const { invocationId: _, ...old } = fence;
    const ran = runScript(restartScript({ ...order, fence: old }), {
      bootId: BOOT_ID,
      shown: shown.replace(/\nInvocationID=.*|Job=\n/g, ''),
    });
    expect(ran).toMatchObject({ exitCode: 0, sudo: argv });
  });

  it.each(['failed', 'inactive'])('starts a unit that is %s when a person asked for that, and no other', (state) => {
    const start = restartScript({ ...order, verb: 'start' });
    const down = { ...host, shown: showing('ActiveState', `ActiveState=${state}`) };
    expect(runScript(start, down)).toMatchObject({
      exitCode: 0,
      sudo: argv.map((word) => (word === 'try-restart' ? 'start' : word)),
    });
    expect(runScript(start, host)).toMatchObject({ exitCode: 81 });
  });
});

const hostile = fc.oneof(
  fc.constantFrom(
    'x; reboot',
    '-H.service',
    '--help.service',
    '$(reboot).service',
    '`reboot`.service',
    'a.service b.service',
    'a.service\nb.service',
    "a'b.service",
    'a/b.service',
    '*.service',
    'a?.service',
    'nova-compute',
    'nova-compute.service ',
    'nova-compute.service\n',
    '.service\0',
    '',
  ),
  fc.string({ unit: 'binary' }).filter((text) => !/^[A-Za-z0-9_:.@\\-]*$/.test(text)),
);
const unitName = fc
  .stringMatching(/^[A-Za-z0-9_:.][A-Za-z0-9_:.@\\-]{0,60}$/)
  .map((name) => `${name}.service`)
  .filter((name) => name !== 'libvirtd.service');
const anything = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && !text.includes('\n'));

describe('names', () => {
  it('of units that are none are refused before there is a script', () => {
    fc.assert(
      fc.property(hostile, (unit) => {
        expect(() => restartScript({ ...order, unit })).toThrow(RangeError);
      }),
    );
  });

  it('of intents that are none are refused before there is a script', () => {
    const wrong = fc.oneof(
      fc.constantFrom('0123456789abcde', '0123456789abcdef0', '0123456789ABCDEF', '0123456789abcde\n', ' '),
      fc.string().filter((text) => !/^[0-9a-f]{16}$/.test(text)),
    );
    fc.assert(
      fc.property(wrong, (intent) => {
        expect(() => restartScript({ ...order, intent })).toThrow(RangeError);
      }),
    );
  });

  it('of units reach systemctl and sudo to the letter', () => {
    fc.assert(
      fc.property(unitName, (unit) => {
        const ran = runScript(restartScript({ ...order, unit }), host);
        expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
        expect(ran.sudo).toEqual([...argv.slice(0, -1), unit]);
        expect(ran.systemctl.slice(0, 5).slice(-2)).toEqual(['--', unit]);
      }),
      { numRuns: 40 },
    );
  });

  it('and fences that a host made up are only ever compared', () => {
    fc.assert(
      fc.property(anything, anything, anything, (bootId, invocationId, need) => {
        fc.pre(bootId !== BOOT_ID && invocationId !== '');
        const made = { ...order, needs: [need] };
        expect(runScript(restartScript({ ...made, fence: { ...fence, bootId } }), host).exitCode).toBe(80);
        const ran = runScript(restartScript({ ...made, fence: { ...fence, invocationId: `=${invocationId}` } }), host);
        expect(ran.exitCode).toBe(82);
        expect(ran.sudo).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it('reach the systemctl of a probe to the letter', () => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 4 }), (units) => {
        const ran = runScript(probeScript([units], order.intent), host);
        expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
        const transient = 'ostler-0123456789abcdef.service';
        expect(ran.systemctl.slice(0, 5)).toEqual(['show', '-p', 'SubState', '--', transient]);
        expect(ran.systemctl.slice(8, 10 + units.length)).toEqual(['--', ...units, transient]);
        expect(ran.sudo).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});
