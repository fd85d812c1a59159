import { describe, expect, it } from 'vitest';
import type { IntentFacts } from '../../domain/intent.js';
import { resourceOn } from '../../domain/pacemaker-resources.js';
import { type ResourceVerb, resolveResource } from '../../domain/resource-change.js';
import { aBan, aCloud, cloneOf, dhcpAgent } from './resource-samples.js';
import { ended } from './unit-samples.js';

const ban = aBan('clone_p_haproxy', 'c3');
const running: IntentFacts = { active: 'active', sub: 'running', exitStatus: 0 };
const failed: IntentFacts = { active: 'failed', sub: 'failed', exitStatus: 1 };

/** What a change of HAProxy on c3 came to, where it is there or not, and banned or not. */
function resolved(
  verb: ResourceVerb,
  { here, banned }: { here: boolean; banned: boolean },
  intent?: IntentFacts,
  bootId = 'boot-1',
): string {
  const view = aCloud({
    resources: cloneOf('haproxy', here ? ['c1', 'c2', 'c3'] : ['c1', 'c2']),
    constraints: banned ? [ban] : [],
  });
  const seen = resourceOn(view, 'clone_p_haproxy', 'c3');
  const verdict = resolveResource(verb, { bootId: 'boot-1' }, seen, { bootId, ...(intent && { intent }) });
  return verdict.kind === 'reached' ? `reached by ${verdict.byUs ? 'us' : 'others'}` : verdict.kind;
}

describe('what became of a stop of a resource on a controller', () => {
  it.each([
    ['the ban is there and it is gone, by our command', { here: false, banned: true }, ended, 'reached by us'],
    [
      'the ban is there and it is gone, and nothing of ours was sent',
      { here: false, banned: true },
      undefined,
      'reached by others',
    ],
    ['the ban is there, and it is still there, too', { here: true, banned: true }, ended, 'under-way'],
    ['the command is at work', { here: true, banned: false }, running, 'still-running'],
    ['the command has failed', { here: true, banned: false }, failed, 'failed'],
    ['the command has ended, and no ban is there', { here: true, banned: false }, ended, 'undone'],
    ['nobody knows the intent', { here: true, banned: false }, undefined, 'never-arrived'],
    [
      'it is gone without a ban, as for a moment while Pacemaker recovers it',
      { here: false, banned: false },
      undefined,
      'never-arrived',
    ],
  ])('is told where %s', (_what, seen, intent, verdict) => {
    expect(resolved('stop', seen, intent)).toBe(verdict);
  });

  it('is nothing where its sender has been rebooted', () => {
    expect(resolved('stop', { here: true, banned: false }, undefined, 'boot-2')).toBe('rebooted');
    expect(resolved('stop', { here: false, banned: true }, undefined, 'boot-2')).toBe('reached by others');
  });
});

describe('what became of a start of a resource on a controller', () => {
  it.each([
    ['the ban is gone and it runs, by our command', { here: true, banned: false }, ended, 'reached by us'],
    ['the ban is gone, and Pacemaker has not started it yet', { here: false, banned: false }, ended, 'under-way'],
    ['the ban is there again', { here: false, banned: true }, ended, 'undone'],
    ['nobody knows the intent', { here: false, banned: true }, undefined, 'never-arrived'],
  ])('is told where %s', (_what, seen, intent, verdict) => {
    expect(resolved('start', seen, intent)).toBe(verdict);
  });

  it('of which there is one, is done when it runs anywhere', () => {
    const view = aCloud({ resources: [dhcpAgent('c1')] });
    const seen = resourceOn(view, 'p_neutron-dhcp-agent', 'c3');
    expect(resolveResource('start', { bootId: 'b' }, seen, { bootId: 'b', intent: ended })).toEqual({
      kind: 'reached',
      byUs: true,
    });
  });
});
