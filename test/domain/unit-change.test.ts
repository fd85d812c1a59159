import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReached, resolveChange } from '../../domain/unit-change.js';
import { down, ended, fence, ticket, up } from './unit-samples.js';

const rebooted = { ...up, fence: { ...fence, bootId: 'boot-2' } };

describe('what a stop came to', () => {
  it.each([
    ['nothing was sent', up, undefined, { kind: 'never-arrived' }],
    ['it is under way', up, { active: 'active', sub: 'running', exitStatus: 0 }, { kind: 'still-running' }],
    ['it was done', down, ended, { kind: 'reached', byUs: true }],
    ['systemctl failed', up, { active: 'failed', sub: 'failed', exitStatus: 1 }, { kind: 'failed', exitStatus: 1 }],
    ['it was started again since', up, ended, { kind: 'undone' }],
    ['somebody else stopped it', down, undefined, { kind: 'reached', byUs: false }],
    ['the host was rebooted', rebooted, undefined, { kind: 'overtaken', isRebooted: true }],
    [
      'somebody restarted it',
      { ...up, fence: { ...fence, mainPid: 200, startedUs: 20 } },
      undefined,
      { kind: 'overtaken', why: 'another hand has restarted it since it was looked at' },
    ],
  ] as const)('is told when %s', (_what, now, intent, verdict) => {
    expect(resolveChange('stop', ticket, now, intent)).toMatchObject(verdict);
  });

  it('means whichever life there is of a unit that systemd starts again and again', () => {
    const now = { ...up, active: 'activating', sub: 'auto-restart', fence: { ...fence, startedUs: 30, mainPid: 0 } };
    expect(resolveChange('stop', { ...ticket, restless: true }, now, undefined)).toEqual({ kind: 'never-arrived' });
  });
});

describe('what a disable came to', () => {
  it.each([
    ['nothing was sent', 'enabled', undefined, { kind: 'never-arrived' }],
    ['it was done', 'disabled', ended, { kind: 'reached', byUs: true }],
    ['somebody enabled it again', 'enabled', ended, { kind: 'undone' }],
    ['somebody else disabled it', 'disabled', undefined, { kind: 'reached', byUs: false }],
    ['somebody masked it', 'masked', undefined, { kind: 'overtaken' }],
  ] as const)('is told when %s', (_what, fileState, intent, verdict) => {
    expect(resolveChange('disable', ticket, { ...up, fileState }, intent)).toMatchObject(verdict);
  });

  it('does not care for a restart of the unit meanwhile', () => {
    const now = { ...up, fence: { ...fence, mainPid: 200 } };
    expect(resolveChange('disable', ticket, now, undefined)).toEqual({ kind: 'never-arrived' });
  });
});

it('sends nothing for a second time under any circumstances that show the first', () => {
  const verb = fc.constantFrom('stop' as const, 'enable' as const, 'disable' as const);
  const reading = fc.record({
    active: fc.constantFrom('active', 'inactive', 'failed', 'activating', 'deactivating', 'reloading'),
    fileState: fc.constantFrom('enabled', 'disabled', 'static', 'masked', ''),
    pid: fc.constantFrom(0, 100, 200),
    boot: fc.constantFrom('boot-1', 'boot-2'),
  });
  const intent = fc.option(
    fc.record({
      active: fc.constantFrom('active', 'failed'),
      sub: fc.constantFrom('running', 'exited'),
      exitStatus: fc.nat(3),
    }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(verb, reading, intent, (asked, { active, fileState, pid, boot }, ours) => {
      const now = { ...up, active, fileState, fence: { ...fence, mainPid: pid, bootId: boot } };
      const { kind } = resolveChange(asked, ticket, now, ours);
      if (kind === 'never-arrived') expect([ours, boot, isReached(asked, now)]).toEqual([undefined, 'boot-1', false]);
      if (kind === 'reached') expect(isReached(asked, now)).toBe(true);
    }),
  );
});
