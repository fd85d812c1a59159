import { describe, expect, it } from 'vitest';
import { rebootOnce } from '../../../activities/controllers/reboot.js';
import { recordBefore } from '../../../domain/failover.js';
import { aSurvey } from '../../domain/controller-samples.js';
import { printed } from './fake-site.js';

const { signal } = new AbortController();
const [old, next] = ['11111111-2222-3333-4444-555555555555', '66666666-7777-8888-9999-000000000000'];
const before = { ...recordBefore(aSurvey(), 'c2', [], { known: [] }), bootIds: { c2: old } };
const order = { node: 'c2', before, intent: '0123456789abcdef', deadlineMs: 60_000 };
const taken = 'LoadState=loaded\nSubState=exited\nExecMainStatus=0\nsaid \n';

/** A host whose boot ids are these, one after the other, and that answers a reboot so; counts how often it was asked for one. */
function host(boots: string[], answer = taken) {
  let reboots = 0;
  const run = async (_node: string, script: string) => {
    if (!script.includes('systemctl reboot') && !script.includes("'reboot'"))
      return printed(`${boots.shift() ?? next}\n`);
    reboots++;
    return printed(answer);
  };
  return { run, reboots: () => reboots };
}

describe('a reboot', () => {
  it('is sent once, and proven by another boot id', async () => {
    const { run, reboots } = host([old, old, '', next]);
    expect(await rebootOnce(run, order, signal)).toEqual({ state: 'acted', byUs: true });
    expect(reboots()).toBe(1);
  });

  it('is sent no more to a host that is in another boot already', async () => {
    const { run, reboots } = host([next]);
    expect(await rebootOnce(run, order, signal)).toEqual({ state: 'acted', byUs: true });
    expect(reboots()).toBe(0);
  });

  it('has failed when sudo says no', async () => {
    const { run } = host([old], 'LoadState=not-found\nsaid sudo: a password is required\n');
    expect(await rebootOnce(run, order, signal)).toEqual({
      state: 'failed',
      note: { why: 'it was not rebooted: sudo: a password is required' },
    });
  });

  it('goes on through what a host says while it goes down', async () => {
    const { run } = host([old, next], 'said Running as unit: ostler-0123456789abcdef.service\n');
    expect(await rebootOnce(run, order, signal)).toEqual({ state: 'acted', byUs: true });
  });

  it('is unknown when the host does not come back in time', async () => {
    const { run } = host([old, old, old]);
    expect(await rebootOnce(run, { ...order, deadlineMs: -1 }, signal)).toMatchObject({ state: 'unknown' });
  });
});
