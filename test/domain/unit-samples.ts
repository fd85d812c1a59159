import type { IntentFacts } from '../../domain/intent.js';
import type { UnitReading, UnitTicket } from '../../domain/unit-change.js';

export const fence = { bootId: 'boot-1', invocationId: 'a'.repeat(32), startedUs: 10, mainPid: 100 };

/** glance-api, as it runs. */
export const up: UnitReading = {
  ...{ unit: 'glance-api.service', fence, load: 'loaded', active: 'active', sub: 'running', result: 'success' },
  ...{ jobQueued: false, activeForMs: 1_000, failedNeeds: [], fileState: 'enabled', type: 'simple' },
  ...{ mainCode: 0, mainStatus: 0, mainEndedUs: 0, leftActiveUs: 0 },
};

/** The same, when it has been stopped. */
export const down: UnitReading = { ...up, active: 'inactive', sub: 'dead', fence: { ...fence, mainPid: 0 } };

export const ticket: UnitTicket = { target: 'glance-api', fence, failedNeeds: [], fileState: 'enabled' };

/** An intent that was carried out. */
export const ended: IntentFacts = { active: 'active', sub: 'exited', exitStatus: 0 };
