import { describe, expect, it } from 'vitest';
import { type ChangeDeps, changeUnitOnce } from '../../../activities/services/change-unit.js';
import { type CatalogueEntry, catalogue } from '../../../domain/catalogue.js';
import type { ActResult } from '../../../domain/rollout.js';
import type { UnitReading, UnitVerb } from '../../../domain/unit-change.js';
import { down, ended, ticket, up } from '../../domain/unit-samples.js';

const entry = catalogue.get('glance-api') as CatalogueEntry;

/** Changes a unit of a host whose reads, one after the other, tell this. */
function change(verb: Exclude<UnitVerb, 'start'>, ...reads: UnitReading[]): Promise<ActResult> {
  const left = [...reads];
  const deps = {
    run: () => Promise.reject(new Error('nothing is to be sent')),
    reader: { readOne: async () => ({ unit: left.shift(), bootId: 'boot-1', intent: ended }) },
  } as unknown as ChangeDeps;
  const lease = { owner: 'stop/sim/glance', run: 'run-1', batch: 0 };
  const order = { node: 'controller-1', verb, ticket, intent: '0'.repeat(16), lease, deadlineMs: 1_000 };
  return changeUnitOnce(deps, entry, order, { maybeSent: true, signal: new AbortController().signal });
}

describe('an intent that ends while a host is read', () => {
  it('is judged by a read that began after its end', async () => {
    expect(await change('stop', up, down)).toEqual({ state: 'acted', byUs: true });
    expect(await change('disable', up, { ...up, fileState: 'disabled' })).toEqual({ state: 'acted', byUs: true });
  });

  it('has been undone only where that read says so, too', async () => {
    expect(await change('disable', up, up)).toMatchObject({
      state: 'failed',
      note: { why: expect.stringContaining('enabled since') },
    });
  });
});
