import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HostSilent } from '../../../activities/hosts.js';
import { inUse, parseProbe, probeScript } from '../../../activities/systemd/probe.js';
import type { UnitFacts } from '../../../domain/intent.js';
import { resolveIntent } from '../../../domain/intent.js';
import { BOOT_ID, recordedProbe, type Version } from './recorded.js';

const INTENT = '0000000000000000';
const UNIT = { 252: 'nova-compute.service', 219: 'openstack-nova-compute.service' } as const;

const withIntent = (version: Version, name: string) =>
  parseProbe(recordedProbe(version, name), [[UNIT[version]]], { intent: INTENT });
const withoutIntent = (version: Version, name: string) => parseProbe(recordedProbe(version, name), [[UNIT[version]]]);

describe.each([252, 219] as const)('what systemd %i says of a unit', (version) => {
  it('that runs is its fence, its state and no intent', () => {
    const probe = withIntent(version, 'running-without-intent');
    expect(probe).toEqual({
      unit: {
        unit: UNIT[version],
        fence:
          version === 252
            ? {
                bootId: BOOT_ID,
                invocationId: '5948194c9a114bc495d6e0cfc533e5fd',
                startedUs: 2_116_145_670,
                mainPid: 41,
              }
            : { bootId: BOOT_ID, startedUs: 31_000_210, mainPid: 2_451 },
        load: 'loaded',
        active: 'active',
        sub: 'running',
        result: 'success',
        jobQueued: false,
        activeForMs: expect.closeTo(version === 252 ? 883_854.285 : 2_966_989.956, 1),
        ...(version === 252 && { restarts: 0 }),
        failedNeeds: [],
      },
      needs: [],
    });
  });

  it('that is not installed is nothing', () => {
    const stdout = recordedProbe(version, 'not-installed');
    expect(parseProbe(stdout, [['openstack-nova-compute.service']])).toEqual({ needs: [] });
  });

  it('that is being restarted by an intent is still running', () => {
    const before = withIntent(version, 'running-without-intent').unit;
    const now = withIntent(version, 'restarting');
    expect(now.unit).toMatchObject({ active: 'activating', jobQueued: true, activeForMs: 0 });
    expect(now.intent).toEqual({ active: 'active', sub: 'running', exitStatus: 0 });
    expect(resolveIntent(before?.fence as never, now.unit?.fence as never, now.intent)).toEqual({
      kind: 'still-running',
    });
  });

  it('that was restarted by an intent has another fence', () => {
    const before = withIntent(version, 'running-without-intent').unit;
    const now = withIntent(version, 'restarted');
    expect(now.intent).toEqual({ active: 'active', sub: 'exited', exitStatus: 0 });
    expect(resolveIntent(before?.fence as never, now.unit?.fence as never, now.intent)).toEqual({ kind: 'restarted' });
  });

  it('whose start failed is failed, and so is its intent', () => {
    const before = withIntent(version, 'running-without-intent').unit;
    const now = withIntent(version, 'start-failed');
    expect(now.unit).toMatchObject({ active: 'failed', result: 'exit-code', jobQueued: false });
    expect(resolveIntent(before?.fence as never, now.unit?.fence as never, now.intent)).toEqual({
      kind: 'failed',
      exitStatus: 1,
    });
  });

  it('that was stopped is inactive', () => {
    expect(withoutIntent(version, 'stopped').unit).toMatchObject({
      load: 'loaded',
      active: 'inactive',
      activeForMs: 0,
      fence: { mainPid: 0 },
    });
  });

  it('that is masked is masked, and found before one that is not installed', () => {
    expect(withoutIntent(version, 'masked').unit).toMatchObject({ load: 'masked', active: 'inactive' });
    const both = recordedProbe(version, 'not-installed').replace(
      '-- failed units --',
      `\n${recordedProbe(version, 'masked').split('\n').slice(2).join('\n').split('-- failed')[0]}-- failed units --`,
    );
    expect(parseProbe(both, [['other.service', UNIT[version]]]).unit).toMatchObject({ load: 'masked' });
  });
});

describe('what systemd 252 says', () => {
  it('of another hand that restarts the unit is a queued job', () => {
    expect(withoutIntent(252, 'stopping-with-job').unit).toMatchObject({ active: 'deactivating', jobQueued: true });
  });

  it('of a start that waits for libvirtd is a queued job of an inactive unit', () => {
    const { unit, needs } = parseProbe(recordedProbe(252, 'waiting-for-libvirtd'), [
      ['nova-compute.service'],
      ['libvirtd.service'],
    ]);
    expect(unit).toMatchObject({ active: 'inactive', jobQueued: true });
    expect(needs).toMatchObject([{ unit: 'libvirtd.service', active: 'activating', sub: 'start-pre' }]);
  });

  it('of try-restart on a unit that had failed, or is masked, is an intent that did nothing', () => {
    for (const name of ['try-restart-of-failed', 'masked-while-running']) {
      const { unit, intent } = withIntent(252, name);
      expect(intent).toEqual({ active: 'active', sub: 'exited', exitStatus: 0 });
      expect(resolveIntent(unit?.fence as never, unit?.fence as never, intent)).toEqual({ kind: 'stopped-before' });
    }
  });

  it('of failures is their result', () => {
    expect(withoutIntent(252, 'start-limit-hit').unit).toMatchObject({ active: 'failed', result: 'start-limit-hit' });
    expect(withoutIntent(252, 'died').unit).toMatchObject({ active: 'failed', result: 'exit-code' });
  });
});

describe('of several units that are installed for the same thing', () => {
  /** What a host shows of `a.service`, as one file records it, and of `b.service`, as another does. */
  const both = (a: string, b: string, stayWith?: string) => {
    const blocks = [a, b].map((name) => recordedProbe(252, name).split('\n').slice(2).join('\n').split('\n\n')[0]);
    const shown = blocks.map((block) => block?.split('-- failed')[0]?.trim()).join('\n\n');
    const stdout = `${BOOT_ID}\n3000.00 9876.54\n${shown}\n-- failed units --\n`;
    return parseProbe(stdout, [['a.service', 'b.service']], { stayWith }).unit?.unit;
  };

  it.each([
    ['one that runs', 'stopped', 'running-without-intent', 'b.service'],
    ['one that is being restarted', 'stopped', 'restarting', 'b.service'],
    ['one that failed', 'masked', 'start-failed', 'b.service'],
    ['one that runs, though another failed', 'start-failed', 'running-without-intent', 'b.service'],
    ['the first where both run', 'running-without-intent', 'running-without-intent', 'a.service'],
    ['the one that ran where none does', 'not-installed', 'stopped', 'b.service'],
  ])('it is %s', (_what, a, b, expected) => {
    expect(both(a, b)).toBe(expected);
  });

  it('it stays the one that was found, whatever becomes of it, as long as it is there', () => {
    expect(both('running-without-intent', 'stopped', 'b.service')).toBe('b.service');
    expect(both('running-without-intent', 'not-installed', 'b.service')).toBe('a.service');
  });
});

it('is a unit all the same whose file systemd cannot read', () => {
  const stdout = recordedProbe(252, 'running-without-intent').replace('LoadState=loaded', 'LoadState=bad-setting');
  expect(parseProbe(stdout, [['nova-compute.service']], { intent: INTENT }).unit).toMatchObject({
    load: 'bad-setting',
  });
});

describe('what systemd 219 says', () => {
  it('of a unit started too often is start-limit', () => {
    expect(withIntent(219, 'start-limit').unit).toMatchObject({ active: 'failed', result: 'start-limit' });
  });

  it.each([
    ['plainly', 'libvirtd.service loaded failed failed Virtualization daemon'],
    ['with a bullet', '● libvirtd.service loaded failed failed Virtualization daemon'],
    ['with a bullet in ASCII', '* libvirtd.service loaded failed failed Virtualization daemon'],
    ['indented', '  libvirtd.service loaded failed failed Virtualization daemon'],
  ])('of failed units, listed %s, is which of those that it needs', (_how, line) => {
    const stdout = recordedProbe(219, 'needs-libvirtd', 100, ['other.service loaded failed failed Other', line]);
    const { unit, needs } = parseProbe(stdout, [[UNIT[219]], ['libvirtd.service']]);
    expect(unit?.failedNeeds).toEqual(['libvirtd.service']);
    expect(needs).toMatchObject([{ active: 'failed' }]);
  });
});

describe('an answer that is none', () => {
  const whole = recordedProbe(252, 'restarted');
  const parse = (stdout: string) => () => parseProbe(stdout, [['nova-compute.service']], { intent: INTENT });

  it('is refused wherever it was cut before the list of failed units', () => {
    const end = whole.indexOf('-- failed units --\n');
    for (let length = 0; length < end + 18; length += 7) expect(parse(whole.slice(0, length))).toThrow(HostSilent);
    expect(parse(whole)).not.toThrow();
  });

  it('is refused when a login shell says something first', () => {
    expect(parse(`Welcome to compute-1\n${whole}`)).toThrow(HostSilent);
  });

  it('is refused when it is of fewer or of more units', () => {
    expect(() => parseProbe(whole, [['nova-compute.service']])).toThrow(HostSilent);
    expect(() => parseProbe(whole, [['nova-compute.service', 'b.service']], { intent: INTENT })).toThrow(HostSilent);
  });

  it('keeps what it quotes short and free of credentials', () => {
    const shown = (() => {
      try {
        parse(`password=swordfish ${'x'.repeat(1_000)}`)();
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(shown).toContain('password=[redacted]');
    expect(shown?.length).toBeLessThan(300);
  });
});

describe('the recorded answers', () => {
  it.each([252, 219] as const)('of systemd %i ask for the properties that a probe asks for', (version) => {
    const folder = new URL(`../../fixtures/systemd-${version}/`, import.meta.url);
    const asked = new Set(/-p (\S+)/.exec(probeScript([['a.service']]))?.[1]?.split(','));
    for (const name of readdirSync(folder)) {
      const shown = recordedProbe(version, name.replace('.txt', ''));
      const properties = shown.split('\n').flatMap((line) => /^([A-Z]\w+)=/.exec(line)?.[1] ?? []);
      expect(properties.filter((property) => !asked.has(property) && property !== 'UnitFileState')).toEqual([]);
    }
  });
});

describe('of the units that may be a service the one in use', () => {
  const unit = (name: string, active: string, startedUs = 10, load = 'loaded'): UnitFacts => ({
    ...{ unit: name, fence: { bootId: BOOT_ID, startedUs, mainPid: 0 }, load, active, sub: 'x', result: 'success' },
    ...{ jobQueued: false, activeForMs: 0, failedNeeds: [] },
  });
  const own = 'openstack-cinder-api.service';
  const httpd = unit('httpd.service', 'active');

  it.each([
    ['its own, though it is down and the web server beside it is not', unit(own, 'inactive'), own],
    ['its own, that has failed', unit(own, 'failed'), own],
    ['the web server, where its own was never started', unit(own, 'inactive', 0), 'httpd.service'],
    ['the web server, where its own is masked', unit(own, 'inactive', 0, 'masked'), 'httpd.service'],
    ['the web server, where there is no other', unit(own, 'inactive', 0, 'not-found'), 'httpd.service'],
  ])('is %s', (_what, one, used) => {
    expect(inUse([one, httpd], undefined)?.unit).toBe(used);
  });

  it('is the one that it was, as long as that is there', () => {
    expect(inUse([unit(own, 'inactive', 0), httpd], own)?.unit).toBe(own);
    expect(inUse([unit(own, 'inactive', 0, 'not-found'), httpd], own)?.unit).toBe('httpd.service');
  });
});
